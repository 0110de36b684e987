"""`make bench`: median and p95 of what people wait for, each part in a process of its own."""

import asyncio
import os
import platform
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import psycopg

from plugin.storage.database import Database
from tests import postgres
from tests.bench_runtime import runtime
from tests.bench_table import Call, heading, processor, resident_mb, row, show
from tests.bench_telemetry import telemetry
from tests.instant import TEAM
from tests.people import API, Person, log_in, until
from tests.storms.harness import DemoProcess, free_port

INCIDENTS, TASKS, POSTS = 100_000, 30, 100_000
SCHEMA = "bench"


async def main() -> None:
    print(f"{processor()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        await _demo(Path(folder))
    await runtime()
    await telemetry()
    for kind in ("SQLite", "PostgreSQL"):
        with _database(kind) as url:
            print(f"\nThe plugin alone, its Mattermost answers at once; {kind}")
            heading()
            async with _plugin(url) as ask:
                await _work(ask)
            fill(url)
            async with _plugin(url) as ask:
                await _lists(ask)


# -- the whole demo


async def _demo(folder: Path) -> None:
    print("\nThe demo: a whole Mattermost of our own and the plugin in one process, SQLite")
    heading()
    demo = DemoProcess(folder, {})
    began = time.perf_counter()
    await demo.start()
    up, idle = time.perf_counter() - began, resident_mb(demo.pid)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), connector=connector) as http:
        alice = await log_in(http, demo.base, "alice")
        await _with_people(alice)
        print(f"start until ping {up:.2f} s; resident idle {idle:.0f} MB, after this {resident_mb(demo.pid):.0f} MB")
        await _export(alice, demo, folder)
    await demo.stop()


async def _with_people(alice: Person) -> None:
    team, playbook = (await alice.team())["id"], await alice.playbook()
    body = {"name": "Bench", "team_id": team, "commander_user_id": alice.id, "playbook_id": playbook}
    incidents: list[Any] = []

    async def start() -> None:
        incidents.append(await alice.post(f"{API}/incidents", body))

    async def put(path: str, content: dict[str, Any]) -> None:
        await alice.put(f"{API}{path}", content)

    await row("GET /api/v4/users/me (the sandbox alone)", lambda: alice.get("/api/v4/users/me"), 300)
    await row("POST /incidents, one after another", start, 100)
    await row("POST /incidents, 10 at once", start, 100, at_once=10)
    await row("PUT task state, one after another", ticks(put, incidents[:1]), 300)
    await row("PUT task state, 50 at once, 50 incidents", ticks(put, incidents[:50]), 1000, at_once=50)


async def _export(alice: Person, demo: DemoProcess, folder: Path) -> None:
    incident = await alice.start("Export")
    await alice.until_posted(incident["channel_id"], lambda post: "was started" in post["message"])
    store = sqlite3.connect(folder / "mattermost.sqlite")
    store.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
        " INSERT INTO posts (id, create_at, update_at, user_id, channel_id, message, props)"
        " SELECT printf('%026d', i), 1600000000000 + i / 2, 1600000000000 + i / 2, ?, ?, ?, '{}' FROM n",
        (POSTS, alice.id, incident["channel_id"], "An ordinary message, as long as people write in an incident. " * 2),
    )
    store.commit()
    store.close()
    idle, peak, rows, began = resident_mb(demo.pid), 0.0, 0, time.perf_counter()
    url, headers = f"{alice.base}{API}/incidents/{incident['id']}/export", {"Authorization": f"Bearer {alice.token}"}
    async with alice._session.get(url, headers=headers) as answer:
        async for piece in answer.content.iter_chunked(65_536):
            rows += piece.count(b"\r\n")
            peak = max(peak, resident_mb(demo.pid))
    took = time.perf_counter() - began
    print(f"export of {rows - 1:,} posts: {rows / took:,.0f} rows/s, at most {peak - idle:.1f} MB above idle")


# -- the plugin alone


