"""Reading requests: bodies by pydantic, query strings by these few functions. All of them raise BadRequest & co."""

import re
from collections.abc import Collection
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel

from plugin.api.errors import BadRequest

Model = TypeVar("Model", bound=BaseModel)

MAX_PER_PAGE = 1000
_MAX_PAGE = 1_000_000


async def body(request: web.Request, model: type[Model]) -> Model:
    """The JSON body. Raises pydantic's ValidationError, and HTTPRequestEntityTooLarge."""
    return model.model_validate_json(await request.read() or b"null")


def text(request: web.Request, name: str, *, required: bool = False) -> str:
    value = request.query.get(name, "").strip()
    if required and not value:
        raise BadRequest(name, "must be given")
    if "\0" in value:
        raise BadRequest(name, "must not have control characters")
    return value


def choice(request: web.Request, name: str, allowed: Collection[str], default: str) -> str:
    value = text(request, name) or default
    if value not in allowed:
        raise BadRequest(name, f"must be one of {', '.join(allowed)}")
    return value


def page(request: web.Request) -> tuple[int, int]:
    """`page` from 0, and `per_page` from 1; more than 1000 is clamped to that."""
    number = _whole(request, "page", 0, lowest=0)
    if number > _MAX_PAGE:
        raise BadRequest("page", f"must be at most {_MAX_PAGE}")
    return number, min(_whole(request, "per_page", MAX_PER_PAGE, lowest=1), MAX_PER_PAGE)


def _whole(request: web.Request, name: str, default: int, *, lowest: int) -> int:
    value = text(request, name)
    if not value:
        return default
    if not re.fullmatch(r"-?[0-9]{1,11}", value):
        raise BadRequest(name, "must be a whole number")
    if int(value) < lowest:
        raise BadRequest(name, f"must be at least {lowest}")
    return int(value)
