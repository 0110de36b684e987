"""`/incident announce ~channel…`: tells other channels of the incident."""

from incidents.gate import EditPass
from incidents.ports import ChatRefused
from incidents.texts import announced
from plugin.commands.here import in_incident
from plugin.commands.registry import Call
from plugin.services import Services

_MOST = 20


@in_incident
async def announce(services: Services, call: Call, allowed: EditPass) -> str:
    """Each channel is tried; the answer names those that could not be told."""
    names = list(dict.fromkeys(word.removeprefix("~").lower() for word in call.words))
    if not names or len(names) > _MOST:
        return f"Name one to {_MOST} channels: `/incident announce ~town-square`."
    people = await services.chat.usernames([allowed.head.commander_id])
    channels = await services.access.channels_of(call.person_id, allowed.head.team_id)
    here = channels.get(allowed.head.channel_id, allowed.head.channel_name)
    message = announced(people.get(allowed.head.commander_id, "somebody"), here)
    untold = []
    for name in names:
        try:
            told = await services.chat.announce(call.person_id, allowed.head.team_id, name, message)
        except ChatRefused:
            told = False
        if not told:
            untold.append(f"`{name[:64].replace('`', '')}`")
    if not untold:
        return f"Told {len(names)} channel{'' if len(names) == 1 else 's'}."
    return f"Could not tell {', '.join(untold)}: there is no such channel, or you may not post in it."
