"""The disk is full, or somebody else holds the database: what was asked is refused whole, and nothing is lost."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from plugin.storage.database import Database
from plugin.storage.errors import DatabaseGone
from telemetry import sender as sending
from telemetry.testing import FakeCollector
from tests.ports.telemetry_node import Clock, Node


@pytest.fixture
async def node(tmp_path: Path, http: aiohttp.ClientSession, collector: FakeCollector) -> AsyncIterator[Node]:
    """On SQLite: of PostgreSQL's disk its own administrator takes care."""
    database = Database.file(tmp_path / "own.sqlite")
    database.open()
    node = Node(database, http, Clock())
    await node.turn_on(collector.url)
    yield node
    database.close()


async def set_pragma(node: Node, pragma: str) -> None:
    """Of the one connection that writes."""
    await node.database.write(lambda c: c.exec_driver_sql(f"PRAGMA {pragma}"))


async def test_a_full_disk_refuses_changes_whole_and_loses_no_event(node: Node, collector: FakeCollector) -> None:
    ids = await node.track(100)
    await set_pragma(node, "max_page_count = 1")  # as many as there are already
    refused = False
    while not refused:
        try:
            ids += await node.track(100)
        except DatabaseGone:
            refused = True
    assert await node.waiting() == len(ids)
    await node.drain()  # which makes room
    assert [event["messageId"] for event in collector.events] == ids
    assert await node.track(1)


async def test_a_database_that_somebody_holds_is_waited_for_a_while(
    node: Node, collector: FakeCollector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the change is refused; and who takes our events is not asked again and again what could not be noted."""
    monkeypatch.setattr(sending, "pause_ms", lambda _failures: 1_000)
    ids = await node.track(10)
    await set_pragma(node, "busy_timeout = 20")
    other = sqlite3.connect(tmp_path / "own.sqlite", isolation_level=None)

    def locked(_received: object) -> int:
        if not other.in_transaction:
            other.execute("BEGIN IMMEDIATE")
        return 200

    collector.decide = locked
    with pytest.raises(DatabaseGone):
        await node.drain()
    with pytest.raises(DatabaseGone):
        await node.track(1)
    for _ in range(10):
        await node.drain()
    assert len(collector.requests) == 1
    other.execute("ROLLBACK")
    other.close()
    collector.decide = None
    await node.drain_in_time(lambda: len(collector.requests) == 2)
    assert collector.message_ids == set(ids)
    assert await node.waiting() == 0
    assert await node.counts("sent") == len(ids)


async def test_a_file_that_became_read_only_is_an_answer_and_no_crash(node: Node) -> None:
    await set_pragma(node, "query_only = 1")
    with pytest.raises(DatabaseGone):
        await node.track(1)
    assert await node.waiting() == 0
