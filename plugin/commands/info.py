"""`/incident info`: everything about the channel's incident in text, for a phone too."""

from incidents.gate import EditPass
from incidents.model import TaskState
from incidents.texts import plain
from plugin.commands.duration import duration
from plugin.commands.here import in_incident
from plugin.commands.registry import Call
from plugin.services import Services

_MARKS = {TaskState.OPEN: "☐", TaskState.IN_PROGRESS: "◐", TaskState.CLOSED: "☑", TaskState.SKIPPED: "⊘"}
_MAX_TASKS = 100


@in_incident
async def info(services: Services, _call: Call, allowed: EditPass) -> str:
    """Name, state, commander, duration, and the tasks by stage."""
    incident = await services.incidents.get(allowed)
    head = incident.head
    names = await services.chat.usernames([head.commander_id])
    lines = [
        f"#### {plain(head.name)}",
        f"{'Ongoing' if head.is_active else 'Ended'} · {duration(head.lasted(services.now()))}"
        f" · commander @{names.get(head.commander_id, 'somebody')}",
    ]
    shown = 0
    for place, stage in enumerate(incident.stages):
        closed = sum(task.state is TaskState.CLOSED for task in stage.tasks)
        current = " (current)" if place == incident.active_stage and len(incident.stages) > 1 else ""
        lines += ["", f"**{plain(stage.title)}**{current} {closed}/{len(stage.tasks)}"]
        for number, task in enumerate(stage.tasks):
            shown += 1
            if shown <= _MAX_TASKS:
                lines.append(f"- {_MARKS[task.state]} {plain(task.title)} `{place} {number}`")
    if shown > _MAX_TASKS:
        lines.append(f"\nand {shown - _MAX_TASKS} more tasks, in the sidebar.")
    return "\n".join(lines)
