"""The one table of routes, with what the OpenAPI page tells of them; and the application around it."""

import json
from collections.abc import Callable
from functools import cache

from aiohttp import web

from plugin.api import dialogs, export, incidents, openapi, playbooks, stages, tasks
from plugin.api.context import DATABASE, NEW_ID, NOW, SERVICES
from plugin.api.errors import errors, known_caller
from plugin.api.idempotency import idempotency
from plugin.api.openapi import Route
from plugin.api.parameters import TEAM_ID
from plugin.manifest import API_ROOT, BASE_PATH
from plugin.schemas import incidents as incident_wire
from plugin.schemas import playbooks as playbook_wire
from plugin.schemas.dialogs import DialogAnswer, DialogSubmission
from plugin.schemas.incidents import IncidentOut, StageOut, TaskOut
from plugin.schemas.playbook_files import PlaybookFile, TemplateOut
from plugin.services import Services
from plugin.storage.database import Database

ROOT = API_ROOT.removeprefix(BASE_PATH)
"""Mattermost cuts `/plugins/<id>` off before it hands a request on."""

_INCIDENT = "/incidents/{id}"
_STAGES = f"{_INCIDENT}/checklists"
_STAGE = f"{_STAGES}/{{stage}}"
_TASK = f"{_STAGE}/item/{{task}}"

