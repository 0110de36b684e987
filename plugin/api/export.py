"""GET /incidents/{id}/export: the channel as a file."""

import structlog
from aiohttp import web

from plugin.api.context import services
from plugin.api.parameters import Choice
from plugin.api.passes import editor
from plugin.export.table import BROKEN

ORDER = Choice(name="order", help="Which message comes first.", choices=("oldest", "newest"), default="oldest")

log = structlog.get_logger()


async def export_channel(request: web.Request) -> web.StreamResponse:
    """Oldest first, or with `order=newest` newest first. What breaks off says so, and does not end as a file ends."""
    allowed = await editor(request)
    newest_first = ORDER.read(request) == "newest"
    pieces = services(request).export.rows(allowed, newest_first=newest_first)
    head = await anext(pieces)  # what fails before the first byte is an answer like any other
    response = web.StreamResponse(
        headers={"Content-Disposition": f'attachment; filename="{allowed.head.channel_name}.csv"'}
    )
    response.content_type, response.charset = "text/csv", "utf-8"
    await response.prepare(request)
    await response.write(head)
    try:
        async for piece in pieces:
            await response.write(piece)
    except Exception:
        log.warning("export.broken", incident_id=allowed.head.id, exc_info=True)
        await response.write(f"{BROKEN}\r\n".encode())
        if request.transport:
            request.transport.close()  # without the last chunk: clients that look see that it is cut off
        return response
    log.info("export.done", incident_id=allowed.head.id, person_id=allowed.person_id)
    await response.write_eof()
    return response
