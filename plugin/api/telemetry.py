"""HTTP handlers of what leaves: the page "What we send", the notice's banner, the command line."""

from aiohttp import web

from plugin.api import parse
from plugin.api.answers import ok, ok_list
from plugin.api.context import person_id, services
from plugin.api.parameters import Choice, Whole
from plugin.api.streaming import stream
from plugin.schemas.telemetry import LevelIn, NoticeOut, PreviewOut, SentOut, TelemetryOut
from telemetry.consent import Level

LEVEL = Choice(
    name="level",
    help="The level to look at; default: that which holds, or usage.",
    choices=("", *(level for level in Level if level is not Level.UNDECIDED)),
    default="",
)
AFTER = Whole(name="after", help="Those with a higher number, oldest first; -1: the newest.", default=-1, lowest=-1)
LIMIT = Whole(name="limit", help="At most so many, and at most about 10 MB.", default=10, lowest=1, clamp=1_000)


async def get_telemetry(request: web.Request) -> web.Response:
    return ok(TelemetryOut.model_validate(await services(request).desk.status(person_id(request))))


async def choose_level(request: web.Request) -> web.Response:
    """Permission comes before the body."""
    desk = services(request).desk
    await desk.check(person_id(request))
    asked = await parse.body(request, LevelIn)
    return ok(TelemetryOut.model_validate(await desk.choose(person_id(request), asked.level)))


async def preview_telemetry(request: web.Request) -> web.Response:
    level = LEVEL.read(request)
    shown = await services(request).desk.preview(person_id(request), Level(level) if level else None)
    return ok(PreviewOut.model_validate(shown))


async def list_sent(request: web.Request) -> web.Response:
    after, limit = AFTER.read(request), LIMIT.read(request)
    sent = await services(request).desk.sent(person_id(request), after=after, limit=limit)
    return ok_list([SentOut.model_validate(one) for one in sent])


async def export_telemetry(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await stream(request, response, await services(request).desk.everything(person_id(request)))
    return response


async def reset_installation(request: web.Request) -> web.Response:
    return ok(TelemetryOut.model_validate(await services(request).desk.reset(person_id(request))))


async def get_notice(request: web.Request) -> web.Response:
    return ok(NoticeOut(show=await services(request).desk.wants_notice(person_id(request))))


async def notice_seen(request: web.Request) -> web.Response:
    await services(request).desk.noticed(person_id(request))
    return ok(NoticeOut(show=await services(request).desk.wants_notice(person_id(request))))