ROUTES = (
    Route(
        "GET",
        "/incidents",
        incidents.list_incidents,
        "A page of a team's incidents that you may see",
        query=incidents.LIST,
        answers={200: incident_wire.IncidentListOut},
        refusals=(403,),
    ),
    Route(
        "POST",
        "/incidents",
        incidents.create_incident,
        "Start an incident",
        body=incident_wire.IncidentIn,
        answers={201: IncidentOut},
        refusals=(403, 404, 409),
    ),
    Route(
        "POST",
        "/incidents/dialog",
        dialogs.start_from_dialog,
        "Start an incident from the dialog",
        body=DialogSubmission,
        answers={201: IncidentOut, 200: DialogAnswer},
        refusals=(403, 404, 409),
    ),
    Route(
        "GET",
        "/incidents/commanders",
        incidents.list_commanders,
        "The commanders of the incidents that you may see",
        query=(TEAM_ID,),
        answers={200: list[incident_wire.CommanderOut]},
        refusals=(403,),
    ),
    Route(
        "GET",
        "/incidents/channels",
        incidents.list_channels,
        "The ids of the channels of the incidents of a list",
        query=incidents.LIST,
        answers={200: list[str]},
        refusals=(403,),
    ),
    Route(
        "PUT",
        "/incidents/watch",
        incidents.watch_list,
        "For a minute, hear of the team's incidents outside their channels too",
        query=(TEAM_ID,),
        answers={200: incident_wire.WatchOut},
        refusals=(403,),
    ),
    Route(
        "DELETE",
        "/incidents/watch",
        incidents.stop_watching,
        "No more of that",
        query=(TEAM_ID,),
        answers={204: None},
    ),
    Route(
        "GET",
        "/incidents/checklist-autocomplete",
        incidents.suggest_tasks,
        "What follows /incident check",
        query=(incidents.CHANNEL, incidents.CHANNEL_OLD),
        answers={200: list[incident_wire.SuggestionOut]},
        refusals=(404,),
    ),
    Route(
        "GET",
        "/incidents/channel/{channel_id}",
        incidents.get_incident_by_channel,
        "The incident of a channel",
        answers={200: IncidentOut},
        refusals=(404,),
    ),
    Route("GET", _INCIDENT, incidents.get_incident, "An incident", answers={200: IncidentOut}, refusals=(404,)),
    Route(
        "PATCH",
        _INCIDENT,
        incidents.patch_incident,
        "Change name, description or active stage",
        body=incident_wire.IncidentPatchIn,
        answers={200: IncidentOut},
        refusals=(403, 404, 412),
    ),
    Route(
        "GET",
        f"{_INCIDENT}/metadata",
        incidents.get_metadata,
        "Facts about the incident's channel",
        answers={200: incident_wire.MetadataOut},
        refusals=(404,),
    ),
    Route(
        "GET",
        f"{_INCIDENT}/timeline",
        incidents.get_timeline,
        "Every change, oldest first",
        answers={200: list[incident_wire.TimelineEntryOut]},
        refusals=(403, 404),
    ),
    Route(
        "GET",
        f"{_INCIDENT}/resolved-tasks",
        incidents.get_resolved_tasks,
        "The tasks that are done, in the order in which they were: who, when, how long after the start",
        answers={200: list[incident_wire.ResolvedTaskOut]},
        refusals=(403, 404),
    ),
    Route(
        "GET",
        f"{_INCIDENT}/export",
        export.export_channel,
        "All messages of the incident's channel as CSV",
        query=(export.ORDER,),
        answers={200: openapi.CSV},
        refusals=(403, 404),
    ),
    Route(
        "POST",
        f"{_INCIDENT}/commander",
        incidents.change_commander,
        "Hand the incident over",
        body=incident_wire.CommanderIn,
        answers={200: IncidentOut},
        refusals=(403, 404, 412),
    ),
    Route(
        "POST",
        f"{_INCIDENT}/next-stage-dialog",
        dialogs.next_stage_from_dialog,
        "Go to the stage that the dialog names",
        body=DialogSubmission,
        answers={200: IncidentOut | DialogAnswer},
        refusals=(403, 404, 412),
    ),
    Route(
        "PUT",
        f"{_INCIDENT}/end",
        incidents.end_incident,
        "End the incident",
        answers={200: IncidentOut},
        refusals=(403, 404, 409, 412),
    ),
    Route(
        "POST",
        f"{_INCIDENT}/end",
        dialogs.end_from_dialog,
        "The same, by the dialog or a client that cannot PUT",
        body=DialogSubmission | None,
        answers={200: IncidentOut | DialogAnswer},
        refusals=(403, 404, 409, 412),
    ),
    Route(
        "PUT",
        f"{_INCIDENT}/restart",
        incidents.restart_incident,
        "Take an ended incident up again",
        answers={200: IncidentOut},
        refusals=(403, 404, 409, 412),
    ),
    Route(
        "POST",
        _STAGES,
        stages.add_stage,
        "Add a stage",
        body=incident_wire.StageIn,
        answers={201: StageOut},
        refusals=(403, 404, 412),
    ),
    Route(
        "PUT",
        _STAGE,
        stages.edit_stage,
        "Rename a stage, or put it elsewhere",
        body=incident_wire.StageEditIn,
        answers={200: IncidentOut},
        refusals=(403, 404, 412),
    ),
    Route(
        "DELETE",
        _STAGE,
        stages.remove_stage,
        "Remove a stage",
        query=(stages.WITH_TASKS,),
        answers={204: None},
        refusals=(403, 404, 409, 412),
    ),
    Route(
        "PUT",
        f"{_STAGE}/add",
        tasks.add_task,
        "Add a task at the end of a stage",
        body=incident_wire.NewTaskIn,
        answers={201: TaskOut},
        refusals=(403, 404, 412),
    ),
    Route(
        "PUT",
        f"{_STAGE}/reorder",
        tasks.reorder_task,
        "Put a task elsewhere, in its stage or another",
        body=incident_wire.ReorderIn,
        answers={200: IncidentOut},
        refusals=(403, 404, 412),
    ),
    Route(
        "PUT",
        _TASK,
        tasks.edit_task,
        "Change what is written about a task",
        body=incident_wire.TaskIn,
        answers={200: TaskOut},
        refusals=(403, 404, 412),
    ),
    Route("DELETE", _TASK, tasks.remove_task, "Remove a task", answers={204: None}, refusals=(403, 404, 412)),
    Route(
        "PUT",
        f"{_TASK}/state",
        tasks.set_task_state,
        "Tick, untick, take up or skip a task",
        body=incident_wire.TaskStateIn,
        answers={200: TaskOut},
        refusals=(403, 404, 412),
    ),
    Route(
        "PUT",
        f"{_TASK}/assignee",
        tasks.assign_task,
        "Give a task to somebody, or to nobody",
        body=incident_wire.AssigneeIn,
        answers={200: TaskOut},
        refusals=(403, 404, 412),
    ),
    Route(
        "POST",
        f"{_TASK}/run",
        tasks.run_task,
        "Run the task's slash command as you",
        answers={200: TaskOut},
        refusals=(403, 404, 412),
    ),
    Route(
        "GET",
        "/playbooks",
        playbooks.list_playbooks,
        "A page of the team's playbooks that you are a member of",
        query=playbooks.LIST,
        answers={200: playbook_wire.PlaybookListOut},
        refusals=(403,),
    ),
    Route(
        "POST",
        "/playbooks",
        playbooks.create_playbook,
        "Create a playbook",
        body=playbook_wire.PlaybookIn,
        answers={201: playbook_wire.PlaybookCreatedOut},
        refusals=(403,),
    ),
    Route(
        "GET",
        "/playbooks/templates",
        playbooks.list_templates,
        "What a new playbook can begin with",
        answers={200: list[TemplateOut]},
    ),
    Route(
        "POST",
        "/playbooks/import",
        playbooks.import_playbook,
        "Create a playbook from a file",
        query=(TEAM_ID,),
        body=PlaybookFile,
        answers={201: playbook_wire.PlaybookCreatedOut},
        refusals=(403,),
    ),
    Route(
        "GET",
        "/playbooks/{id}/export",
        playbooks.export_playbook,
        "A playbook as a file",
        query=(playbooks.FORMAT,),
        answers={200: openapi.YAML_OR_JSON},
        refusals=(404,),
    ),
    Route(
        "GET",
        "/playbooks/{id}",
        playbooks.get_playbook,
        "A playbook",
        answers={200: playbook_wire.PlaybookOut},
        refusals=(404,),
    ),
    Route(
        "PUT",
        "/playbooks/{id}",
        playbooks.update_playbook,
        "Replace a playbook",
        body=playbook_wire.PlaybookUpdateIn,
        answers={200: playbook_wire.PlaybookOut},
        refusals=(404, 412),
    ),
    Route(
        "DELETE",
        "/playbooks/{id}",
        playbooks.delete_playbook,
        "Delete a playbook; it can be restored",
        answers={204: None},
        refusals=(404, 412),
    ),
    Route(
        "POST",
        "/playbooks/{id}/restore",
        playbooks.restore_playbook,
        "Take a deletion back",
        answers={200: playbook_wire.PlaybookOut},
        refusals=(404,),
    ),
)


async def describe(_request: web.Request) -> web.Response:
    """GET /openapi.json."""
    return web.Response(body=_description(), content_type="application/json")


@cache
def _description() -> bytes:
    return json.dumps(openapi.document(ROUTES)).encode()


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
    app.add_routes([web.route("GET", f"{ROOT}/openapi.json", describe)])
    return app
