"""The sandbox's own database file: tables, and a few helpers around sqlite3. Rows are dicts."""

import json
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Row = dict[str, Any]

_ALPHABET = "ybndrfg8ejkmcpqxot1uwisza345h769"

_VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS users (
    id TEXT PRIMARY KEY, username TEXT UNIQUE, email TEXT, password TEXT, nickname TEXT DEFAULT '',
    first_name TEXT DEFAULT '', last_name TEXT DEFAULT '', position TEXT DEFAULT '', roles TEXT, is_bot INTEGER DEFAULT 0,
    bot_description TEXT DEFAULT '', owner_id TEXT DEFAULT '', create_at INTEGER, update_at INTEGER,
    delete_at INTEGER DEFAULT 0, last_password_update INTEGER
);
CREATE TABLE IF NOT EXISTS sessions (
    token TEXT PRIMARY KEY, id TEXT, user_id TEXT, csrf TEXT, device_id TEXT, create_at INTEGER, is_pat INTEGER DEFAULT 0
);
CREATE INDEX IF NOT EXISTS ix_sessions_id ON sessions (id);
CREATE TABLE IF NOT EXISTS teams (
    id TEXT PRIMARY KEY, name TEXT UNIQUE, display_name TEXT, type TEXT, email TEXT, invite_id TEXT,
    create_at INTEGER, update_at INTEGER, delete_at INTEGER DEFAULT 0
);
CREATE TABLE IF NOT EXISTS team_members (
    team_id TEXT, user_id TEXT, scheme_admin INTEGER DEFAULT 0, scheme_guest INTEGER DEFAULT 0, delete_at INTEGER DEFAULT 0,
    PRIMARY KEY (team_id, user_id)
);
CREATE TABLE IF NOT EXISTS channels (
    id TEXT PRIMARY KEY, team_id TEXT, type TEXT, display_name TEXT, name TEXT, header TEXT DEFAULT '',
    purpose TEXT DEFAULT '', creator_id TEXT DEFAULT '', create_at INTEGER, update_at INTEGER, delete_at INTEGER DEFAULT 0,
    last_post_at INTEGER DEFAULT 0, total_msg_count INTEGER DEFAULT 0, total_msg_count_root INTEGER DEFAULT 0,
    UNIQUE (team_id, name)
);
CREATE TABLE IF NOT EXISTS channel_members (
    channel_id TEXT, user_id TEXT, scheme_admin INTEGER DEFAULT 0, scheme_guest INTEGER DEFAULT 0,
    last_viewed_at INTEGER DEFAULT 0, msg_count INTEGER DEFAULT 0, mention_count INTEGER DEFAULT 0, last_update_at INTEGER,
    PRIMARY KEY (channel_id, user_id)
);
CREATE INDEX IF NOT EXISTS ix_channel_members_user ON channel_members (user_id);
CREATE TABLE IF NOT EXISTS posts (
    id TEXT PRIMARY KEY, create_at INTEGER, update_at INTEGER, edit_at INTEGER DEFAULT 0, delete_at INTEGER DEFAULT 0,
    is_pinned INTEGER DEFAULT 0, user_id TEXT, channel_id TEXT, root_id TEXT DEFAULT '', message TEXT, type TEXT DEFAULT '',
    props TEXT, file_ids TEXT DEFAULT '[]', pending_post_id TEXT DEFAULT ''
);
CREATE INDEX IF NOT EXISTS ix_posts_channel ON posts (channel_id, create_at);
CREATE INDEX IF NOT EXISTS ix_posts_root ON posts (root_id) WHERE root_id != '';
CREATE TABLE IF NOT EXISTS commands (id TEXT PRIMARY KEY, team_id TEXT, trigger_word TEXT, token TEXT, data TEXT);
CREATE TABLE IF NOT EXISTS files (id TEXT PRIMARY KEY, user_id TEXT, post_id TEXT DEFAULT '', info TEXT, content BLOB);
CREATE TABLE IF NOT EXISTS plugin_kv (key TEXT PRIMARY KEY, value TEXT);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT);
"""


class StoreTooNew(Exception):
    """The file is of a newer version of this program."""


class Store:
    """One connection; used on the event loop only, as every statement takes microseconds."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.row_factory = lambda cursor, row: {
            column[0]: value for column, value in zip(cursor.description, row, strict=True)
        }
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=5000"):
            self._connection.execute(f"PRAGMA {pragma}")
        version = self._connection.execute("PRAGMA user_version").fetchone()["user_version"]
        if version > _VERSION:
            raise StoreTooNew(f"a newer version of this program has made it (its schema is {version})")
        self._connection.executescript(_SCHEMA)
        self._connection.execute(f"PRAGMA user_version={_VERSION}")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; may be nested."""
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def all(self, sql: str, *args: Any) -> list[Row]:
        return self._connection.execute(sql, args).fetchall()

    def one(self, sql: str, *args: Any) -> Row | None:
        row: Row | None = self._connection.execute(sql, args).fetchone()
        return row

    def execute(self, sql: str, *args: Any) -> int:
        """Run a statement; returns how many rows it changed."""
        return self._connection.execute(sql, args).rowcount

    def insert(self, table: str, row: Row) -> None:
        """Insert `row`, whose keys are the table's columns."""
        columns, marks = ", ".join(row), ", ".join("?" * len(row))
        self._connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", tuple(row.values()))  # noqa: S608

    def update(self, table: str, row_id: str, changes: Row) -> None:
        """Change columns of the row with that `id`."""
        sets = ", ".join(f"{column} = ?" for column in changes)
        self._connection.execute(f"UPDATE {table} SET {sets} WHERE id = ?", (*changes.values(), row_id))  # noqa: S608

    def fact(self, name: str, default: Any = None) -> Any:
        """A single JSON value that is kept by name."""
        row = self.one("SELECT value FROM facts WHERE name = ?", name)
        return json.loads(row["value"]) if row else default

    def set_fact(self, name: str, value: Any) -> None:
        self.execute("INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", name, json.dumps(value))

    def close(self) -> None:
        self._connection.close()


def new_id() -> str:
    """26 characters of Mattermost's alphabet."""
    bits = secrets.randbits(130)
    return "".join(_ALPHABET[(bits >> shift) & 31] for shift in range(0, 130, 5))


def now_ms() -> int:
    return time.time_ns() // 1_000_000
