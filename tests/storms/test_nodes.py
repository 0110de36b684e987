"""Two nodes on one PostgreSQL, killed in turn: they share incidents, posts and telemetry, and lose or double none."""

import asyncio
import json
import os
import random
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psycopg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from plugin.sandbox.plugin_api import PluginApi
from plugin.sandbox.seed import seed_accounts
from plugin.sandbox.world import World
from telemetry.testing import FakeCollector
from tests.databases import on_postgres
from tests.people import until
from tests.storms.harness import FULL, free_port, telemetry_environment

pytestmark = pytest.mark.storm

ROOT = "/api/v0"
STARTS, TICKS, WORKERS, KILLS = (60, 10, 10, 20) if FULL else (12, 5, 5, 3)
SETTLED_S = 45
"""What a killed node had leased is taken up by the other when the lease of half a minute ends."""


class Node:
    """A plugin process; repeats its start when it is killed."""

    def __init__(self, folder: Path, mattermost: str, environment: dict[str, str]) -> None:
        self.port = free_port()
        self._log = folder / f"node-{self.port}.txt"
        self._mattermost = mattermost
        self._environment = {**os.environ, **environment}  # noqa: TID251 - a test
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.storms.node", str(self.port), self._mattermost,
                stdout=log, stderr=log, env=self._environment,
            )  # fmt: skip

        async def up() -> bool:
            assert self._process
            assert self._process.returncode is None, self._log.read_text()[-3000:]
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                return False
            writer.close()
            return True

        await until(up, patience_s=60)

    async def kill(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGKILL)
        await self._process.wait()


@dataclass
class Cluster:
    """Two nodes, their one Mattermost, their one database."""

    world: World
    nodes: list[Node]
    database: dict[str, str]
    collector: FakeCollector
    pushed: list[tuple[str, dict[str, Any]]]
    http: aiohttp.ClientSession
    person: str
    team: str

    async def call(self, node: Node, method: str, path: str, body: Any = None, key: str = "") -> tuple[int, Any]:
        headers = {"Mattermost-User-Id": self.person} | ({"Idempotency-Key": key} if key else {})
        url = f"http://127.0.0.1:{node.port}{ROOT}{path}"
        async with self.http.request(method, url, json=body, headers=headers) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if text else None

    async def insist(self, method: str, path: str, body: Any, key: str = "") -> Any:
        """Ask one node or the other until there is an answer, as people behind a load balancer do."""

        async def ask() -> Any:
            try:
                status, answer = await self.call(random.choice(self.nodes), method, path, body, key)
            except aiohttp.ClientError:
                return None
            if status in (409, 503):
                return None
            assert status in (200, 201), answer
            return answer

        return await until(ask, patience_s=120)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database["database_url"]) as connection:
            connection.execute(f"SET search_path TO {self.database['database_schema']}")
            return connection.execute(sql).fetchall()


@pytest.fixture
async def cluster(tmp_path: Path, postgres_url: str, http: aiohttp.ClientSession) -> AsyncIterator[Cluster]:
    world = World(tmp_path / "mattermost.sqlite", site_url="http://mattermost")
    seed_accounts(world)
    pushed: list[tuple[str, dict[str, Any]]] = []
    database = on_postgres(postgres_url)
    async with FakeCollector().serving() as collector, _mattermost(world, pushed) as address:
        environment = telemetry_environment(collector) | {
            f"INCIDENT_RESPONSE_{name.upper()}": value for name, value in database.items()
        }
        nodes = [Node(tmp_path, address, environment) for _ in range(2)]
        await asyncio.gather(*(node.start() for node in nodes))
        alice, team = world.people.by_name("alice"), world.teams.by_name("sre")
        assert alice
        yield Cluster(world, nodes, database, collector, pushed, http, alice["id"], team["id"])
        for node in nodes:
            await node.kill()
    await world.close()


@asynccontextmanager
async def _mattermost(world: World, pushed: list[tuple[str, dict[str, Any]]]) -> AsyncIterator[str]:
    api = PluginApi(world)

    async def call(request: web.Request) -> web.Response:
        name, args = await request.json()
        if name == "PublishWebSocketEvent":
            pushed.append((args[0], json.loads(args[1]["payload"])))
        return web.json_response(await api.call(name, args))

    app = web.Application()
    app.router.add_post("/call", call)
    async with TestServer(app) as server:
        yield str(server.make_url("/call"))


def _incident(cluster: Cluster) -> dict[str, str]:
    return {"name": "Storm", "team_id": cluster.team, "commander_user_id": cluster.person}


