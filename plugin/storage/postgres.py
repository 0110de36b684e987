"""Connections to PostgreSQL, everything in a schema of our own; and how the nodes on it know of each other."""

import secrets
import zlib
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError

WRITERS = 8
READERS = 4
_CONNECTING: dict[str, Any] = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
    # The server, too, notices when a node's machine is gone, and then lets go of the rows that it had locked.
    "options": "-c idle_in_transaction_session_timeout=15s -c lock_timeout=10s"
    " -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3",
}


def node_name(schema: str) -> str:
    """A name for all connections of one process; those of its schema begin alike."""
    return f"{_common_name(schema)}{secrets.token_hex(4)}"


def _common_name(schema: str) -> str:
    return f"incident-response {zlib.crc32(schema.encode()):08x} "


def writer(url: URL, schema: str, node: str) -> Engine:
    """READ COMMITTED: what is changed is locked first (`IncidentRows.lock`), so it is seen as it is."""
    return _engine(url, schema, node, isolation="READ COMMITTED", size=WRITERS)


def reader(url: URL, schema: str, node: str) -> Engine:
    """REPEATABLE READ: one snapshot for all of a reading."""
    return _engine(url, schema, node, isolation="REPEATABLE READ", size=READERS)


def at_once(reading: Engine) -> Engine:
    """For work of one statement: without BEGIN and COMMIT, on the same connections."""
    return reading.execution_options(isolation_level="AUTOCOMMIT")


def make_schema(url: URL, schema: str, node: str) -> None:
    """Raises sqlalchemy's OperationalError."""
    try:
        with _connect(url, node) as connection:
            # Looked for first: whoever may not make schemas can be given one that is made already.
            known = connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [schema]).fetchone()
            if known is None:
                connection.execute("SELECT pg_advisory_lock(%s)", [_key("schema", schema)])
                connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
    except psycopg.Error as error:
        raise OperationalError("CREATE SCHEMA", None, error) from error


def lock_migrations(connection: Connection, schema: str) -> None:
    """Until the transaction ends, other nodes wait with theirs, however long it takes."""
    connection.execute(text("SET LOCAL lock_timeout = 0"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _key("migrations", schema)})


class Membership:
    """Each node holds a shared lock as long as it lives; PostgreSQL lets go of it when the node's connection ends.

    Whoever can have the lock alone knows that no other node lives. All methods block, and raise psycopg.Error.
    """

    def __init__(self, url: URL, schema: str, node: str) -> None:
        self._url = url
        self._key = _key("nodes", schema)
        self._node = node
        self._nodes = f"{_common_name(schema)}%"
        self._connection: psycopg.Connection[Any] | None = None

    def join(self) -> bool:
        """Become one of the nodes; True if there is no other: they wait until this one calls `admit`."""
        self._connection = _connect(self._url, self._node)
        row = self._connection.execute("SELECT pg_try_advisory_lock(%s)", [self._key]).fetchone()
        locked = bool(row and row[0])
        if locked and not self._others(self._connection):
            return True
        self._connection.execute("SELECT pg_advisory_lock_shared(%s)", [self._key])
        if locked:
            self._connection.execute("SELECT pg_advisory_unlock(%s)", [self._key])
        return False

    def _others(self, connection: "psycopg.Connection[Any]") -> bool:
        """A node whose lock was cut off for a moment still has other connections, or soon again."""
        others = "SELECT 1 FROM pg_stat_activity WHERE application_name LIKE %s AND application_name <> %s LIMIT 1"
        return connection.execute(others, [self._nodes, self._node]).fetchone() is not None

    def admit(self) -> None:
        """What a lone node had to do first is done: let others join."""
        if self._connection is not None:
            self._connection.execute("SELECT pg_advisory_lock_shared(%s)", [self._key])
            self._connection.execute("SELECT pg_advisory_unlock(%s)", [self._key])

    def renew(self) -> None:
        """Join again if the connection was lost."""
        if self._connection is not None:
            try:
                self._connection.execute("SELECT 1")
            except psycopg.OperationalError:
                self.leave()
        if self._connection is None and self.join():
            self.admit()

    def leave(self) -> None:
        """Let go of the lock."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _engine(url: URL, schema: str, node: str, *, isolation: Any, size: int) -> Engine:
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=size,
        max_overflow=0,
        pool_reset_on_return=None,  # every transaction is ended before its connection goes back
        hide_parameters=True,
        isolation_level=isolation,
        connect_args={**_CONNECTING, "application_name": node},
    )

    @event.listens_for(engine, "connect", insert=True)
    def _set_schema(dbapi: Any, _record: object) -> None:
        dbapi.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(schema)))
        dbapi.commit()

    return engine


def _connect(url: URL, node: str) -> "psycopg.Connection[Any]":
    return psycopg.connect(**connection_arguments(url), autocommit=True, **_CONNECTING, application_name=node)


def connection_arguments(url: URL) -> dict[str, Any]:
    """The URL as psycopg's own arguments: as text it would have to be quoted in a way that both agree on."""
    named = url.translate_connect_args(username="user", database="dbname")
    options = {name: value if isinstance(value, str) else ",".join(value) for name, value in url.query.items()}
    return {**named, **{name: value for name, value in options.items() if name not in _CONNECTING}}


def _key(what: str, schema: str) -> int:
    """Of an advisory lock: any number that nobody else is likely to use."""
    return zlib.crc32(f"incident-response/{what}/{schema}".encode())
