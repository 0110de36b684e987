"""Drains the queue to the data plane. Nothing is dropped: what was not accepted stays queued."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import aiohttp

from telemetry import wire
from telemetry.switch import Switch

MAX_BATCH = 250
TIMEOUT_S = 10
_FIRST_PAUSE_MS = 1_000
_LONGEST_PAUSE_MS = 300_000


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedEvent:
    """A row of the queue: `payload` is JSON from `wire.payload`, `attempts` counts the earlier ones."""

    message_id: str
    payload: str
    attempts: int


class Queue(Protocol):
    """Durable rows with leases, oldest first."""

    async def claim(self, limit: int) -> Sequence[QueuedEvent]:
        """Lease up to `limit` events that are due."""

    async def done(self, message_ids: Sequence[str]) -> None:
        """Forget events that were accepted."""

    async def later(self, message_ids: Sequence[str], *, pause_ms: int) -> None:
        """Give events back, to be tried again after a pause."""


class Sender:
    """One batch at a time; at least once, with the same message ids each time."""

    def __init__(self, *, queue: Queue, switch: Switch, session: aiohttp.ClientSession, now: Callable[[], int]) -> None:
        self._queue = queue
        self._switch = switch
        self._session = session
        self._now = now

    async def send_once(self) -> int:
        """Send one batch; returns how many events were accepted, 0 when there was nothing or it failed."""
        destination = self._switch.destination
        if destination is None:
            return 0
        events = await self._queue.claim(MAX_BATCH)
        if not events:
            return 0
        ids = [event.message_id for event in events]
        if self._switch.destination is not destination:
            return 0  # turned off meanwhile: the rows are purged, or belong to the next destination
        if await self._post(f"{destination.url.rstrip('/')}/v1/batch", destination.write_key, events):
            await self._queue.done(ids)
            return len(ids)
        await self._queue.later(ids, pause_ms=pause_ms(max(event.attempts for event in events)))
        return 0

    async def _post(self, url: str, write_key: str, events: Sequence[QueuedEvent]) -> bool:
        body = wire.batch([event.payload for event in events], self._now())
        try:
            async with self._session.post(
                url,
                data=body,
                headers=wire.headers(write_key),
                timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
                allow_redirects=False,
            ) as response:
                await response.read()
                return 200 <= response.status < 300
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return False


def pause_ms(attempts: int) -> int:
    """Exponential with full jitter; there is no last attempt."""
    longest = min(_LONGEST_PAUSE_MS, _FIRST_PAUSE_MS * 2 ** min(attempts, 20))
    return random.randint(0, longest)  # noqa: S311 - jitter, not a secret
