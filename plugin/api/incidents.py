"""HTTP handlers of incidents: who may comes before the body, then one use case, then the answer."""

from aiohttp import web

from incidents.details import DetailChanges
from incidents.ports import IncidentSort, Status
from incidents.queries import ListRequest
from plugin.api import parse
from plugin.api.answers import created, ok, ok_list, plain_list, shown, tagged
from plugin.api.context import person_id, services, subject_id
from plugin.api.parameters import PAGE, PER_PAGE, TEAM_ID, Choice, Text, direction, flag
from plugin.api.passes import editor, viewer
from plugin.manifest import API_ROOT
from plugin.schemas.incidents import (
    CommanderIn,
    CommanderOut,
    IncidentIn,
    IncidentListOut,
    IncidentOut,
    IncidentPatchIn,
    MetadataOut,
    ResolvedTaskOut,
    TimelineEntryOut,
    WatchOut,
)

STATUS = Choice(name="status", help="Which incidents.", choices=list(Status), default=Status.ALL)
COMMANDER = Text(name="commander_user_id", help="Only those of this commander.")
MEMBER = Text(name="member_id", help="Only those whose channel this person is in.")
SEARCH = Text(name="search_term", help="A part of the name, in any letter case, without wildcards.")
SORT = Choice(name="sort", help="What to sort by.", choices=list(IncidentSort), default=IncidentSort.CREATE_AT)
DIRECTION = direction("desc")
CHECKLISTS = flag("checklists", "With stages and tasks, pages of at most 100; without it `checklists` is empty.")
_MAX_WITH_STAGES = 100
LIST = (TEAM_ID, STATUS, COMMANDER, MEMBER, SEARCH, SORT, DIRECTION, PAGE, PER_PAGE, CHECKLISTS)


async def list_incidents(request: web.Request) -> web.Response:
    asked = _list_request(request)
    page = await services(request).incidents.page(person_id(request), asked)
    return ok(IncidentListOut.of(page, number=asked.page, per_page=asked.per_page))


async def list_channels(request: web.Request) -> web.Response:
    return plain_list(await services(request).incidents.channels(person_id(request), _list_request(request)))


async def list_commanders(request: web.Request) -> web.Response:
    team_id = TEAM_ID.read(request)
    ids = await services(request).incidents.commanders(person_id(request), team_id)
    names = await services(request).chat.usernames(ids)
    people = sorted(names.items(), key=lambda person: person[1])
    return ok_list([CommanderOut(user_id=user_id, username=name) for user_id, name in people])


def _list_request(request: web.Request) -> ListRequest:
    with_stages = CHECKLISTS.read(request) == "true"
    return ListRequest(
        team_id=TEAM_ID.read(request),
        status=Status(STATUS.read(request)),
        commander_id=COMMANDER.read(request),
        member_id=MEMBER.read(request),
        search_term=SEARCH.read(request),
        sort=IncidentSort(SORT.read(request)),
        descending=DIRECTION.read(request) == "desc",
        page=PAGE.read(request),
        per_page=min(PER_PAGE.read(request), _MAX_WITH_STAGES) if with_stages else PER_PAGE.read(request),
        with_stages=with_stages,
    )


async def watch_list(request: web.Request) -> web.Response:
    """PUT /incidents/watch: for a minute, pushes about the team's incidents come from outside their channels too."""
    return ok(WatchOut(until=await services(request).watching.watch(person_id(request), TEAM_ID.read(request))))


async def stop_watching(request: web.Request) -> web.Response:
    await services(request).watching.stop(person_id(request), TEAM_ID.read(request))
    return web.Response(status=204)


async def create_incident(request: web.Request) -> web.Response:
    asked = await parse.body(request, IncidentIn)
    incident = await services(request).start(asked.to_command(person_id(request), subject_id(request)))
    return tagged(created(IncidentOut.of(incident), f"{API_ROOT}/incidents/{incident.id}"), incident.head.version)


async def get_incident(request: web.Request) -> web.Response:
    allowed = await viewer(request)
    return shown(await services(request).incidents.get(allowed))


async def get_incident_by_channel(request: web.Request) -> web.Response:
    allowed = await services(request).gate.view_channel(person_id(request), request.match_info["channel_id"])
    return shown(await services(request).incidents.get(allowed))


async def end_incident(request: web.Request) -> web.Response:
    allowed = await editor(request)
    await request.read()  # nothing is in it, but too much is still too much
    return shown(await services(request).lifecycle.end(allowed))


async def restart_incident(request: web.Request) -> web.Response:
    allowed = await editor(request)
    await request.read()
    return shown(await services(request).lifecycle.restart(allowed))


async def patch_incident(request: web.Request) -> web.Response:
    allowed = await editor(request)
    asked = await parse.body(request, IncidentPatchIn)
    await services(request).details.change(allowed, DetailChanges(**asked.given()))
    return shown(await services(request).incidents.get(allowed))


async def change_commander(request: web.Request) -> web.Response:
    allowed = await editor(request)
    asked = await parse.body(request, CommanderIn)
    await services(request).commander.change(allowed, asked.commander_id)
    return shown(await services(request).incidents.get(allowed))


async def get_metadata(request: web.Request) -> web.Response:
    allowed = await viewer(request)
    facts = await services(request).chat.channel_facts(allowed.head.channel_id)
    return ok(MetadataOut(**facts, active_since=allowed.head.active_since, active_ms=allowed.head.active_ms))


async def get_timeline(request: web.Request) -> web.Response:
    allowed = await editor(request)
    return ok_list([TimelineEntryOut.of(entry) for entry in await services(request).incidents.timeline(allowed)])


async def get_resolved_tasks(request: web.Request) -> web.Response:
    allowed = await editor(request)
    resolved = await services(request).incidents.resolved(allowed)
    return ok_list([ResolvedTaskOut.of(one, allowed.head.create_at) for one in resolved])
