"""What a handler gets at: the services, and who is asking."""

from collections.abc import Callable

from aiohttp import web

from plugin.services import Services
from plugin.storage.database import Database

SERVICES = web.AppKey("services", Services)
DATABASE = web.AppKey("database", Database)
NOW: web.AppKey[Callable[[], int]] = web.AppKey("now")
NEW_ID: web.AppKey[Callable[[], str]] = web.AppKey("new_id")

SUBJECT_ID: web.RequestKey[str] = web.RequestKey("subject_id", str)
"""Set by the idempotency middleware."""

USER_HEADER = "Mattermost-User-Id"
"""Set by Mattermost for a valid session and dropped when it comes from outside (plugin protocol, section 7)."""


def services(request: web.Request) -> Services:
    return request.app[SERVICES]


def person_id(request: web.Request) -> str:
    """The caller; the middleware has made sure that there is one."""
    return request.headers[USER_HEADER]


def subject_id(request: web.Request) -> str:
    """The id for what this POST creates: of a repeated request the same one."""
    return request.get(SUBJECT_ID) or request.app[NEW_ID]()
