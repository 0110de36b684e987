"""The OpenAPI 3.1 page, made from the table of routes and the schemas at the edge."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from pydantic import TypeAdapter

from plugin.api.parameters import Parameter
from plugin.manifest import API_ROOT, PLUGIN_NAME, VERSION
from plugin.schemas.errors import ErrorOut

CSV = ("text/csv",)
YAML_OR_JSON = ("application/yaml", "application/json")
"""Instead of a schema: the answer is a file of such a kind."""

_REFUSALS = {
    400: "A field breaks a rule.",
    401: "No session, or one that has ended.",
    403: "You see it, but may not do that.",
    404: "Unknown, or not yours to see.",
    409: "It is so already; or an Idempotency-Key is in use.",
    412: "`If-Match` names an older version; the answer holds what is there now.",
    413: "The body is too large.",
    503: "Mattermost or the database did not answer.",
}
_ALWAYS = (400, 401, 413, 503)
_PLACES = {
    "id": "Its id.",
    "channel_id": "The channel's id.",
    "stage": "The stage's id, or its zero-based place.",
    "task": "The task's id, or its zero-based place in the stage.",
}
_REF = "#/components/schemas/{model}"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """One operation. `answers` are schemas by status: a type, None for no body, or the media types of a file.

    `refusals` are statuses besides those that any request can get.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    query: Sequence[Parameter] = field(kw_only=True, default=())
    body: Any = field(kw_only=True, default=None)
    answers: Mapping[int, Any] = field(kw_only=True)
    refusals: Sequence[int] = field(kw_only=True, default=())


def document(routes: Sequence[Route]) -> dict[str, Any]:
    """The document."""
    schemas: dict[str, Any] = {}
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": PLUGIN_NAME, "version": VERSION, "description": "Made from the code; see docs/api.md too."},
        "servers": [{"url": API_ROOT}],
        "security": [{"session": []}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {"session": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.handler.__name__,
        "summary": route.summary,
        "parameters": [*_in_path(route), *_in_query(route), *_in_header(route)],
        "responses": {str(status): _answer(answer, schemas) for status, answer in route.answers.items()},
    }
    keyed = (409,) if route.method == "POST" else ()
    for status in sorted({*_ALWAYS, *keyed, *route.refusals}):
        refusal = {"schema": _schema(ErrorOut, "serialization", schemas)}
        operation["responses"][str(status)] = {
            "description": _REFUSALS[status],
            "content": {"application/json": refusal},
        }
    if route.body is not None:
        content = {"application/json": {"schema": _schema(route.body, "validation", schemas)}}
        operation["requestBody"] = {
            "required": type(None) not in getattr(route.body, "__args__", ()),
            "content": content,
        }
    return operation


def _in_path(route: Route) -> list[dict[str, Any]]:
    names = re.findall(r"{(\w+)}", route.path)
    return [
        {"name": name, "in": "path", "required": True, "description": _PLACES[name], "schema": {"type": "string"}}
        for name in names
    ]


def _in_query(route: Route) -> list[dict[str, Any]]:
    return [
        {
            "name": parameter.name,
            "in": "query",
            "required": parameter.required,
            "description": parameter.help,
            "schema": parameter.schema(),
        }
        for parameter in route.query
    ]


def _in_header(route: Route) -> list[dict[str, Any]]:
    headers = []
    if route.method == "POST":
        text = "Repeating the request with the same key gives the first answer again."
        schema: dict[str, Any] = {"type": "string", "maxLength": 255, "pattern": "^[!-~]*$"}
        headers.append({"name": "Idempotency-Key", "in": "header", "description": text, "schema": schema})
    if 412 in route.refusals:
        text = "Only change this version: the ETag of an answer."
        schema = {"type": "string", "pattern": '^("[0-9]{1,18}"|\\*)$'}
        headers.append({"name": "If-Match", "in": "header", "description": text, "schema": schema})
    return headers


def _answer(answer: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    if answer is None:
        return {"description": "Done."}
    if isinstance(answer, tuple):
        return {"description": "The file.", "content": {kind: {} for kind in answer}}
    content = {"application/json": {"schema": _schema(answer, "serialization", schemas)}}
    return {"description": "Done.", "content": content}


def _schema(kind: Any, mode: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    schema = TypeAdapter(kind).json_schema(mode=mode, ref_template=_REF)
    schemas.update(schema.pop("$defs", {}))
    title = schema.get("title")
    if schema.get("type") == "object" and title:
        schemas[title] = schema
        return {"$ref": _REF.format(model=title)}
    return schema
