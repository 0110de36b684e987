"""What Mattermost's autocomplete offers behind `/incident <verb>`; it asks with what was typed so far."""

from aiohttp import web

from incidents.rules import may_list
from plugin.api.answers import ok_list
from plugin.api.context import person_id, services
from plugin.api.errors import BadRequest
from plugin.api.parameters import Text
from plugin.schemas.incidents import SuggestionOut

CHANNEL = Text(name="channel_id", help="The channel that is typed in.")
CHANNEL_OLD = Text(name="channel_ID", help="The same, as Mattermost's autocomplete once wrote it.")
TYPED = Text(name="user_input", help="All that was typed.")


async def suggest_tasks(request: web.Request) -> web.Response:
    """For `check`: place of stage and task."""
    allowed = await services(request).gate.view_channel(person_id(request), _channel(request))
    incident = await services(request).incidents.get(allowed)
    return ok_list(
        [
            SuggestionOut(item=f"{s} {t}", hint=task.title, helptext="Check or uncheck this task")
            for s, stage in enumerate(incident.stages)
            for t, task in enumerate(stage.tasks)
        ]
    )


async def suggest_members(request: web.Request) -> web.Response:
    """For `commander`: people of the channel, with @ or without, as it was begun."""
    allowed = await services(request).gate.edit_channel(person_id(request), _channel(request))
    sign, term = _word(request, "@")
    people = await services(request).chat.members_like(allowed.head.channel_id, term)
    return ok_list([SuggestionOut(item=f"{sign}{name}", hint="", helptext="") for name in people])


async def suggest_channels(request: web.Request) -> web.Response:
    """For `announce`: channels of the team, with ~ or without."""
    allowed = await services(request).gate.edit_channel(person_id(request), _channel(request))
    sign, term = _word(request, "~")
    chat = services(request).chat
    standing = await services(request).access.in_team(person_id(request), allowed.head.team_id)
    channels = await chat.channels_like(person_id(request), allowed.head.team_id, term, with_public=may_list(standing))
    return ok_list([SuggestionOut(item=f"{sign}{c['name']}", hint=c["title"], helptext="") for c in channels])


def _channel(request: web.Request) -> str:
    channel_id = CHANNEL.read(request) or CHANNEL_OLD.read(request)
    if not channel_id:
        raise BadRequest(CHANNEL.name, "must be given")
    return channel_id


def _word(request: web.Request, sign: str) -> tuple[str, str]:
    """The sign that the last word is begun with, or is to be begun with, and the rest of the word."""
    typed = request.query.get(TYPED.name, "").replace("\0", "")
    word = typed.rpartition(" ")[2] if " " in typed else ""
    return ("" if word and not word.startswith(sign) else sign), word.removeprefix(sign).lower()
