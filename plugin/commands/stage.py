"""`/incident stage next|prev`: moves the incident along."""

from incidents.gate import EditPass
from incidents.stages import open_tasks
from plugin.commands.here import in_incident
from plugin.commands.registry import Call
from plugin.dialogs.stage import next_stage_dialog, next_stage_url
from plugin.services import Services

_USAGE = "Type `/incident stage next` or `/incident stage prev`."


@in_incident
async def stage(services: Services, call: Call, allowed: EditPass) -> str:
    """Forward it asks when tasks are open; the bot's post in the channel is the answer."""
    direction = call.words[0].lower() if len(call.words) == 1 else ""
    if direction not in ("next", "prev"):
        return _USAGE
    incident = await services.incidents.get(allowed)
    if not incident.stages:
        return "This incident has no stages."
    place = incident.active_stage + (1 if direction == "next" else -1)
    if place < 0:
        return "This is the first stage."
    if place == len(incident.stages):
        return "This is the last stage. Type `/incident end` when the incident is over."
    waiting = open_tasks(incident)
    if direction == "next" and waiting:
        dialog = next_stage_dialog(place, waiting)
        await services.chat.open_dialog(call.trigger_id, next_stage_url(incident.id), dialog)
        return ""
    await services.stages.go_to(allowed, place)
    return ""
