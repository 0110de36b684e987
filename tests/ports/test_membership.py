"""Nodes on one PostgreSQL: who may take over what others had leased."""

import psycopg
import pytest

from plugin.storage.database import Database
from tests.databases import on_postgres


@pytest.fixture
def chosen(postgres_url: str) -> dict[str, str]:
    return on_postgres(postgres_url)


def node(chosen: dict[str, str]) -> Database:
    database = Database(chosen["database_url"], schema=chosen["database_schema"])
    database.open()
    return database


async def test_only_a_node_that_is_alone_takes_over(chosen: dict[str, str]) -> None:
    first = node(chosen)
    assert await first.join()
    await first.admit()
    second = node(chosen)
    assert not await second.join()
    first.close()
    second.close()
    third = node(chosen)
    assert await third.join()
    third.close()


async def test_a_node_whose_lock_was_cut_off_is_not_taken_for_dead(chosen: dict[str, str]) -> None:
    """Its other connections tell that it lives; and it joins again by itself."""
    first = node(chosen)
    assert await first.join()
    await first.admit()
    with psycopg.connect(chosen["database_url"], autocommit=True) as administrator:
        cut = administrator.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ShareLock'"
        ).fetchall()
    assert cut == [(True,)]
    second = node(chosen)
    assert not await second.join()
    await first.renew()
    second.close()
    third = node(chosen)
    assert not await third.join()
    for database in (first, third):
        database.close()
