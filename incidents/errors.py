"""What can go wrong with an incident.

IncidentError
├── InvalidIncident      a field breaks a rule
├── IncidentNotFound     unknown, not started yet, or not for this person: they look the same
├── IncidentForbidden    the person sees the incident but may not change it, or may not start one
├── PlaceNotFound        no such stage or task in this incident
├── StageNotEmpty        the stage still has tasks
├── OutOfDate            somebody else was faster, and the person wanted to be told
├── AlreadyEnded         ending what is ended
├── AlreadyActive        restarting what is running
├── StartInProgress      the same start is still being carried out
└── StartFailed          Mattermost could not make the channel; everything was undone
"""

from typing import Literal

from incidents.model import Incident


class IncidentError(Exception):
    """Base of all refusals about incidents; `str()` is fit for the person who asked."""

    code = "incident.error"


class InvalidIncident(IncidentError):
    code = "incident.invalid"

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"{field}: {rule}")
        self.field = field
        self.rule = rule


class IncidentNotFound(IncidentError):
    code = "incident.not_found"

    def __init__(self) -> None:
        super().__init__("There is no such incident, or you may not see it.")


class IncidentForbidden(IncidentError):
    code = "incident.forbidden"


class PlaceNotFound(IncidentError):
    code = "incident.place_not_found"

    def __init__(self, kind: Literal["stage", "task"], ref: str) -> None:
        super().__init__(f"{kind}: this incident has no {kind} at {ref[:40]!r}")
        self.kind = kind


class StageNotEmpty(IncidentError):
    code = "incident.stage_not_empty"

    def __init__(self) -> None:
        super().__init__("This stage still has tasks. Move or remove them first, or remove the stage with its tasks.")


class OutOfDate(IncidentError):
    code = "incident.out_of_date"

    def __init__(self, current: Incident) -> None:
        version = current.head.version
        super().__init__(f"Somebody has changed this incident since you looked: it has version {version} now.")
        self.current = current


class AlreadyEnded(IncidentError):
    code = "incident.already_ended"

    def __init__(self) -> None:
        super().__init__("This incident has already ended. Restart it with /incident restart.")


class AlreadyActive(IncidentError):
    code = "incident.already_active"

    def __init__(self) -> None:
        super().__init__("This incident is ongoing. End it with /incident end.")


class StartInProgress(IncidentError):
    code = "incident.start_in_progress"

    def __init__(self) -> None:
        super().__init__("This incident is still being started. Try again in a moment.")


class StartFailed(IncidentError):
    code = "incident.start_failed"

    def __init__(self) -> None:
        super().__init__("Mattermost could not make the incident's channel. Nothing was started; try again.")
