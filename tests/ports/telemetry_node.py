"""One process's way out: transactions that track, a sender, a clock that is set."""

import itertools
from collections.abc import Callable

import aiohttp

from plugin.app import new_event_id, new_id
from plugin.storage import telemetry_bounds, telemetry_looks, telemetry_queue, telemetry_rows
from plugin.storage.database import Database
from plugin.storage.event_queue import SqlEventQueue
from plugin.storage.outbox import TELEMETRY
from plugin.storage.unit_of_work import SqlStore, SqlTransaction
from telemetry.events import TaskAction, TaskEvent
from telemetry.sender import Sender
from telemetry.switch import Plan, Switch
from tests.plans import plan, turned_on

HOUR_MS = 3_600_000


class Clock:
    """Ms since the epoch; stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_750_000_000_000

    def __call__(self) -> int:
        return self.now


class Node:
    """`run` by hand: nothing happens in the background."""

    def __init__(self, database: Database, http: aiohttp.ClientSession, clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self.switch = Switch()
        self.store = SqlStore(
            database=database,
            switch=self.switch,
            now=clock,
            new_id=new_id,
            on_posts=lambda: None,
            on_events=lambda _queued: None,
        )
        self.sender = self.restarted(http)
        self._numbers = itertools.count()

    def restarted(self, http: aiohttp.ClientSession) -> Sender:
        """Another sender on the same queue, as a new process would have it."""
        return Sender(
            queue=SqlEventQueue(
                database=self.database, kind=TELEMETRY, permit=lambda: self.switch.permit, now=self.clock
            ),
            destination=lambda: self.switch.plan.data_plane if self.switch.plan else None,
            session=http,
            now=self.clock,
        )

    async def turn_on(self, url: str, wanted: Plan | None = None) -> None:
        await turned_on(self.switch, self.database, wanted or plan(url))

    async def track(self, count: int) -> list[str]:
        """So many changes in one transaction; their message ids."""
        events = [self.event() for _ in range(count)]

        def work(tx: SqlTransaction) -> None:
            for event in events:
                tx.tracker.track(event)

        await self.store.run(work)
        return [event.message_id for event in events]

    def event(self) -> TaskEvent:
        return TaskEvent(
            message_id=new_event_id(),
            at=self.clock(),
            user_id="u" * 26,
            action=TaskAction.ADD,
            incident_id=f"{next(self._numbers):026d}",
        )

    async def drain(self) -> int:
        """Until there is nothing more to do at once."""
        total = 0
        while sent := await self.sender.send_once():
            total += sent
        return total

    async def drain_in_time(self, until: Callable[[], bool]) -> None:
        """Go on, letting pauses pass, until then."""
        for _ in range(1_000):
            if until():
                return
            await self.drain()
            if self.sender.pause and self.sender.pause.until > self.clock.now:
                self.clock.now = self.sender.pause.until
        raise AssertionError("it does not come to an end")

    async def waiting(self) -> int:
        return int((await self.database.read(telemetry_looks.queue_state))["queued"])

    async def counts(self, what: str) -> int:
        counted = await self.database.read(telemetry_rows.counts)
        return sum(counted.get(what, {}).values())

    async def tidy(self, max_bytes: int = telemetry_bounds.MAX_QUEUED_BYTES) -> telemetry_bounds.Dropped:
        return await self.database.write(lambda c: telemetry_bounds.tidy(c, self.clock(), max_bytes=max_bytes))

    async def opt_out(self) -> None:
        self.switch.turn_off()
        await self.sender.break_off()
        await self.database.write(telemetry_rows.opt_out)

    async def claim(self) -> int:
        """What a node that dies with it has claimed."""
        claimed = await self.database.write(
            lambda c: telemetry_queue.claim(c, TELEMETRY, "a dead node", self.switch.permit, self.clock(), 100)
        )
        return len(claimed)
