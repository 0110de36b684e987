"""What REST handlers share: who asks, ids in paths, bodies, and errors as Mattermost tells them."""

import json
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from plugin.sandbox.errors import AppError, forbidden, invalid_body_param, invalid_url_param, unauthorized
from plugin.sandbox.shapes import SERVER_VERSION
from plugin.sandbox.store import Row, new_id
from plugin.sandbox.world import World

WORLD = web.AppKey("world", World)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_ID_LENGTH = 26
_MISSHAPEN = (TypeError, AttributeError, ValueError, KeyError, OverflowError, RecursionError, sqlite3.Error)
_log = logging.getLogger(__name__)


def world(request: web.Request) -> World:
    return request.app[WORLD]


def session(request: web.Request) -> Row | None:
    """The valid session of a request. A cookie beats a header; with a cookie, changes need a token against forgery."""
    people = request.app[WORLD].people
    cookie = request.cookies.get("MMAUTHTOKEN", "")
    if cookie:
        row = people.session(cookie)
        if row and request.method not in ("GET", "HEAD") and not _csrf_checked(request, row):
            return None
        return row
    token = bearer(request)
    return people.session(token) if token else None


def bearer(request: web.Request) -> str:
    """The token of the Authorization header; empty if there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() in ("bearer", "token") else ""


def _csrf_checked(request: web.Request, row: Row) -> bool:
    if request.headers.get("X-CSRF-Token"):
        return bool(request.headers["X-CSRF-Token"] == row["csrf"])
    return request.headers.get("X-Requested-With") == "XMLHttpRequest"


def me(request: web.Request) -> Row:
    """The person who asks. Raises AppError without a session."""
    found = session(request)
    if not found:
        raise unauthorized()
    return world(request).people.get(found["user_id"])


def id_of(request: web.Request, name: str) -> str:
    """An id in the path; `me` stands for the person who asks. Raises AppError."""
    value = request.match_info[name]
    if value == "me" and name == "user_id":
        return str(me(request)["id"])
    if len(value) != _ID_LENGTH:
        raise invalid_url_param(name)
    return value


async def body(request: web.Request) -> dict[str, Any]:
    """The JSON object in the body; nothing at all counts as an empty one. Raises AppError."""
    parsed = await json_body(request, {})
    if not isinstance(parsed, dict):
        raise invalid_body_param("body")
    return parsed


async def id_list(request: web.Request, name: str) -> list[str]:
    """The JSON list of strings in the body. Raises AppError."""
    parsed = await json_body(request, None)
    if not isinstance(parsed, list) or not all(isinstance(item, str) for item in parsed):
        raise invalid_body_param(name)
    return parsed


async def json_body(request: web.Request, default: Any) -> Any:
    content = await request.read()
    if not content.strip():
        return default
    try:
        return json.loads(content)
    except ValueError as error:
        raise invalid_body_param("body") from error


def number(request: web.Request, name: str, default: int) -> int:
    """A number in the query; what is none is taken for the default."""
    value = request.query.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else default


def allow(granted: bool) -> None:
    """Raises AppError unless granted."""
    if not granted:
        raise forbidden()


def answer(value: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """JSON with exactly `application/json`: mattermostdriver takes nothing else for JSON."""
    return web.Response(
        body=json.dumps(value).encode(), status=status, headers=headers, content_type="application/json"
    )


def ok() -> web.Response:
    return answer({"status": "OK"})


@web.middleware
async def mattermost_answers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Errors in Mattermost's shape, and the headers that all its answers have."""
    request_id = new_id()
    try:
        response = await handler(request)
    except AppError as error:
        response = answer(error.json(request_id), status=error.status)
    except web.HTTPRequestEntityTooLarge:
        too_large = AppError("api.context.request_body_too_large.app_error", 413, "Request body too large.")
        response = answer(too_large.json(request_id), status=413)
    except _MISSHAPEN:
        # Mattermost decodes bodies into typed structs; here the wrong type shows where it is used.
        _log.warning("a request of the wrong shape", exc_info=True)
        response = answer(invalid_body_param("body").json(request_id), status=400)
    except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
        if not request.path.startswith("/api/"):
            raise
        return _no_such_route(request)
    if not response.prepared and request.path.startswith("/api/"):
        response.headers["X-Request-Id"] = request_id
        response.headers["X-Version-Id"] = SERVER_VERSION
        if request.method == "GET":
            response.headers["Expires"] = "0"
    return response


def _no_such_route(request: web.Request) -> web.Response:
    error = {
        "id": "api.context.404.app_error",
        "message": "Sorry, we could not find the page.",
        "detailed_error": f"There doesn't appear to be an api call for the url='{request.path}'.  "
        "Typo? are you missing a team_id or user_id as part of the url?",
        "status_code": 404,
    }
    return web.Response(status=404, text=json.dumps(error), content_type="text/plain", charset="utf-8")
