"""HTTP handlers of an incident's stages: who may comes before the body, then one use case, then the answer."""

from aiohttp import web

from plugin.api import parse
from plugin.api.answers import created, shown
from plugin.api.context import services, subject_id
from plugin.api.parameters import flag
from plugin.api.passes import editor
from plugin.manifest import API_ROOT
from plugin.schemas.incidents import StageEditIn, StageIn, StageOut

WITH_TASKS = flag("with_tasks", "Remove its tasks too; without it a stage that has some stays.")


async def add_stage(request: web.Request) -> web.Response:
    allowed = await editor(request)
    asked = await parse.body(request, StageIn)
    stage = await services(request).stages.add(allowed, subject_id(request), asked.title, asked.place)
    return created(StageOut.of(stage), f"{API_ROOT}/incidents/{allowed.head.id}/checklists/{stage.id}")


async def edit_stage(request: web.Request) -> web.Response:
    allowed = await editor(request)
    asked = await parse.body(request, StageEditIn)
    stage = request.match_info["stage"]
    await services(request).stages.edit(allowed, stage, **asked.given())
    return shown(await services(request).incidents.get(allowed))


async def remove_stage(request: web.Request) -> web.Response:
    allowed = await editor(request)
    with_tasks = WITH_TASKS.read(request) == "true"
    await services(request).stages.remove(allowed, request.match_info["stage"], with_tasks=with_tasks)
    return web.Response(status=204)
