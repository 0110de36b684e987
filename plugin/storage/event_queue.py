"""One kind of the outbox's messages, as `telemetry.sender` sees it."""

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import asdict

import structlog

from plugin.storage import telemetry_queue, telemetry_rows
from plugin.storage.database import Database
from telemetry.send import Wanted
from telemetry.sender import Attempt, Pause, Queued

log = structlog.get_logger()


class SqlMessages:
    """`telemetry.send.Messages` over a database. `on_events` is told how many bytes were queued."""

    def __init__(self, *, database: Database, now: Callable[[], int], on_events: Callable[[int], None]) -> None:
        self._database = database
        self._now = now
        self._on_events = on_events

    async def queue(self, wanted: Wanted) -> bool:
        queued = await self._database.write(lambda c: telemetry_rows.queue(c, wanted, self._now()))
        if queued:
            self._on_events(len(wanted.message[2]))
        return queued

    async def refused(self, said: str) -> None:
        log.error("telemetry.not_as_declared", what=[said])
        await self._database.write(lambda c: telemetry_rows.count(c, "refused", {said: 1}))


class SqlEventQueue:
    """`telemetry.sender.Queue` over a database."""

    def __init__(self, *, database: Database, kind: str, permit: Callable[[], str], now: Callable[[], int]) -> None:
        self._database = database
        self._kind = kind
        self._permit = permit
        self._claimed_under = ""
        self._owner = secrets.token_hex(8)
        self._now = now

    async def claim(self, limit: int) -> Sequence[Queued]:
        if not await self._database.look(lambda c: telemetry_queue.is_queued(c, self._kind)):
            return []  # most of the time; without a transaction that would have to be written
        permit = self._claimed_under = self._permit()
        return await self._database.write(
            lambda c: telemetry_queue.claim(c, self._kind, self._owner, permit, self._now(), limit)
        )

    async def may_leave(self) -> bool:
        return await self._database.look(lambda c: telemetry_rows.has_permit(c, self._claimed_under))

    async def release(self) -> None:
        await self._database.write(lambda c: telemetry_queue.release(c, self._kind, self._owner))

    async def accepted(self, attempt: Attempt) -> None:
        await self._database.write(lambda c: telemetry_queue.accepted(c, self._kind, attempt))

    async def failed(self, attempt: Attempt) -> None:
        await self._database.write(lambda c: telemetry_queue.copy(c, self._kind, attempt))

    async def refused(self, attempt: Attempt) -> None:
        await self._database.write(lambda c: telemetry_queue.bury(c, self._kind, attempt))

    async def pause(self) -> Pause | None:
        stored = (await self._database.look(telemetry_rows.facts)).get(f"pause:{self._kind}")
        return Pause(**json.loads(stored)) if stored else None

    async def store_pause(self, pause: Pause) -> None:
        text = json.dumps(asdict(pause))
        await self._database.write(lambda c: telemetry_rows.set_fact(c, f"pause:{self._kind}", text))
