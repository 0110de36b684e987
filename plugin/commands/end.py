"""`/incident end`: asks for confirmation in a dialog."""

from incidents.errors import AlreadyEnded
from incidents.gate import EditPass
from plugin.commands.here import in_incident
from plugin.commands.registry import Call
from plugin.dialogs.end import end_dialog, end_url
from plugin.services import Services


@in_incident
async def end(services: Services, call: Call, allowed: EditPass) -> str:
    """Opens the dialog whose submission ends the channel's incident."""
    if not allowed.head.is_active:
        raise AlreadyEnded
    await services.chat.open_dialog(call.trigger_id, end_url(allowed.head.id), end_dialog(allowed.head))
    return ""
