"""What the domain sees of telemetry: something to hand an event to. Whether it is kept is decided elsewhere."""

from typing import Protocol

from telemetry.events import Event


class Tracker(Protocol):
    """Takes the events of one transaction."""

    def track(self, event: Event) -> None:
        """Count `event` if, and only if, the surrounding transaction commits. Never raises, blocks or sends."""


class NoopTracker:
    """The tracker while telemetry is off: forgets at once."""

    def track(self, event: Event) -> None:
        """Do nothing."""
