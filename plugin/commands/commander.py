"""`/incident commander [@user]`: tells who it is, or hands over."""

from incidents.errors import InvalidIncident
from incidents.gate import EditPass
from plugin.commands.here import in_incident
from plugin.commands.registry import Call
from plugin.services import Services


@in_incident
async def commander(services: Services, call: Call, allowed: EditPass) -> str:
    """The bot's post in the channel is the answer to a change."""
    if not call.words:
        names = await services.chat.usernames([allowed.head.commander_id])
        return f"The commander is @{names.get(allowed.head.commander_id, 'somebody')}."
    if len(call.words) > 1:
        return "One incident has one commander. Type `/incident commander @user`."
    name = call.words[0].removeprefix("@").lower()
    person_id = await services.chat.person_by_name(name)
    if person_id is None:
        return f"There is nobody called `{_shown(name)}`. Type `/incident commander @user`."
    try:
        changed = await services.commander.change(allowed, person_id)
    except InvalidIncident:
        return f"`{_shown(name)}` is not in this channel. Add them first, then type it again."
    return "" if changed else f"@{name} is the commander already."


def _shown(name: str) -> str:
    return name[:64].replace("`", "")
