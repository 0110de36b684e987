"""Drains the queue to the data plane. Nothing is dropped: what was not accepted stays queued."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import aiohttp

from telemetry import wire
from telemetry.switch import Destination, Switch
from telemetry.verdict import Verdict, verdict_of, wished_pause_ms

MAX_BATCH = 250
MAX_BATCH_BYTES = 450_000
"""Before gzip; receivers take 500,000."""
TIMEOUT_S = 10
_FIRST_PAUSE_MS = 1_000
_LONGEST_PAUSE_MS = 300_000
_REFUSED_PAUSE_MS = 3_600_000
"""For a destination that does not know us, and for an event that alone is refused."""


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
        self._refused: tuple[Destination, int] | None = None
        """Who has refused us, and until when (ms) it is left alone."""
        self._under_way: asyncio.Future[tuple[Verdict, int]] | None = None

    async def break_off(self) -> None:
        """Nothing is under way any more when this returns; to be called when telemetry has been turned off."""
        if self._under_way and not self._under_way.done():
            self._under_way.cancel()
            await asyncio.wait({self._under_way})

    async def send_once(self) -> int:
        """Send one batch; returns how many events were accepted, 0 when there was nothing or it failed."""
        destination = self._switch.destination
        if destination is None or self._is_left_alone(destination):
            return 0
        events = await self._queue.claim(MAX_BATCH)
        fitting = _fitting(events)
        if not fitting:
            return 0
        if len(fitting) < len(events):
            await self._queue.later([event.message_id for event in events[len(fitting) :]], pause_ms=0)
        return await self._send(destination, fitting)

    async def _send(self, destination: Destination, events: Sequence[QueuedEvent]) -> int:
        if self._switch.destination is not destination:
            return 0  # turned off meanwhile: the rows are purged, or belong to the next destination
        ids = [event.message_id for event in events]
        self._under_way = asyncio.ensure_future(self._post(destination, events))
        try:
            await asyncio.wait({self._under_way})
        except asyncio.CancelledError:
            self._under_way.cancel()
            raise
        verdict, wished_ms = (Verdict.LATER, 0) if self._under_way.cancelled() else self._under_way.result()
        if verdict is Verdict.ACCEPTED:
            await self._queue.done(ids)
            return len(ids)
        if verdict is Verdict.BAD_BATCH and len(events) > 1:
            half = len(events) // 2  # one event can spoil all: its neighbours must not wait for it
            return await self._send(destination, events[:half]) + await self._send(destination, events[half:])
        if verdict is Verdict.REFUSED:
            self._refused = (destination, self._now() + _REFUSED_PAUSE_MS)
        if verdict in (Verdict.REFUSED, Verdict.BAD_BATCH):
            pause = _REFUSED_PAUSE_MS
        else:
            pause = max(pause_ms(max(event.attempts for event in events)), min(wished_ms, _LONGEST_PAUSE_MS))
        await self._queue.later(ids, pause_ms=pause)
        return 0

    def _is_left_alone(self, destination: Destination) -> bool:
        return self._refused is not None and self._refused[0] == destination and self._now() < self._refused[1]

    async def _post(self, destination: Destination, events: Sequence[QueuedEvent]) -> tuple[Verdict, int]:
        """The verdict, and how long (ms) the receiver wants us to wait."""
        body = wire.batch([event.payload for event in events], self._now())
        try:
            async with self._session.post(
                f"{destination.url.rstrip('/')}/v1/batch",
                data=body,
                headers=wire.headers(destination.write_key),
                timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
                allow_redirects=False,
            ) as response:
                await response.read()
                return verdict_of(response.status), wished_pause_ms(response.headers, self._now())
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return Verdict.LATER, 0


def _fitting(events: Sequence[QueuedEvent]) -> Sequence[QueuedEvent]:
    """As many from the front as a batch may have bytes, at least one."""
    size = 0
    for number, event in enumerate(events):
        size += len(event.payload.encode()) + 64  # with what is added at the attempt
        if number and size > MAX_BATCH_BYTES:
            return events[:number]
    return events


def pause_ms(attempts: int) -> int:
    """Exponential with full jitter; there is no last attempt."""
    longest = min(_LONGEST_PAUSE_MS, _FIRST_PAUSE_MS * 2 ** min(attempts, 20))
    return random.randint(0, longest)  # noqa: S311 - jitter, not a secret
