"""What administrators can be told instead of what they asked for. `code` is for programs."""

from telemetry.consent import Who


class ReportingError(Exception):
    """`str()` is for the person."""

    code = "telemetry.error"


class NotAdministrator(ReportingError):
    """Only system administrators see and decide what leaves."""

    code = "telemetry.forbidden"

    def __init__(self) -> None:
        super().__init__("Only system administrators see and decide what leaves the server.")


class LevelLocked(ReportingError):
    """Less has been decided elsewhere."""

    code = "telemetry.locked"

    def __init__(self, who: Who) -> None:
        super().__init__(f"Less than that is set elsewhere ({who}), and only there can it become more.")
        self.who = who
