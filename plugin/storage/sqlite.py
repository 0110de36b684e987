"""Connections to SQLite: WAL, every commit on the disk before it is answered."""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

from plugin.storage.errors import DatabaseUnusable

WRITERS = 1
READERS = 4
_GONE = ("SQLITE_BUSY", "SQLITE_CANTOPEN", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_LOCKED", "SQLITE_READONLY")
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "cache_size=-4000")


def writer(url: URL, _schema: str, _node: str) -> Engine:
    """Makes the file's folder. Raises DatabaseUnusable."""
    if url.get_backend_name() != "sqlite" or not url.database:
        rule = "sqlite:///path or postgresql://user:password@host/database"
        raise DatabaseUnusable(f"The database URL must be of the form {rule}, not {url.drivername}.")
    try:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseUnusable(f"The database's folder can't be made: {error.strerror}.") from error
    # A writer takes its lock at once: one that began as a reader could not become a writer behind another's back.
    return _engine(url, begin="BEGIN IMMEDIATE", size=WRITERS)


def reader(url: URL, _schema: str, _node: str) -> Engine:
    return _engine(url, begin="BEGIN", size=READERS)


def at_once(reading: Engine) -> Engine:
    """For work of one statement; a transaction costs next to nothing here."""
    return reading


def is_gone(error: BaseException | None) -> bool:
    """Whether it is the disk's fault, or that of somebody who holds the file, and not that of the statement."""
    return isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorname", "").startswith(_GONE)


def _engine(url: URL, *, begin: str, size: int) -> Engine:
    engine = create_engine(url, pool_size=size, max_overflow=0, hide_parameters=True, connect_args={"timeout": 10})

    @event.listens_for(engine, "connect")
    def _connect(dbapi: Any, _record: object) -> None:
        dbapi.isolation_level = None  # transactions are begun below
        for pragma in _PRAGMAS:
            dbapi.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
