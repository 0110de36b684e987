"""The aiohttp application around the routes."""

import json
from collections.abc import Callable
from functools import cache

from aiohttp import web

from plugin.api import openapi
from plugin.api.context import DATABASE, NEW_ID, NOW, SERVICES
from plugin.api.errors import errors, known_caller
from plugin.api.idempotency import idempotency
from plugin.api.routes import ROUTES
from plugin.manifest import API_ROOT, BASE_PATH
from plugin.services import Services
from plugin.storage.database import Database

ROOT = API_ROOT.removeprefix(BASE_PATH)
"""Mattermost cuts `/plugins/<id>` off before it hands a request on."""


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
