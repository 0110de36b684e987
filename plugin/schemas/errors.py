"""Refusals on the wire."""

from plugin.schemas.incidents import IncidentOut, Wire
from plugin.schemas.playbooks import PlaybookOut


class ErrorOut(Wire):
    """`message` is for people, `details` for programs: a code, and the field if one is at fault.

    `incident` or `playbook` is what is there now, when the request was made for an older version.
    """

    message: str
    details: str
    incident: IncidentOut | None = None
    playbook: PlaybookOut | None = None
