"""`/incident check <stage> <task>`: ticks or unticks a task, counted from 0."""

from incidents.gate import EditPass
from incidents.model import TaskState
from plugin.commands.here import in_incident
from plugin.commands.registry import Call
from plugin.services import Services

_USAGE = (
    "Type `/incident check <stage> <task>`, both counted from 0:"
    " `/incident check 0 2` is the third task of the first stage."
)


@in_incident
async def check(services: Services, call: Call, allowed: EditPass) -> str:
    """An open task is closed, any other opened again; the bot's post in the channel is the answer."""
    if len(call.words) != 2 or not all(word.isascii() and word.isdigit() for word in call.words):
        return _USAGE
    stage, task = call.words
    found = await services.incidents.find_task(allowed, stage, task)
    state = TaskState.CLOSED if found.task.state is TaskState.OPEN else TaskState.OPEN
    await services.tasks.set_state(allowed, found.stage_id, found.task.id, state)
    return ""
