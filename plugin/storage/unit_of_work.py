"""The unit of work: state, timeline, telemetry and outgoing posts of one use case in one transaction."""

from collections.abc import Callable
from typing import TypeVar

import structlog
from sqlalchemy import Connection

from plugin.storage import answers, outbox, telemetry_queue, telemetry_rows
from plugin.storage.database import Database
from plugin.storage.incident_lists import Totals
from plugin.storage.incident_rows import SqlIncidentRows
from plugin.storage.outbox import SqlPostRows
from plugin.storage.playbook_rows import SqlPlaybookRows
from plugin.storage.timeline_rows import SqlTimelineRows
from plugin.storage.watcher_rows import SqlWatcherRows
from telemetry.switch import Collected, Switch
from telemetry.tracker import Tracker

log = structlog.get_logger()

T = TypeVar("T")


class SqlTransaction:
    """`incidents.ports.Transaction` on one connection."""

    def __init__(
        self,
        connection: Connection,
        *,
        tracker: Tracker,
        now: Callable[[], int],
        new_id: Callable[[], str],
        totals: Totals,
    ) -> None:
        self.incidents = SqlIncidentRows(connection, totals)
        self.playbooks = SqlPlaybookRows(connection)
        self.timeline = SqlTimelineRows(connection)
        self.watchers = SqlWatcherRows(connection)
        self.posts = SqlPostRows(connection, now=now, new_id=new_id)
        self.tracker = tracker


class SqlStore:
    """`incidents.ports.Store` over a database.

    `on_posts` and `on_events` are called after a commit that queued some; of events, with how many bytes.
    """

    def __init__(
        self,
        *,
        database: Database,
        switch: Switch,
        now: Callable[[], int],
        new_id: Callable[[], str],
        on_posts: Callable[[], None],
        on_events: Callable[[int], None],
    ) -> None:
        self._database = database
        self._switch = switch
        self._now = now
        self._new_id = new_id
        self._on_posts = on_posts
        self._on_events = on_events
        self._totals = Totals()

    async def run(self, work: Callable[[SqlTransaction], T]) -> T:
        """One transaction, whole, on the writer's thread."""

        def whole(connection: Connection) -> tuple[T, bool, int]:
            collected = Collected()
            tx = self._transaction(connection, self._switch.tracker(collected))
            result = work(tx)
            if collected.refused:
                log.error("telemetry.not_as_declared", what=sorted(collected.refused))
            queued = telemetry_rows.keep(connection, collected, self._now()) if collected else 0
            return result, tx.posts.added_due, queued

        result, posts, queued = await self._database.write(whole)
        if posts:
            self._on_posts()
        if queued:
            self._on_events(queued)
        return result

    async def read(self, work: Callable[[SqlTransaction], T]) -> T:
        """One snapshot; what is tracked or queued in it goes nowhere."""
        return await self._database.read(lambda connection: work(self._transaction(connection, self._switch.noop)))

    async def look(self, work: Callable[[SqlTransaction], T]) -> T:
        """The same for work of one statement."""
        return await self._database.look(lambda connection: work(self._transaction(connection, self._switch.noop)))

    async def take_over(self) -> None:
        """At start-up of the only node: what an earlier process had claimed is ours."""

        def work(connection: Connection) -> None:
            SqlIncidentRows(connection).release_leases()
            outbox.release_leases(connection)
            telemetry_queue.release_leases(connection)
            answers.release_leases(connection)

        await self._database.write(work)

    def _transaction(self, connection: Connection, tracker: Tracker) -> SqlTransaction:
        return SqlTransaction(connection, tracker=tracker, now=self._now, new_id=self._new_id, totals=self._totals)
