"""Who is asking for which incident: the first line of most handlers, for permission comes before the body."""

import re

from aiohttp import web

from incidents.gate import EditPass, ViewPass
from plugin.api.context import person_id, services
from plugin.api.errors import BadRequest

_MATCH = "If-Match"


async def viewer(request: web.Request) -> ViewPass:
    """Raises IncidentNotFound."""
    return await services(request).gate.view(person_id(request), request.match_info["id"])


async def editor(request: web.Request) -> EditPass:
    """With the version that `If-Match` names, if it does. Raises IncidentNotFound, IncidentForbidden, BadRequest."""
    allowed = await services(request).gate.edit(person_id(request), request.match_info["id"])
    return allowed.only_at(wanted_version(request))


def wanted_version(request: web.Request) -> int | None:
    """The version that `If-Match` names; None for none, or any. Raises BadRequest."""
    header = request.headers.get(_MATCH, "*").strip()
    if header == "*":
        return None
    found = re.fullmatch(r'(?:W/)?"?([0-9]{1,18})"?', header)
    if not found:
        raise BadRequest(_MATCH, 'must be one version, as in the ETag of an answer: "12"')
    return int(found[1])
