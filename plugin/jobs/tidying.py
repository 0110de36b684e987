"""Keeps what telemetry stores within its bounds: once a minute, and whenever much has been queued."""

import time
from collections.abc import Callable

import structlog

from plugin.storage import telemetry_bounds
from plugin.storage.database import Database

log = structlog.get_logger()

_PATIENCE_S = 3600.0
_MUCH = 1024 * 1024
"""By so many bytes the queue may be larger than its bound for a moment."""


class Tidying:
    """Drops the oldest of what has to leave when there is too much of it; counted, so that it can be told."""

    def __init__(
        self, *, database: Database, now: Callable[[], int], seconds: Callable[[], float] = time.monotonic
    ) -> None:
        """`seconds` is a clock that nobody sets."""
        self._database = database
        self._now = now
        self._seconds = seconds
        self._queued = 0
        self._old_since: float | None = None

    def is_due_after(self, queued: int) -> bool:
        """So many bytes have been queued; whether that was enough for the next round."""
        self._queued += queued
        return self._queued >= _MUCH

    async def run(self) -> bool:
        """One round; never more to do at once."""
        self._queued = 0
        bound = telemetry_bounds.MAX_QUEUED_BYTES - _MUCH
        with_old = await self._are_surely_old()
        dropped = await self._database.write(
            lambda c: telemetry_bounds.tidy(c, self._now(), max_bytes=bound, with_old=with_old)
        )
        if dropped.full or dropped.old:
            log.warning("telemetry.dropped", no_room=dropped.full, too_old=dropped.old)
        return False

    async def _are_surely_old(self) -> bool:
        """A clock that was set wrong, and is mended within an hour, drops nothing."""
        if not await self._database.look(lambda c: telemetry_bounds.has_old(c, self._now())):
            self._old_since = None
            return False
        if self._old_since is None:
            self._old_since = self._seconds()
        return self._seconds() - self._old_since >= _PATIENCE_S
