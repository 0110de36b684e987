"""Reading the body of a request. Query strings are read in `plugin.api.parameters`."""

from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel

Model = TypeVar("Model", bound=BaseModel)


async def body(request: web.Request, model: type[Model]) -> Model:
    """The JSON body. Raises pydantic's ValidationError, and HTTPRequestEntityTooLarge."""
    return model.model_validate_json(await request.read() or b"null")
