"""Telemetry on our own API."""

from typing import Any

from plugin.schemas.incidents import Wire
from telemetry.consent import Level


class LevelIn(Wire):
    """What an administrator decides."""

    level: Level


class DestinationOut(Wire):
    """Where something goes. `left_alone_until` is ms, 0 for not; `last_status` is why, 0: it cannot be reached."""

    url: str
    set: bool
    refused: str
    left_alone_until: int
    last_status: int


class NoticeStateOut(Wire):
    """Ms; 0 for not yet. From `counts_from` on `usage` holds, if nobody decides."""

    seen_at: int
    counts_from: int


class TelemetryOut(Wire):
    """Times are ms since the epoch. `said` is what each has said; `counts` by what became of events, then by event."""

    level: str
    decided_by: str
    undecided: bool
    said: dict[str, str | bool]
    notice: NoticeStateOut
    installation_id: str
    ids: str
    naming: str
    dialect: str
    phone_home_minute: int | None
    destinations: dict[str, DestinationOut]
    queued: int
    queued_bytes: int
    oldest_at: int
    quarantined: int
    counts: dict[str, dict[str, int]]


class PreviewOut(Wire):
    """Messages as they would leave, but for `sentAt`; `phone_home` is null where there would be none."""

    level: str
    events: list[dict[str, Any]]
    phone_home: dict[str, Any] | None


class SentOut(Wire):
    """A request that has left, whole. `number` grows; `at` is ms; `status` 0: there was no answer."""

    number: int
    at: int
    to: str
    status: int
    events: int
    body: dict[str, Any]


class WaitingOut(Wire):
    """A message that has not left."""

    to: str
    message: dict[str, Any]


class QuarantinedOut(WaitingOut):
    """One that was refused, when (ms), and with which status."""

    at: int
    status: int


class EverythingOut(Wire):
    """All that there is to see."""

    status: TelemetryOut
    sent: list[SentOut]
    waiting: list[WaitingOut]
    quarantined: list[QuarantinedOut]


class NoticeOut(Wire):
    """Whether you are to be asked what may leave."""

    show: bool
