"""HTTP handlers of incidents: who may comes before the body, then one use case, then the answer."""

from aiohttp import web

from incidents.ports import IncidentSort, Status
from incidents.queries import ListRequest
from plugin.api import parse
from plugin.api.answers import created, ok
from plugin.api.context import person_id, services, subject_id
from plugin.manifest import API_ROOT
from plugin.schemas.incidents import IncidentIn, IncidentListOut, IncidentOut, TaskOut, TaskStateIn


async def list_incidents(request: web.Request) -> web.Response:
    number, per_page = parse.page(request)
    asked = ListRequest(
        team_id=parse.text(request, "team_id", required=True),
        status=Status(parse.choice(request, "status", list(Status), Status.ALL)),
        commander_id=parse.text(request, "commander_user_id"),
        member_id=parse.text(request, "member_id"),
        search_term=parse.text(request, "search_term"),
        sort=IncidentSort(parse.choice(request, "sort", list(IncidentSort), IncidentSort.CREATE_AT)),
        descending=parse.choice(request, "direction", ("asc", "desc"), "desc") == "desc",
        page=number,
        per_page=per_page,
    )
    page = await services(request).incidents.page(person_id(request), asked)
    return ok(IncidentListOut.of(page, number=number, per_page=per_page))


async def create_incident(request: web.Request) -> web.Response:
    asked = await parse.body(request, IncidentIn)
    incident = await services(request).start(asked.to_command(person_id(request), subject_id(request)))
    return created(IncidentOut.of(incident), f"{API_ROOT}/incidents/{incident.id}")


async def get_incident(request: web.Request) -> web.Response:
    allowed = await services(request).gate.view(person_id(request), request.match_info["id"])
    return ok(IncidentOut.of(await services(request).incidents.get(allowed)))


async def get_incident_by_channel(request: web.Request) -> web.Response:
    allowed = await services(request).gate.view_channel(person_id(request), request.match_info["channel_id"])
    return ok(IncidentOut.of(await services(request).incidents.get(allowed)))


async def end_incident(request: web.Request) -> web.Response:
    allowed = await services(request).gate.edit(person_id(request), request.match_info["id"])
    return ok(IncidentOut.of(await services(request).lifecycle.end(allowed)))


async def restart_incident(request: web.Request) -> web.Response:
    allowed = await services(request).gate.edit(person_id(request), request.match_info["id"])
    return ok(IncidentOut.of(await services(request).lifecycle.restart(allowed)))


async def set_task_state(request: web.Request) -> web.Response:
    allowed = await services(request).gate.edit(person_id(request), request.match_info["id"])
    asked = await parse.body(request, TaskStateIn)
    stage, task = request.match_info["stage"], request.match_info["task"]
    found = await services(request).tasks.set_state(allowed, stage, task, asked.new_state)
    return ok(TaskOut.of(found.task))
