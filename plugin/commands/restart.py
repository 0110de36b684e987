"""`/incident restart`: takes an ended incident up again."""

from incidents.errors import IncidentError, IncidentNotFound
from plugin.commands.end import NOT_HERE
from plugin.commands.registry import Call
from plugin.services import Services


async def restart(services: Services, call: Call) -> str:
    """At once; the bot's post in the channel is the answer."""
    try:
        await services.lifecycle.restart(await services.gate.edit_channel(call.person_id, call.channel_id))
    except IncidentNotFound:
        return NOT_HERE
    except IncidentError as refusal:
        return str(refusal)
    return ""
