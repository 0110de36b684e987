"""The telemetry part of the outbox, as `telemetry.sender` sees it."""

from collections.abc import Callable, Sequence

from plugin.storage import outbox
from plugin.storage.database import Database
from telemetry.sender import QueuedEvent


class SqlEventQueue:
    """`telemetry.sender.Queue` over a database."""

    def __init__(self, *, database: Database, now: Callable[[], int]) -> None:
        self._database = database
        self._now = now

    async def claim(self, limit: int) -> Sequence[QueuedEvent]:
        return await self._database.write(lambda connection: outbox.claim_events(connection, self._now(), limit))

    async def done(self, message_ids: Sequence[str]) -> None:
        await self._database.write(lambda connection: outbox.drop(connection, message_ids))

    async def later(self, message_ids: Sequence[str], *, pause_ms: int) -> None:
        due_at = self._now() + pause_ms
        await self._database.write(lambda connection: outbox.put_back(connection, message_ids, due_at))

    async def purge(self) -> int:
        """Forget everything that has not left; returns how many events that were."""
        return await self._database.write(outbox.purge_events)
