"""The incident of the channel that a command was typed in, or what to tell the person instead."""

from collections.abc import Awaitable, Callable
from functools import wraps

from incidents.errors import IncidentError, IncidentNotFound
from incidents.gate import EditPass
from plugin.commands.registry import Call, Handler
from plugin.services import Services

NOT_HERE = "This is not an incident's channel. Go to the channel of the incident, and type it there."


def in_incident(handler: Callable[[Services, Call, EditPass], Awaitable[str]]) -> Handler:
    """A handler that needs the channel's incident; refusals become what the person is told."""

    @wraps(handler)
    async def guarded(services: Services, call: Call) -> str:
        try:
            allowed = await services.gate.edit_channel(call.person_id, call.channel_id)
        except IncidentNotFound:
            return NOT_HERE
        except IncidentError as refusal:
            return str(refusal)
        try:
            return await handler(services, call, allowed)
        except IncidentError as refusal:
            return str(refusal)

    return guarded
