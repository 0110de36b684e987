"""Answers that are sent while they are made."""

from collections.abc import AsyncIterator

import structlog
from aiohttp import web

log = structlog.get_logger()


async def stream(
    request: web.Request, response: web.StreamResponse, pieces: AsyncIterator[bytes], *, broken: bytes = b""
) -> bool:
    """Send them; False if that broke off: then `broken` comes last, and the answer does not end as answers end."""
    head = await anext(pieces)  # what fails before the first byte is an answer like any other
    await response.prepare(request)
    await response.write(head)
    try:
        async for piece in pieces:
            await response.write(piece)
    except Exception:
        log.warning("answer.broken", exc_info=True)
        await response.write(broken)
        if request.transport:
            request.transport.close()  # without the last chunk: clients that look see that it is cut off
        return False
    await response.write_eof()
    return True
