"""On or off, while running: which tracker a transaction gets, and whether the sender may send."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from telemetry.events import Event
from telemetry.tracker import NoopTracker, Tracker
from telemetry.wire import Installation, payload


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where events go: the data plane's base URL and its write key."""

    url: str
    write_key: str


def is_private_way(url: str) -> bool:
    """Whether nobody on the way can read what is sent there: https, or http on this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost"))


class DurableTracker:
    """Collects a transaction's events as (message id, payload); the transaction stores them before it commits."""

    def __init__(self, sink: list[tuple[str, str]], installation: Installation) -> None:
        self._sink = sink
        self._installation = installation

    def track(self, event: Event) -> None:
        """Serialise and append; nothing is sent from here."""
        self._sink.append((event.message_id, payload(event, self._installation)))


class Switch:
    """Off until it is turned on. Transactions ask it anew each time, so a change needs no restart."""

    def __init__(self) -> None:
        self.noop = NoopTracker()
        self._on: tuple[Destination, Installation] | None = None

    @property
    def destination(self) -> Destination | None:
        """Where to send; None while telemetry is off."""
        return self._on[0] if self._on else None

    def turn_on(self, destination: Destination, installation: Installation) -> None:
        """From the next transaction on, events are kept and sent."""
        self._on = (destination, installation)

    def turn_off(self) -> None:
        """From the next transaction on, nothing is kept. What is queued is for the caller to purge."""
        self._on = None

    def tracker(self, sink: list[tuple[str, str]]) -> Tracker:
        """The tracker of one transaction."""
        return DurableTracker(sink, self._on[1]) if self._on else self.noop
