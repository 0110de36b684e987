"""Keeps what telemetry stores within its bounds: once a minute, and whenever much has been queued."""

from collections.abc import Callable

import structlog

from plugin.storage import telemetry_bounds
from plugin.storage.database import Database

log = structlog.get_logger()

_MUCH = 1024 * 1024
"""By so many bytes the queue may be larger than its bound for a moment."""


class Tidying:
    """Drops the oldest of what has to leave when there is too much of it; counted, so that it can be told."""

    def __init__(self, *, database: Database, now: Callable[[], int]) -> None:
        self._database = database
        self._now = now
        self._queued = 0

    def is_due_after(self, queued: int) -> bool:
        """So many bytes have been queued; whether that was enough for the next round."""
        self._queued += queued
        return self._queued >= _MUCH

    async def run(self) -> bool:
        """One round; never more to do at once."""
        self._queued = 0
        bound = telemetry_bounds.MAX_QUEUED_BYTES - _MUCH
        dropped = await self._database.write(lambda c: telemetry_bounds.tidy(c, self._now(), max_bytes=bound))
        if dropped.full or dropped.old:
            log.warning("telemetry.dropped", no_room=dropped.full, too_old=dropped.old)
        return False
