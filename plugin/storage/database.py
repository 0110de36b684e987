"""Opens the database and runs units of work on worker threads: off the event loop, whole, in one hop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from plugin.storage.errors import DatabaseUnusable
from plugin.storage.migrate import migrate

T = TypeVar("T")

_READERS = 4


class Database:
    """SQLite with one writer thread and a few readers on snapshots beside it (WAL)."""

    def __init__(self, url: str | URL) -> None:
        parsed = make_url(url)
        if parsed.get_backend_name() != "sqlite" or not parsed.database:
            raise DatabaseUnusable(f"The database URL must be of the form sqlite:///path, not {parsed.drivername}.")
        try:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DatabaseUnusable(f"The database's folder can't be made: {error.strerror}.") from error
        self._writer = _sqlite_engine(parsed, begin="BEGIN IMMEDIATE", size=1)
        self._reader = _sqlite_engine(parsed, begin="BEGIN", size=_READERS)
        self._write_threads = ThreadPoolExecutor(1, thread_name_prefix="db-write")
        self._read_threads = ThreadPoolExecutor(_READERS, thread_name_prefix="db-read")

    @classmethod
    def file(cls, path: Path) -> "Database":
        """SQLite in that file, whatever signs its name has."""
        return cls(URL.create("sqlite", database=str(path)))

    def open(self) -> None:
        """Migrate. Raises DatabaseUnusable, DatabaseTooNew."""
        try:
            with self._writer.begin() as connection:
                migrate(connection)
        except SQLAlchemyError as error:
            reason = getattr(error, "orig", None) or error
            raise DatabaseUnusable(f"The database can't be used: {reason}.") from error

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction that no other writer shares. An exception in it undoes everything."""
        return await self._hop(self._write_threads, self._writer, work)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on one consistent snapshot."""
        return await self._hop(self._read_threads, self._reader, work)

    def close(self) -> None:
        """Wait for what is running, then let go of the files."""
        self._write_threads.shutdown()
        self._read_threads.shutdown()
        self._reader.dispose()
        self._writer.dispose()

    async def _hop(self, threads: ThreadPoolExecutor, engine: Engine, work: Callable[[Connection], T]) -> T:
        def whole() -> T:
            with engine.begin() as connection:
                return work(connection)

        # Shielded: a caller that goes away (a client hanging up) must not leave a commit half told.
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(threads, whole))


def _sqlite_engine(url: URL, *, begin: str, size: int) -> Engine:
    engine = create_engine(url, pool_size=size, max_overflow=0, hide_parameters=True, connect_args={"timeout": 10})

    @event.listens_for(engine, "connect")
    def _connect(dbapi: Any, _record: object) -> None:
        dbapi.isolation_level = None  # transactions are begun below, so that a writer takes its lock at once
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "cache_size=-16000"):
            dbapi.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
