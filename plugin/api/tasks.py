"""HTTP handlers of an incident's tasks: who may comes before the body, then one use case, then the answer."""

from aiohttp import web

from incidents.task_editing import TaskText
from plugin.api import parse
from plugin.api.answers import created, ok, shown
from plugin.api.context import services
from plugin.api.passes import editor
from plugin.manifest import API_ROOT
from plugin.schemas.incidents import AssigneeIn, NewTaskIn, ReorderIn, TaskIn, TaskOut, TaskStateIn


async def add_task(request: web.Request) -> web.Response:
    allowed = await editor(request)
    asked = await parse.body(request, NewTaskIn)
    text = TaskText(title=asked.title, description=asked.description, command=asked.command)
    stage = request.match_info["stage"]
    task = await services(request).task_editing.add(allowed, stage, text)
    return created(TaskOut.of(task), f"{API_ROOT}/incidents/{allowed.head.id}/checklists/{stage}/item/{task.id}")


async def edit_task(request: web.Request) -> web.Response:
    allowed = await editor(request)
    asked = await parse.body(request, TaskIn)
    text = TaskText(title=asked.title, description=asked.description, command=asked.command)
    return ok(TaskOut.of(await services(request).task_editing.edit(allowed, *_place(request), text)))


async def remove_task(request: web.Request) -> web.Response:
    allowed = await editor(request)
    await request.read()
    await services(request).task_editing.remove(allowed, *_place(request))
    return web.Response(status=204)


async def reorder_task(request: web.Request) -> web.Response:
    allowed = await editor(request)
    asked = await parse.body(request, ReorderIn)
    await services(request).task_editing.move(
        allowed,
        request.match_info["stage"],
        str(asked.item_num),
        asked.new_location,
        to_stage="" if asked.new_checklist is None else str(asked.new_checklist),
    )
    incident = await services(request).incidents.get(allowed)
    return shown(incident)


async def assign_task(request: web.Request) -> web.Response:
    allowed = await editor(request)
    asked = await parse.body(request, AssigneeIn)
    task = await services(request).task_editing.assign(allowed, *_place(request), asked.assignee_id)
    return ok(TaskOut.of(task))


async def run_task(request: web.Request) -> web.Response:
    allowed = await editor(request)
    await request.read()
    return ok(TaskOut.of(await services(request).task_editing.run(allowed, *_place(request))))


async def set_task_state(request: web.Request) -> web.Response:
    allowed = await editor(request)
    asked = await parse.body(request, TaskStateIn)
    found = await services(request).tasks.set_state(allowed, *_place(request), asked.new_state)
    return ok(TaskOut.of(found.task))


def _place(request: web.Request) -> tuple[str, str]:
    return request.match_info["stage"], request.match_info["task"]