class Ask:
    """Requests to the plugin as the host makes them."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self._session = session
        self._base = base

    async def __call__(self, method: str, path: str, body: Any = None) -> Any:
        async with self._session.request(method, f"{self._base}{path}", json=body) as answer:
            content = await answer.json()
            assert answer.status < 300, content
            return content


@asynccontextmanager
async def _plugin(url: str) -> AsyncIterator[Ask]:
    port = free_port()
    environment = {
        **os.environ,  # noqa: TID251 - a measurement
        "INCIDENT_RESPONSE_DATABASE_URL": url,
        "INCIDENT_RESPONSE_DATABASE_SCHEMA": SCHEMA,
        "INCIDENT_RESPONSE_LOG_LEVEL": "warning",
    }
    arguments = [sys.executable, "-m", "tests.instant", str(port)]
    process = await asyncio.create_subprocess_exec(*arguments, env=environment)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, headers={"Mattermost-User-Id": "p" * 26}) as session:
        ask = Ask(session, f"http://127.0.0.1:{port}/plugin/api/v0")

        async def up() -> bool:
            try:
                await ask("GET", "/playbooks/templates")
            except aiohttp.ClientError:
                return False
            return True

        await until(up, patience_s=60)
        print(f"resident idle {resident_mb(process.pid):.0f} MB")
        yield ask
    process.kill()
    await process.wait()


async def _work(ask: Ask) -> None:
    stages = [{"title": f"S{s}", "items": [{"title": f"Task {s}.{t}"} for t in range(10)]} for s in range(3)]
    made = await ask("POST", "/playbooks", {"title": "Bench", "team_id": TEAM, "checklists": stages})
    body = {"name": "Bench", "team_id": TEAM, "commander_user_id": "p" * 26, "playbook_id": made["id"]}
    incidents: list[Any] = []

    async def start() -> None:
        incidents.append(await ask("POST", "/incidents", body))

    async def put(path: str, content: dict[str, Any]) -> None:
        await ask("PUT", path, content)

    await row("POST /incidents, 3 stages x 10 tasks", start, 100)
    await row("PUT task state, one after another", ticks(put, incidents[:1]), 500)
    await row("PUT task state, 50 at once, 50 incidents", ticks(put, incidents[:50]), 3000, at_once=50)
    await _crowd(ask, put, incidents[60])


async def _crowd(ask: Ask, put: Callable[[str, dict[str, Any]], Awaitable[None]], incident: Any) -> None:
    """50 people, each 5 writes a second, in one incident; the push is handed over before the answer is given."""
    before = (await ask("GET", f"/incidents/{incident['id']}"))["version"]
    took: list[float] = []

    async def person(number: int) -> None:
        stage = incident["checklists"][number % 3]
        path = f"/incidents/{incident['id']}/checklists/{stage['id']}/item/{stage['items'][number % 10]['id']}"
        began = time.perf_counter() + number * 0.004
        for turn in range(25):
            await asyncio.sleep(max(0.0, began + turn * 0.2 - time.perf_counter()))
            at = time.perf_counter()
            await put(f"{path}/assignee", {"assignee_id": f"{number:02}{turn:02}".ljust(26, "x")})
            took.append((time.perf_counter() - at) * 1000)

    began = time.perf_counter()
    await asyncio.gather(*(person(number) for number in range(50)))
    show("50 people x 5 writes/s in one incident", took, len(took) / (time.perf_counter() - began))
    after = (await ask("GET", f"/incidents/{incident['id']}"))["version"]
    assert after - before == len(took), "a write was lost"


async def _lists(ask: Ask) -> None:
    print(f"{INCIDENTS:,} incidents x {TASKS} tasks, pages of 15")
    queries = {
        "newest first": "",
        "by name": "&sort=name&direction=asc",
        "by commander": "&sort=commander_user_id",
        "by end": "&sort=end_at",
        "active first": "&sort=is_active",
        "last page": f"&page={INCIDENTS // 15 - 1}",
        "search, many found": "&search_term=is%20down",
        "search, few found": "&search_term=down%2077",
        "search, nothing found": "&search_term=zzz",
        "active, of one commander": "&status=active&commander_user_id=" + "3".rjust(26, "0"),
        "with tasks": "&checklists=true",
    }
    for name, query in queries.items():
        path = f"/incidents?team_id={TEAM}&per_page=15{query}"
        first = time.perf_counter()
        await ask("GET", path)
        first = (time.perf_counter() - first) * 1000
        await row(f"GET /incidents, {name}", partial(ask, "GET", path), 100, note=f"first {first:.1f}")


@contextmanager
def _database(kind: str) -> Iterator[str]:
    if kind == "PostgreSQL":
        with postgres.running(durable=True) as url:
            yield url
    else:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            yield f"sqlite:///{folder}/bench.sqlite"


def fill(url: str, *, schema: str = SCHEMA, team: str = TEAM, incidents: int = INCIDENTS) -> None:
    """Straight into the tables: through the API it would take an hour."""
    Database(url, schema=schema).open()
    if url.startswith("sqlite"):
        connection: Any = sqlite3.connect(url.removeprefix("sqlite:///"))
        numbers = "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) SELECT i FROM n)"
        padded, yes = "printf('%0{1}d', {0})", "1"
    else:
        connection = psycopg.connect(url)
        connection.execute(f"SET search_path TO {schema}")
        numbers, padded, yes = "generate_series(1, {}) AS n(i)", "lpad(({0})::text, {1}, '0')", "true"
    own, owner = padded.format("i", 25), padded.format(f"(i - 1) / {TASKS} + 1", 25)
    for table, column in (("tasks", "incident_id"), ("stages", "incident_id"), ("incidents", "id")):
        connection.execute(f"DELETE FROM {table} WHERE {column} LIKE 'i00000%'")  # of an earlier bench: ids have no 0
    ended, name = "i % 2 = 0", "'database ' || i || ' is down ' || i % 1000"
    _insert(
        connection,
        "incidents",
        numbers.format(incidents),
        {
            "id": f"'i' || {own}", "team_id": f"'{team}'", "channel_id": f"'c' || {own}", "channel_name": "'n'",
            "name": name, "name_folded": name, "description": "''", "is_public": yes,
            "phase": f"CASE WHEN {ended} THEN 'ended' ELSE 'active' END",
            "commander_id": padded.format("i % 10", 26), "reporter_id": "'r'", "playbook_id": "''",
            "playbook_version": "0", "post_id": "''", "create_at": "1600000000000 + i * 1000",
            "end_at": f"CASE WHEN {ended} THEN 1700000000000 + i ELSE 0 END", "active_since": "1", "active_ms": "0",
            "active_stage_id": f"'s' || {own}", "version": "1", "lease_until": "0",
        },
    )  # fmt: skip
    stage = {"id": f"'s' || {own}", "incident_id": f"'i' || {own}", "position": "0", "title": "'Triage'"}
    _insert(connection, "stages", numbers.format(incidents), stage)
    _insert(
        connection,
        "tasks",
        numbers.format(incidents * TASKS),
        {
            "id": f"'t' || {own}", "incident_id": f"'i' || {owner}", "stage_id": f"'s' || {owner}",
            "position": f"i % {TASKS}", "title": "'A task'", "description": "''", "command": "''", "state": "''",
            "state_modified": "0", "state_modified_post_id": "''", "assignee_id": "''", "assignee_modified": "0",
            "assignee_modified_post_id": "''", "command_last_run": "0",
        },
    )  # fmt: skip
    connection.commit()
    connection.execute("ANALYZE")
    connection.commit()
    connection.close()


def _insert(connection: Any, table: str, numbers: str, columns: dict[str, str]) -> None:
    values = ", ".join(columns.values())
    connection.execute(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {numbers}")


# -- the table


def ticks(put: Callable[[str, dict[str, Any]], Awaitable[None]], incidents: list[Any]) -> Call:
    """Each call changes a task: of one incident after the other, open and closed by turns."""
    count = iter(range(1_000_000))

    async def tick() -> None:
        number = next(count)
        incident = incidents[number % len(incidents)]
        state = ("closed", "")[(number // len(incidents)) % 2]
        await put(f"/incidents/{incident['id']}/checklists/0/item/0/state", {"new_state": state})

    return tick


if __name__ == "__main__":
    asyncio.run(main())
