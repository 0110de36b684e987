"""Drains one kind of queued messages to its destination, in order of commit. Nothing is lost, nothing tried for ever.

What was not accepted stays where it was, in its order; the destination as a whole is left alone for a while.
"""

import asyncio
import contextlib
import dataclasses
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import aiohttp

from telemetry.destination import Destination, Request
from telemetry.proxy import proxy_for
from telemetry.verdict import Verdict, verdict_of, wished_pause_ms

CLAIMED = 1_000
"""At once, to be sent in batches."""
MAX_BATCH_BYTES = 450_000
"""Before gzip; receivers take 500,000."""
TIMEOUT_S = 10
_CONNECT_S = 5
_REST_S = 2
"""For what follows status and headers, which nobody needs."""
_LAST_WORDS_S = 1
"""For the database, when we are stopped."""
LEASE_MS = 30_000
_GOES_ON_MS = 15_000
"""After a claim; then what is left is let go of, well before its lease ends."""
_FIRST_PAUSE_MS = 1_000
_LONGEST_PAUSE_MS = 300_000
_WORTH_TELLING_MS = 5_000
"""A shorter pause is not stored for other nodes."""
REFUSED_PAUSE_MS = 3_600_000
"""For a destination that does not know us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """A row of the queue: `payload` is JSON, `event` what it is counted as."""

    message_id: str
    event: str
    payload: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A request that has left, at `at` (ms); `status` 0: there was no answer."""

    body: bytes
    events: Sequence[Queued]
    at: int
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A destination is left alone until then (ms), because of that status; 0 for one that cannot be reached."""

    fingerprint: str
    until: int
    status: int


class Queue(Protocol):
    """Durable rows of one kind, oldest first. Whoever claims them is the only one who sends, while they go on."""

    async def claim(self, limit: int) -> Sequence[Queued]:
        """Borrow the oldest, and the queue with them until LEASE_MS later; nothing while it is lent to another."""

    async def may_leave(self) -> bool:
        """Whether what was claimed may still leave: nobody has decided otherwise since, on any node."""

    async def release(self) -> None:
        """Give the queue back."""

    async def accepted(self, attempt: Attempt) -> None:
        """Forget them, count them, and keep a copy of what was sent."""

    async def failed(self, attempt: Attempt) -> None:
        """Keep a copy of what was sent."""

    async def refused(self, attempt: Attempt) -> None:
        """Put them aside for good: one event, which the destination does not want."""

    async def pause(self) -> Pause | None:
        """The last one that was stored."""

    async def store_pause(self, pause: Pause) -> None:
        """For after a restart, and for the other nodes."""


class Sender:
    """One request at a time; at least once, with the same message ids each time."""

    def __init__(
        self,
        *,
        queue: Queue,
        destination: Callable[[], Destination | None],
        session: aiohttp.ClientSession,
        now: Callable[[], int],
    ) -> None:
        """`destination` is asked before each request; None: nothing may be sent."""
        self._queue = queue
        self._destination = destination
        self._session = session
        self._now = now
        self._failures = 0
        self.pause: Pause | None = None
        self._until = 0
        self._unanswered: Attempt | None = None
        self._under_way: asyncio.Future[tuple[int, Mapping[str, str]] | None] | None = None
        self._noting: asyncio.Future[None] | None = None

    async def load(self) -> None:
        """What an earlier process, or another node, knows of the destination."""
        stored = await self._queue.pause()
        if stored and self._goes_on(stored) and (self.pause is None or self.pause.until < stored.until):
            self.pause = stored

    async def break_off(self) -> None:
        """Nothing is under way any more when this returns; to be called when telemetry has been turned off."""
        if self._under_way and not self._under_way.done():
            self._under_way.cancel()
            await asyncio.wait({self._under_way})

    async def send_once(self) -> int:
        """Send what is there, in batches; returns how many events were accepted."""
        destination = self._destination()
        if destination is None:
            return 0
        await self.load()
        if self._is_left_alone(destination):
            return 0
        events = await self._queue.claim(CLAIMED)
        self._until = self._now() + _GOES_ON_MS
        accepted = 0
        left = events
        try:
            while left:
                batch = _fitting(left[: destination.max_events])
                sent = await self._send(destination, batch)
                if sent is None:
                    break
                accepted += sent
                left = left[len(batch) :]
            await self._all_noted()
            if left:
                await self._queue.release()  # it may be a long pause, and the bounds of the queue spare what is lent
        except asyncio.CancelledError:  # we are stopped: whoever comes next need not wait until the lease ends
            with contextlib.suppress(Exception):
                async with asyncio.timeout(_LAST_WORDS_S):
                    await self._all_noted()
                    await self._queue.release()
                    if self._unanswered:
                        await self._queue.failed(self._unanswered)
            raise
        except Exception:  # nobody is to get again and again what cannot be noted
            with contextlib.suppress(Exception):
                await self._later(destination, 0, 0)
            raise
        return accepted

    async def _send(self, destination: Destination, events: Sequence[Queued]) -> int | None:
        """How many were accepted; None: stop, they and all behind them are to wait."""
        if self._now() >= self._until:
            return None
        if self._destination() is not destination or not await self._queue.may_leave():
            return None  # turned off meanwhile: the rows are purged, or belong to the next destination
        at = self._now()
        request = destination.request([event.payload for event in events], at)
        self._unanswered = Attempt(body=request.body, events=events, at=at, status=0)
        self._under_way = asyncio.ensure_future(self._post(request))
        try:
            await asyncio.wait({self._under_way})
        except asyncio.CancelledError:
            self._under_way.cancel()
            raise
        answer = (0, {}) if self._under_way.cancelled() else self._under_way.result()
        attempt, self._unanswered = self._unanswered, None
        if answer is None:
            await self._later(destination, 0, 0)
            return None
        status, headers = answer
        attempt = dataclasses.replace(attempt, status=status)
        if self._destination() is not destination and not 200 <= status < 300:
            await self._queue.failed(attempt)
            return None
        verdict = verdict_of(status) if status else Verdict.LATER
        if verdict is Verdict.ACCEPTED:
            self._failures = 0
            self.pause = None
            await self._all_noted()
            self._noting = asyncio.ensure_future(self._queue.accepted(attempt))  # while the next one is under way
            return len(events)
        if verdict is Verdict.BAD_BATCH:
            return await self._halved(destination, attempt)
        await self._all_noted()
        await self._queue.failed(attempt)
        if verdict is Verdict.REFUSED:
            self.pause = Pause(fingerprint=destination.fingerprint, until=self._now() + REFUSED_PAUSE_MS, status=status)
            await self._queue.store_pause(self.pause)
        else:
            await self._later(destination, status, wished_pause_ms(headers, self._now()))
        return None

    async def _all_noted(self) -> None:
        noting, self._noting = self._noting, None
        if noting:
            await noting

    async def _halved(self, destination: Destination, attempt: Attempt) -> int | None:
        """One event can spoil all: its neighbours must not wait for it."""
        events = attempt.events
        await self._all_noted()
        if len(events) == 1:
            await self._queue.refused(attempt)
            return 0
        await self._queue.failed(attempt)
        half = len(events) // 2
        first = await self._send(destination, events[:half])
        if first is None:
            return None
        second = await self._send(destination, events[half:])
        return None if second is None else first + second

    async def _later(self, destination: Destination, status: int, wished_ms: int) -> None:
        wait = max(pause_ms(self._failures), min(wished_ms, _LONGEST_PAUSE_MS))
        self._failures += 1
        self.pause = Pause(fingerprint=destination.fingerprint, until=self._now() + wait, status=status)
        if wait > _WORTH_TELLING_MS:
            await self._queue.store_pause(self.pause)

    def _is_left_alone(self, destination: Destination) -> bool:
        pause = self.pause
        return pause is not None and pause.fingerprint == destination.fingerprint and self._goes_on(pause)

    def _goes_on(self, pause: Pause) -> bool:
        # A clock that was set back must not make an hour of years.
        return self._now() < pause.until <= self._now() + REFUSED_PAUSE_MS

    async def _post(self, request: Request) -> tuple[int, Mapping[str, str]] | None:
        """Status and headers of the answer; status 0: there was none; None: nothing has left."""
        try:
            async with self._session.post(
                request.url,
                data=request.body,
                headers=request.headers,
                timeout=aiohttp.ClientTimeout(total=TIMEOUT_S, sock_connect=_CONNECT_S),
                allow_redirects=False,
                proxy=proxy_for(request.url),
            ) as response:
                with contextlib.suppress(Exception):  # so that the connection can be used again
                    async with asyncio.timeout(_REST_S):
                        await response.content.read(_ENOUGH)
                return response.status, response.headers
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, ValueError):
            return None
        except (aiohttp.ClientError, TimeoutError, OSError):
            return 0, {}


_ENOUGH = 4_096
"""Nobody has to say more than that."""


def _fitting(events: Sequence[Queued]) -> Sequence[Queued]:
    """As many from the front as a batch may have bytes, at least one."""
    size = 0
    for number, event in enumerate(events):
        size += len(event.payload.encode()) + 64  # with what is added at the attempt
        if number and size > MAX_BATCH_BYTES:
            return events[:number]
    return events


def pause_ms(failures: int) -> int:
    """Exponential with full jitter; there is no last attempt."""
    longest = min(_LONGEST_PAUSE_MS, _FIRST_PAUSE_MS * 2 ** min(failures, 20))
    return random.randint(0, longest)  # noqa: S311 - jitter, not a secret
