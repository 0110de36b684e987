"""kill -9 while events are queued and sent, to a data plane that fails in every way: none is lost, none made up."""

import asyncio
import random
import signal
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from plugin.storage.database import Database
from telemetry.testing import Failure, FakeCollector
from telemetry.testing.collector import Answer, Received
from tests.databases import on_postgres, opened
from tests.ports.telemetry_node import Clock, Node
from tests.storms.harness import FULL
from tests.storms.telemetry_worker import INCIDENT

pytestmark = pytest.mark.storm

KILLS = 200 if FULL else 8


def _moody(_received: Received) -> Answer:
    """One request in three goes wrong."""
    wrong: list[Answer] = [503, (429, {"Retry-After": "0"}), Failure.RESET, Failure.REPLY_LOST]
    return random.choice(wrong) if random.random() < 0.33 else 200


@pytest.mark.parametrize("home", ["sqlite", "postgresql"])
async def test_kills_lose_and_make_up_nothing(
    tmp_path: Path, http: aiohttp.ClientSession, home: str, request: pytest.FixtureRequest
) -> None:
    store = {"database_url": f"sqlite:///{tmp_path}/kills.sqlite", "database_schema": ""}
    if home == "postgresql":
        store = on_postgres(request.getfixturevalue("postgres_url"))
    database = opened(store, tmp_path)
    async with FakeCollector().serving() as collector:
        collector.decide = _moody
        for _ in range(KILLS):
            await _live_and_die(store["database_url"], store["database_schema"], collector)
        collector.decide = None
        clock = Clock()
        clock.now = 4_000_000_000_000  # all leases have ended
        node = Node(database, http, clock)
        await node.turn_on(collector.url)
        while await node.waiting():
            await node.drain()
        committed = set(await _committed(database))
        print(
            f"\n{home}: kills {KILLS}, changes {len(committed)}, events delivered {len(collector.events)},"
            f" requests {len(collector.requests)}"
        )
        assert committed == collector.message_ids
        assert await node.counts("dropped_full") == await node.counts("quarantined") == 0
    database.close()


async def _live_and_die(url: str, schema: str, collector: FakeCollector) -> None:
    worker = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.storms.telemetry_worker",
        url,
        schema,
        collector.url,
        stdout=asyncio.subprocess.PIPE,
    )
    assert worker.stdout
    assert await worker.stdout.readline() == b"ready\n"
    await asyncio.wait([asyncio.ensure_future(worker.wait())], timeout=random.uniform(0.0, 0.25))
    assert worker.returncode is None
    worker.send_signal(signal.SIGKILL)
    await worker.wait()


async def _committed(database: Database) -> list[str]:
    query = f"SELECT id FROM timeline WHERE incident_id = '{INCIDENT}'"
    rows: Any = await database.read(lambda c: c.exec_driver_sql(query).scalars().all())
    return list(rows)