async def test_what_one_node_does_the_other_knows_and_screens_hear(cluster: Cluster) -> None:
    """Ticks of one incident through both nodes at once: each is kept, each has a version and a push of its own."""
    incident = await cluster.insist("POST", "/incidents", _incident(cluster))
    stage = f"/incidents/{incident['id']}/checklists/0"
    for number in range(20):
        await cluster.insist("PUT", f"{stage}/add", {"title": f"Task {number}"})
    before = len(cluster.pushed)
    answers = await asyncio.gather(
        *(
            cluster.call(cluster.nodes[n % 2], "PUT", f"{stage}/item/{n}/state", {"new_state": "closed"})
            for n in range(20)
        )
    )
    assert [status for status, _ in answers] == [200] * 20
    _, after = await cluster.call(cluster.nodes[0], "GET", f"/incidents/{incident['id']}")
    assert {task["state"] for task in after["checklists"][0]["items"]} == {"closed"}
    versions = sorted(payload["version"] for _, payload in cluster.pushed[before:])
    assert versions == list(range(22, 42))


@dataclass
class Done:
    incidents: dict[str, str] = field(default_factory=dict)
    ticked: set[tuple[str, str]] = field(default_factory=set)


async def test_kills_of_either_lose_and_double_nothing(cluster: Cluster) -> None:
    done = Done()
    working = asyncio.create_task(_work(cluster, done))  # noqa: TID251 - a test
    kills = 0
    while not working.done() and kills < KILLS:
        await asyncio.wait([working], timeout=random.uniform(0.2, 0.8))
        node = cluster.nodes[kills % 2]
        await node.kill()
        kills += 1
        await node.start()
    await working
    if not FULL:  # the first of new nodes takes over at once what the dead had leased; else it is half a minute
        for node in cluster.nodes:
            await node.kill()
        for node in cluster.nodes:
            await node.start()
    quiet = time.monotonic()
    await until(lambda: _settled(cluster), patience_s=SETTLED_S)
    print(
        f"\nkills {kills}, starts {len(done.incidents)}, ticks {len(done.ticked)},"
        f" settled {time.monotonic() - quiet:.1f} s later, events {len(cluster.collector.message_ids)}"
    )
    _check(cluster, done)


async def _work(cluster: Cluster, done: Done) -> None:
    numbers = iter(range(STARTS))

    async def worker() -> None:
        for number in numbers:
            incident = await cluster.insist("POST", "/incidents", _incident(cluster), f"start-{number}")
            done.incidents[f"start-{number}"] = incident["id"]
            stage = f"/incidents/{incident['id']}/checklists/0"
            for _ in range(TICKS):
                task = await cluster.insist("PUT", f"{stage}/add", {"title": "Task"})
                await cluster.insist("PUT", f"{stage}/item/{task['id']}/state", {"new_state": "closed"})
                done.ticked.add((incident["id"], task["id"]))

    await asyncio.gather(*(worker() for _ in range(WORKERS)))


async def _settled(cluster: Cluster) -> bool:
    return not cluster.rows("SELECT 1 FROM incidents WHERE phase IN ('starting', 'undoing')") and not cluster.rows(
        "SELECT 1 FROM outbox"
    )


def _check(cluster: Cluster, done: Done) -> None:
    incidents = cluster.rows("SELECT id, channel_id, phase FROM incidents")
    assert {row[0] for row in incidents} == set(done.incidents.values()), "each start made exactly one incident"
    assert {row[2] for row in incidents} == {"active"}
    closed = set(cluster.rows("SELECT incident_id, id FROM tasks WHERE state = 'closed'"))
    assert done.ticked <= closed
    found = cluster.world.store.all(
        "SELECT id, purpose FROM channels WHERE purpose LIKE 'Incident %' AND delete_at = 0"
    )
    assert {(row["id"], row["purpose"]) for row in found} == {(row[1], f"Incident {row[0]}") for row in incidents}
    posts = cluster.world.store.all("SELECT channel_id, message, props FROM posts WHERE type = ''")
    announced = [post["channel_id"] for post in posts if "was started" in post["message"]]
    assert sorted(announced) == sorted(row[1] for row in incidents), "each announcement exactly once"
    carried = [row for post in posts for row in json.loads(post["props"]).get("incident_response_outbox", ())]
    assert len(carried) == len(set(carried)), "no row of the outbox was posted twice"
    told = cluster.rows("SELECT id FROM timeline WHERE kind IN ('started', 'task_state')")
    assert len(carried) == len(told), "each of these changes was told"
    timeline = {row[0] for row in cluster.rows("SELECT id FROM timeline")}
    assert cluster.collector.message_ids == timeline, "telemetry equals the committed changes"
    versions = cluster.rows(
        "SELECT incident_id, count(*), count(DISTINCT version), max(version) FROM timeline GROUP BY 1"
    )
    assert all(row[1] == row[2] == row[3] for row in versions), "versions have no gap"
