"""Each story is told twice: on SQLite and on PostgreSQL."""

from tests.databases import store

__all__ = ["store"]
