"""`/incident export`: where the channel can be had as a file."""

from incidents.gate import EditPass
from plugin.commands.here import in_incident
from plugin.commands.registry import Call
from plugin.manifest import API_ROOT
from plugin.services import Services


@in_incident
async def export(services: Services, _call: Call, allowed: EditPass) -> str:
    """Links, for a file of any size can be had that way, and only by those who may."""
    url = f"{await services.chat.site_url()}{API_ROOT}/incidents/{allowed.head.id}/export"
    return (
        f"This channel as a CSV file: [oldest first]({url}) or [newest first]({url}?order=newest)."
        " It has all messages, without attachments, and is for people in this channel only."
    )
