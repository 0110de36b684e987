"""`/incident end`: asks for confirmation in a dialog."""

from incidents.errors import AlreadyEnded, IncidentError, IncidentNotFound
from plugin.commands.registry import Call
from plugin.dialogs.end import end_dialog, end_url
from plugin.services import Services

NOT_HERE = "This is not an incident's channel. Go to the channel of the incident, and type it there."


async def end(services: Services, call: Call) -> str:
    """Opens the dialog whose submission ends the channel's incident."""
    try:
        allowed = await services.gate.edit_channel(call.person_id, call.channel_id)
        if not allowed.head.is_active:
            raise AlreadyEnded
    except IncidentNotFound:
        return NOT_HERE
    except IncidentError as refusal:
        return str(refusal)
    await services.chat.open_dialog(call.trigger_id, end_url(allowed.head.id), end_dialog(allowed.head))
    return ""
