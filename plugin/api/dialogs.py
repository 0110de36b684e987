"""Submissions of interactive dialogs.

Mattermost's client shows nothing for an answer that is not 200: what a dialog is refused for because of what it says
comes as 200 with `errors` by element, or `error`. Nobody, somebody else's name and missing rights are 4xx as anywhere.
"""

import structlog
from aiohttp import web

from incidents.errors import AlreadyEnded, InvalidIncident, StartFailed
from incidents.model import Incident
from incidents.texts import plain
from playbooks.errors import PlaybookNotFound
from plugin.api import parse
from plugin.api.answers import created, shown
from plugin.api.answers import plain as plain_answer
from plugin.api.context import person_id, services, subject_id
from plugin.api.errors import BadRequest, answer
from plugin.api.passes import editor
from plugin.manifest import API_ROOT
from plugin.schemas.dialogs import FIELD_OF, PLAYBOOK, DialogSubmission
from plugin.schemas.incidents import IncidentOut

log = structlog.get_logger()


async def start_from_dialog(request: web.Request) -> web.Response:
    """POST /incidents/dialog."""
    submission = await parse.body(request, DialogSubmission)
    if submission.user_id != person_id(request):
        return answer(403, "user_id: must be the person who is logged in", "dialog.not_yours user_id")
    if submission.cancelled:
        return plain_answer({})
    try:
        command = submission.to_start(subject_id(request))
    except ValueError as error:
        raise BadRequest("state", str(error).removeprefix("state: ")) from error
    if not command.playbook_id:
        return plain_answer({"errors": {PLAYBOOK: "Choose a playbook."}})
    try:
        incident = await services(request).start(command)
    except InvalidIncident as refusal:
        element = FIELD_OF.get(refusal.field)
        return plain_answer({"errors": {element: _sentence(refusal)}} if element else {"error": str(refusal)})
    except PlaybookNotFound as refusal:
        return plain_answer({"errors": {PLAYBOOK: str(refusal)}})
    except StartFailed as refusal:
        log.warning("dialog.start_failed", exc_info=True)
        return plain_answer({"error": str(refusal)})
    await _tell(request, submission.channel_id, incident)
    return created(IncidentOut.of(incident), f"{API_ROOT}/incidents/{incident.id}")


async def end_from_dialog(request: web.Request) -> web.Response:
    """POST /incidents/{id}/end: the confirmation dialog, or a client that cannot PUT."""
    allowed = await editor(request)
    submission = await _submission(request)
    if submission and submission.user_id != person_id(request):
        return answer(403, "user_id: must be the person who is logged in", "dialog.not_yours user_id")
    if submission and submission.cancelled:
        return plain_answer({})
    try:
        incident = await services(request).lifecycle.end(allowed)
    except AlreadyEnded as refusal:
        if submission is None:
            raise
        return plain_answer({"error": str(refusal)})
    return shown(incident)


async def next_stage_from_dialog(request: web.Request) -> web.Response:
    """POST /incidents/{id}/next-stage-dialog: `state` is the stage's zero-based place as text."""
    allowed = await editor(request)
    submission = await parse.body(request, DialogSubmission)
    if submission.user_id and submission.user_id != person_id(request):
        return answer(403, "user_id: must be the person who is logged in", "dialog.not_yours user_id")
    if submission.cancelled:
        return plain_answer({})
    state = submission.state or ""
    if not (state.isascii() and state.isdigit() and len(state) < 6):
        raise BadRequest("state", "must be the zero-based place of a stage")
    await services(request).stages.go_to(allowed, int(state))
    return shown(await services(request).incidents.get(allowed))


async def _submission(request: web.Request) -> DialogSubmission | None:
    """The dialog's submission; None without a body. Raises ValidationError for a body that is none."""
    content = await request.read()
    if content.strip() in (b"", b"{}"):
        return None
    return DialogSubmission.model_validate_json(content)


async def _tell(request: web.Request, channel_id: str, incident: Incident) -> None:
    """Where the dialog was opened, its person sees where the incident is."""
    message = f"The incident **{plain(incident.head.name)}** was started in ~{incident.head.channel_name}."
    await services(request).chat.tell(person_id(request), channel_id, message)


def _sentence(refusal: InvalidIncident) -> str:
    return refusal.rule[0].upper() + refusal.rule[1:] + "."
