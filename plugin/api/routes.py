"""The one table of routes, and the application around it."""

from collections.abc import Callable

from aiohttp import web

from plugin.api import dialogs, export, incidents, playbooks, stages, tasks
from plugin.api.context import DATABASE, NEW_ID, NOW, SERVICES
from plugin.api.errors import errors, known_caller
from plugin.api.idempotency import idempotency
from plugin.manifest import API_ROOT, BASE_PATH
from plugin.services import Services
from plugin.storage.database import Database

ROOT = API_ROOT.removeprefix(BASE_PATH)
"""Mattermost cuts `/plugins/<id>` off before it hands a request on."""

_STAGE = "/incidents/{id}/checklists/{stage}"
_TASK = f"{_STAGE}/item/{{task}}"

ROUTES = [
    web.get("/incidents", incidents.list_incidents),
    web.post("/incidents", incidents.create_incident),
    web.post("/incidents/dialog", dialogs.start_from_dialog),
    web.get("/incidents/commanders", incidents.list_commanders),
    web.get("/incidents/channels", incidents.list_channels),
    web.get("/incidents/checklist-autocomplete", incidents.suggest_tasks),
    web.get("/incidents/channel/{channel_id}", incidents.get_incident_by_channel),
    web.get("/incidents/{id}", incidents.get_incident),
    web.patch("/incidents/{id}", incidents.patch_incident),
    web.get("/incidents/{id}/metadata", incidents.get_metadata),
    web.get("/incidents/{id}/timeline", incidents.get_timeline),
    web.get("/incidents/{id}/export", export.export_channel),
    web.post("/incidents/{id}/commander", incidents.change_commander),
    web.post("/incidents/{id}/next-stage-dialog", dialogs.next_stage_from_dialog),
    web.put("/incidents/{id}/end", incidents.end_incident),
    web.post("/incidents/{id}/end", dialogs.end_from_dialog),
    web.put("/incidents/{id}/restart", incidents.restart_incident),
    web.post("/incidents/{id}/checklists", stages.add_stage),
    web.put(_STAGE, stages.edit_stage),
    web.delete(_STAGE, stages.remove_stage),
    web.put(f"{_STAGE}/add", tasks.add_task),
    web.put(f"{_STAGE}/reorder", tasks.reorder_task),
    web.put(_TASK, tasks.edit_task),
    web.delete(_TASK, tasks.remove_task),
    web.put(f"{_TASK}/state", tasks.set_task_state),
    web.put(f"{_TASK}/assignee", tasks.assign_task),
    web.post(f"{_TASK}/run", tasks.run_task),
    web.get("/playbooks", playbooks.list_playbooks),
    web.post("/playbooks", playbooks.create_playbook),
    web.get("/playbooks/{id}", playbooks.get_playbook),
    web.put("/playbooks/{id}", playbooks.update_playbook),
    web.delete("/playbooks/{id}", playbooks.delete_playbook),
    web.post("/playbooks/{id}/restore", playbooks.restore_playbook),
]


def application(
    services: Services,
    *,
    database: Database,
    max_body_bytes: int,
    now: Callable[[], int],
    new_id: Callable[[], str],
) -> web.Application:
    """The aiohttp application that all HTTP ends in, in every home."""
    app = web.Application(middlewares=[errors, known_caller, idempotency], client_max_size=max_body_bytes)
    app[SERVICES] = services
    app[DATABASE] = database
    app[NOW] = now
    app[NEW_ID] = new_id
    app.add_routes([web.route(route.method, f"{ROOT}{route.path}", route.handler) for route in ROUTES])
    return app
