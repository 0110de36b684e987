"""Idempotency-Key: repeating a POST gives the first answer again, and never does its work twice."""

import hashlib

from aiohttp import web

from plugin.api.context import DATABASE, NEW_ID, NOW, SUBJECT_ID, person_id
from plugin.api.errors import NOTHING_DONE, BadRequest, Conflict, Handler
from plugin.storage import answers
from plugin.storage.database import Database

HEADER = "Idempotency-Key"
_MAX_KEY = 255
_KEPT_HEADERS = ("Location", "Content-Type", "ETag")


@web.middleware
async def idempotency(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The key counts per person. What the request creates gets an id that is fixed before the work begins, so that
    a repetition after a crash goes on where the first try stopped.
    """
    key = request.headers.get(HEADER, "")
    if request.method != "POST" or not key:
        return await handler(request)
    if len(key) > _MAX_KEY or not key.isprintable():
        raise BadRequest(HEADER, f"must have at most {_MAX_KEY} printable characters")
    who, database, now = person_id(request), request.app[DATABASE], request.app[NOW]
    asked = hashlib.sha256(b"\0".join([request.path_qs.encode(), await request.read()])).hexdigest()
    fresh_id = request.app[NEW_ID]()
    known = await database.write(lambda connection: answers.claim(connection, who, key, asked, fresh_id, now()))
    if known.request_hash != asked:
        raise Conflict(f"{HEADER}: was used for another request before")
    if known.status:
        return web.Response(status=known.status, headers=dict(known.headers), body=known.body.encode())
    if not known.fresh:
        raise Conflict(f"{HEADER}: the first request with it is still being carried out; try again in a moment")
    request[SUBJECT_ID] = known.subject_id
    try:
        response = await handler(request)
    except BaseException as error:
        await _refused(database, who, key, nothing_done=isinstance(error, NOTHING_DONE))
        raise
    if not isinstance(response, web.Response) or response.status >= 400:
        await _refused(database, who, key, nothing_done=True)
        return response
    kept = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    text = response.body.decode() if isinstance(response.body, bytes) else ""
    await database.write(lambda connection: answers.keep(connection, who, key, response.status, kept, text))
    return response


async def _refused(database: Database, who: str, key: str, *, nothing_done: bool) -> None:
    """A refusal can be corrected under its key; what may have been half done goes on under the same id."""
    settle = answers.release if nothing_done else answers.give_back
    await database.write(lambda connection: settle(connection, who, key))
