"""GET /incidents/{id}/export: the channel as a file."""

import structlog
from aiohttp import web

from plugin.api.context import services
from plugin.api.parameters import Choice
from plugin.api.passes import editor
from plugin.api.streaming import stream
from plugin.export.table import BROKEN

ORDER = Choice(name="order", help="Which message comes first.", choices=("oldest", "newest"), default="oldest")

log = structlog.get_logger()


async def export_channel(request: web.Request) -> web.StreamResponse:
    """Oldest first, or with `order=newest` newest first. What breaks off says so, and does not end as a file ends."""
    allowed = await editor(request)
    newest_first = ORDER.read(request) == "newest"
    pieces = services(request).export.rows(allowed, newest_first=newest_first)
    response = web.StreamResponse(
        headers={"Content-Disposition": f'attachment; filename="{allowed.head.channel_name}.csv"'}
    )
    response.content_type, response.charset = "text/csv", "utf-8"
    if await stream(request, response, pieces, broken=f"{BROKEN}\r\n".encode()):
        log.info("export.done", incident_id=allowed.head.id, person_id=allowed.person_id)
    return response
