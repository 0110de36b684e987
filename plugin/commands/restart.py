"""`/incident restart`: takes an ended incident up again."""

from incidents.gate import EditPass
from plugin.commands.here import in_incident
from plugin.commands.registry import Call
from plugin.services import Services


@in_incident
async def restart(services: Services, _call: Call, allowed: EditPass) -> str:
    """At once; the bot's post in the channel is the answer."""
    await services.lifecycle.restart(allowed)
    return ""
