"""Runs units of work on worker threads: off the event loop, whole, in one hop. Which database is for `connect`."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import psycopg
from sqlalchemy import URL, Connection, Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from plugin.storage import postgres, sqlite
from plugin.storage.errors import DatabaseGone, DatabaseUnusable
from plugin.storage.migrate import check, migrate

T = TypeVar("T")

_TRIES = 4
_REPEATABLE = ("40P01", "40001", "55P03")
"""Deadlock, serialization, and a lock that was waited for too long."""


@dataclass(slots=True)
class _Lane:
    """An engine and the threads that use it: as many as it has connections."""

    engine: Engine
    threads: ThreadPoolExecutor


class Database:
    """SQLite (one writer, a few readers on snapshots beside it) or PostgreSQL (several of both, and several nodes)."""

    def __init__(self, url: str | URL, *, schema: str = "") -> None:
        """`schema` is for PostgreSQL alone: all our tables are in it. Raises DatabaseUnusable."""
        try:
            parsed = make_url(url)
        except (ArgumentError, ValueError) as error:
            raise DatabaseUnusable("The database URL can't be read.") from error.with_traceback(None)
        self._schema = schema
        self._url = parsed
        self.shared = parsed.get_backend_name() == "postgresql"
        """Whether other nodes may work on it too."""
        kind = postgres if self.shared else sqlite
        self._node = postgres.node_name(schema)
        self._nodes = postgres.Membership(parsed, schema, self._node) if self.shared else None
        self._writer = _lane(kind.writer(parsed, schema, self._node), kind.WRITERS, "db-write")
        self._reader = _lane(kind.reader(parsed, schema, self._node), kind.READERS, "db-read")
        self._glance = _Lane(kind.at_once(self._reader.engine), self._reader.threads)

    @classmethod
    def file(cls, path: Path) -> "Database":
        """SQLite in that file, whatever signs its name has."""
        return cls(URL.create("sqlite", database=str(path)))

    def open(self) -> None:
        """Migrate; of several nodes that start at once, one does it. Raises DatabaseUnusable, DatabaseTooNew."""
        with _said_in_a_line():
            if self.shared:
                postgres.make_schema(self._url, self._schema, self._node)
            with self._writer.engine.begin() as connection:
                if self.shared:
                    postgres.lock_migrations(connection, self._schema)
                migrate(connection)

    def look_at(self) -> None:
        """Use it as it is: for whoever is not the server. Raises DatabaseUnusable, DatabaseTooNew."""
        with _said_in_a_line(), self._reader.engine.begin() as connection:
            check(connection)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction. An exception in it undoes everything.

        `work` is run again, on a new connection, when the database could not carry it out for reasons of its own:
        it must not change anything but through its connection. Raises DatabaseGone.
        """
        return await _hop(self._writer, work)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on one consistent snapshot. Raises DatabaseGone."""
        return await _hop(self._reader, work)

    async def look(self, work: Callable[[Connection], T]) -> T:
        """The same for work of one statement, which is a snapshot in itself: on PostgreSQL a third of the way."""
        return await _hop(self._glance, work)

    async def join(self) -> bool:
        """Become one of the database's nodes; True if there is no other: they wait for `admit`. Raises DatabaseGone."""
        return await self._as_node(self._nodes.join) if self._nodes else True

    async def admit(self) -> None:
        """Let other nodes join."""
        if self._nodes:
            await self._as_node(self._nodes.admit)

    async def renew(self) -> None:
        """Join again if that was lost; to be called now and then."""
        if self._nodes:
            await self._as_node(self._nodes.renew)

    def close(self) -> None:
        """Wait for what is running, then let go of files and sockets."""
        if self._nodes:
            self._nodes.leave()
        for lane in (self._writer, self._reader):
            lane.threads.shutdown()
            lane.engine.dispose()

    async def _as_node(self, call: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._reader.threads, call)
        except psycopg.Error as error:
            raise DatabaseGone from error


@contextmanager
def _said_in_a_line() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        raise DatabaseUnusable(f"The database can't be used: {reason}.") from error


def _lane(engine: Engine, size: int, name: str) -> _Lane:
    return _Lane(engine, ThreadPoolExecutor(size, thread_name_prefix=name))


async def _hop(lane: _Lane, work: Callable[[Connection], T]) -> T:
    # Shielded: a caller that goes away (a client hanging up) must not leave a commit half told.
    return await asyncio.shield(asyncio.get_running_loop().run_in_executor(lane.threads, _whole, lane.engine, work))


def _whole(engine: Engine, work: Callable[[Connection], T]) -> T:
    for tries_left in reversed(range(_TRIES)):
        try:
            with engine.connect() as connection:
                transaction = connection.begin()
                try:
                    result = work(connection)
                except DBAPIError as error:
                    # Before the commit was asked for, a lost connection means: nothing has happened.
                    if tries_left and _may_be_repeated(error):
                        continue
                    raise
                transaction.commit()
                return result
        except DBAPIError as error:
            if (
                error.connection_invalidated
                or isinstance(error.orig, psycopg.OperationalError)
                or sqlite.is_gone(error.orig)
            ):
                raise DatabaseGone from error
            raise
    raise AssertionError("the last try returns or raises")


def _may_be_repeated(error: DBAPIError) -> bool:
    return error.connection_invalidated or getattr(error.orig, "sqlstate", "") in _REPEATABLE
