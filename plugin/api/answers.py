"""Answers as JSON, with exactly `application/json`."""

import json
from collections.abc import Sequence
from typing import Any

from aiohttp import web
from pydantic import BaseModel

from incidents.model import Incident
from plugin.schemas.incidents import IncidentOut


def ok(model: BaseModel) -> web.Response:
    return _answer(model.model_dump_json().encode())


def shown(incident: Incident) -> web.Response:
    """An incident, with its version as ETag."""
    return tagged(ok(IncidentOut.of(incident)), incident.head.version)


def tagged(response: web.Response, version: int) -> web.Response:
    """The answer with the version as ETag, for `If-Match`."""
    response.headers["ETag"] = f'"{version}"'
    return response


def ok_list(models: Sequence[BaseModel]) -> web.Response:
    """A bare list."""
    return _answer(json.dumps([model.model_dump(mode="json") for model in models]).encode())


def plain_list(values: Sequence[str]) -> web.Response:
    """A bare list of ids."""
    return _answer(json.dumps(list(values)).encode())


def created(model: BaseModel, location: str) -> web.Response:
    response = _answer(model.model_dump_json().encode(), status=201)
    response.headers["Location"] = location
    return response


def plain(value: dict[str, Any], *, status: int = 200) -> web.Response:
    """A small object that is no resource: an error, or what a dialog shows."""
    return _answer(json.dumps(value).encode(), status=status)


def _answer(body: bytes, *, status: int = 200) -> web.Response:
    return web.Response(body=body, status=status, content_type="application/json")
