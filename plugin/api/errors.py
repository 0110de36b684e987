"""Errors -> answers: one shape, `{message, details}`, and the one table of statuses.

`message` is for people, `details` for programs: a code, and the field if one is at fault.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiohttp import web
from pydantic import ValidationError

from incidents import errors as incident_errors
from incidents.ports import ChatRefused, ChatUnavailable
from playbooks import errors as playbook_errors
from plugin.api.answers import plain, tagged
from plugin.api.context import USER_HEADER
from plugin.host.api import HostError, HostGone
from plugin.reporting import errors as reporting_errors
from plugin.schemas.incidents import IncidentOut
from plugin.schemas.playbooks import PlaybookOut
from plugin.storage.errors import DatabaseGone

log = structlog.get_logger()


class BadRequest(Exception):
    """A request that can't be understood; `field` names the part at fault."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"{field}: {rule}")
        self.field = field


STATUS: dict[type[Exception], int] = {
    incident_errors.InvalidIncident: 400,
    incident_errors.IncidentForbidden: 403,
    incident_errors.IncidentNotFound: 404,
    incident_errors.PlaceNotFound: 404,
    incident_errors.StageNotEmpty: 409,
    incident_errors.OutOfDate: 412,
    playbook_errors.PlaybookOutOfDate: 412,
    incident_errors.AlreadyEnded: 409,
    incident_errors.AlreadyActive: 409,
    incident_errors.StartInProgress: 409,
    incident_errors.StartFailed: 503,
    playbook_errors.InvalidPlaybook: 400,
    playbook_errors.PlaybookForbidden: 403,
    playbook_errors.PlaybookNotFound: 404,
    reporting_errors.NotAdministrator: 403,
    reporting_errors.LevelLocked: 409,
}

NOTHING_DONE = (
    incident_errors.InvalidIncident,
    incident_errors.IncidentForbidden,
    incident_errors.IncidentNotFound,
    incident_errors.StartFailed,
    incident_errors.OutOfDate,
    incident_errors.StageNotEmpty,
    incident_errors.PlaceNotFound,
    playbook_errors.PlaybookError,
    reporting_errors.ReportingError,
    ValidationError,
    BadRequest,
    web.HTTPException,
)
"""Refusals after which nothing has happened."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Conflict(Exception):
    """The request collides with an earlier one."""


def answer(status: int, message: str, details: str) -> web.Response:
    return plain({"message": message, "details": details}, status=status)


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever is raised below becomes an answer; the unforeseen says nothing outside and everything in the log."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return _of_aiohttp(error)
    except (incident_errors.IncidentError, playbook_errors.PlaybookError, reporting_errors.ReportingError) as error:
        if isinstance(error, incident_errors.StartFailed):
            log.warning("start.failed", exc_info=True)
        return _refused(error)
    except BadRequest as error:
        return answer(400, str(error), f"request.invalid {error.field}")
    except ValidationError as error:
        field, rule = first_problem(error)
        return answer(400, f"{field}: {rule}", f"request.invalid {field}")
    except Conflict as error:
        return answer(409, str(error), "request.conflict")
    except (ChatUnavailable, ChatRefused, HostGone, HostError, DatabaseGone) as error:
        who = "database" if isinstance(error, DatabaseGone) else "mattermost"
        log.warning("request.unavailable", who=who, exc_info=True)
        return answer(503, f"{who.capitalize()} did not answer. Try again.", f"{who}.unavailable")
    except Exception:
        log.exception("request.failed", method=request.method, route=_route(request))
        return answer(500, "Something went wrong here. An administrator finds the reason in the log.", "internal")


@web.middleware
async def known_caller(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Nobody gets in without a session; and no id of ours has a sign that a database cannot take."""
    if not request.headers.get(USER_HEADER):
        return answer(401, "Log in to Mattermost first.", "request.no_session")
    if "\0" in request.path:
        raise web.HTTPNotFound
    return await handler(request)


def first_problem(error: ValidationError) -> tuple[str, str]:
    """The first field that breaks a rule, and the rule."""
    first = error.errors(include_url=False, include_input=False)[0]
    field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]).lstrip(".")
    return field or "body", first["msg"]


def _refused(
    error: incident_errors.IncidentError | playbook_errors.PlaybookError | reporting_errors.ReportingError,
) -> web.Response:
    field = getattr(error, "field", "")
    body: dict[str, Any] = {"message": str(error), "details": f"{error.code} {field}".strip()}
    if isinstance(error, incident_errors.OutOfDate):
        body["incident"] = IncidentOut.of(error.current).model_dump(mode="json")
        return tagged(plain(body, status=412), error.current.head.version)
    if isinstance(error, playbook_errors.PlaybookOutOfDate):
        body["playbook"] = PlaybookOut.of(error.current).model_dump(mode="json")
        return tagged(plain(body, status=412), error.current.version)
    return plain(body, status=STATUS[type(error)])


def _of_aiohttp(error: web.HTTPException) -> web.Response:
    if error.status < 400:
        raise error
    texts = {404: "There is nothing at this address.", 405: "This address does not take this method."}
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        return answer(413, "body: is too large; see max_body_bytes in the settings", "request.too_large")
    response = answer(error.status, texts.get(error.status, error.reason), f"request.http_{error.status}")
    if "Allow" in error.headers:
        response.headers["Allow"] = error.headers["Allow"]
    return response


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource else "unknown"
