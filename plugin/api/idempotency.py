"""Idempotency-Key: repeating a POST gives the first answer again, and never does its work twice."""

import hashlib

from aiohttp import web

from plugin.api.context import DATABASE, NEW_ID, NOW, SUBJECT_ID, person_id
from plugin.api.errors import BadRequest, Conflict, Handler
from plugin.storage import answers

HEADER = "Idempotency-Key"
_MAX_KEY = 255
_KEPT_HEADERS = ("Location", "Content-Type")


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
    asked = hashlib.sha256(b"\0".join([request.path.encode(), await request.read()])).hexdigest()
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
    except Exception:
        await database.write(lambda connection: answers.release(connection, who, key))
        raise
    if not isinstance(response, web.Response) or response.status >= 400:
        await database.write(lambda connection: answers.release(connection, who, key))
        return response
    kept = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    text = response.body.decode() if isinstance(response.body, bytes) else ""
    await database.write(lambda connection: answers.keep(connection, who, key, response.status, kept, text))
    return response
