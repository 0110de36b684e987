"""`make bench`, the part of telemetry: what counting costs, how fast it leaves, and the published SDKs beside it."""

import asyncio
import gc
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from plugin.app import new_event_id, new_id, now_ms
from plugin.storage import telemetry_rows
from plugin.storage.database import Database
from plugin.storage.event_queue import SqlEventQueue
from plugin.storage.outbox import TELEMETRY
from plugin.storage.unit_of_work import SqlStore, SqlTransaction
from telemetry.events import IncidentAction, IncidentEvent
from telemetry.pseudonyms import Pseudonyms
from telemetry.sender import Sender
from telemetry.switch import Collected, Switch
from telemetry.testing import Failure, FakeCollector
from telemetry.tracker import NoopTracker, Tracker
from tests.bench_table import resident_mb
from tests.people import log_in, until
from tests.plans import plan, turned_on, writer
from tests.storms.harness import DemoProcess, free_port, telemetry_environment

EVENTS = 200_000
BACKLOG = 1_000_000
CALLS = 50_000
OF_SDK = 5_000
PATIENCE_S = 20
"""So long may a process take to end, after its last event."""


def event() -> IncidentEvent:
    return IncidentEvent(
        message_id=new_event_id(), at=now_ms(), user_id="u" * 26, action=IncidentAction.CREATE, incident_id=new_id(),
        is_active=True, commander_user_id="u" * 26, team_id="t" * 26, create_at=now_ms(), channel_id="c" * 26,
        post_id="", playbook_id="p" * 26, num_stages=3, num_tasks=11, active_stage=0, public=True,
    )  # fmt: skip


async def telemetry() -> None:
    print("\nTelemetry")
    _calls()
    with tempfile.TemporaryDirectory(prefix="bench-telemetry-") as folder:
        await _queue(Path(folder))
    with tempfile.TemporaryDirectory(prefix="bench-telemetry-") as folder:
        await _stop(Path(folder))
    await _sdks()


# -- calls


def _calls() -> None:
    print(f"{'':44}{'p50 us':>8}{'p99 us':>8}")
    _call("track() while off", NoopTracker(), repeat=100)
    switch = Switch()
    switch.turn_on(plan(writer=writer(outside=Pseudonyms(b"salt").of)))
    _call("track(): checked, written, appended", switch.tracker(Collected()), repeat=1)


def _call(what: str, tracker: Tracker, *, repeat: int) -> None:
    events = [event() for _ in range(CALLS // repeat)]
    took = []
    gc.disable()
    for one in events:
        began = time.perf_counter_ns()
        for _ in range(repeat):
            tracker.track(one)
        took.append((time.perf_counter_ns() - began) / repeat / 1000)
    gc.enable()
    _show(what, took)


def _show(what: str, took: list[float], note: str = "") -> None:
    print(f"{what:44}{statistics.median(took):8.2f}{statistics.quantiles(took, n=100)[98]:8.2f}  {note}", flush=True)


# -- the queue


async def _queue(folder: Path) -> None:
    url = f"sqlite:///{folder}/bench.sqlite"
    database = Database(url)
    database.open()
    switch = Switch()
    await turned_on(switch, database)
    store = SqlStore(
        database=database, switch=switch, now=now_ms, new_id=new_id, on_posts=lambda: None, on_events=lambda _: None
    )
    await _insert(database, switch)
    await _ingest(store, 1, 3_000)
    await _ingest(store, 500, EVENTS)
    async with _collecting() as collector:
        await _drain(url, collector, EVENTS)
        await _ingest(store, 1_000, BACKLOG, quiet=True)
        await _drain(url, collector, BACKLOG)
    database.close()


async def _insert(database: Database, switch: Switch) -> None:
    """What telemetry adds to a transaction of one event, before it commits."""
    took: list[float] = []

    def work(connection: Any) -> None:
        collected = Collected()
        switch.tracker(collected).track(event())
        began = time.perf_counter_ns()
        telemetry_rows.keep(connection, collected, now_ms())
        took.append((time.perf_counter_ns() - began) / 1000)

    for _ in range(500):
        await database.write(work)
    _show("its rows, before the commit", took[10:])
    await database.write(lambda c: telemetry_rows.purge(c, [TELEMETRY]))


async def _ingest(store: SqlStore, at_once: int, total: int, *, quiet: bool = False) -> None:
    events = [event() for _ in range(at_once)]

    def work(tx: SqlTransaction) -> None:
        for one in events:
            tx.tracker.track(one)

    began = time.perf_counter()
    for _ in range(total // at_once):
        for one in events:
            object.__setattr__(one, "message_id", new_event_id())
        await store.run(work)
    rate = total / (time.perf_counter() - began)
    if not quiet:
        print(f"{f'queued, {at_once} a transaction':44}{rate:8,.0f} events/s", flush=True)


async def _drain(url: str, collector: str, total: int) -> None:
    """In a process of its own: speed, memory, and how it stops."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench_telemetry", url, collector, str(total), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    print(said.decode(), end="", flush=True)


async def drain(url: str, collector: str, total: int) -> None:
    """The process."""
    database = Database(url)
    database.open()
    switch = Switch()
    await turned_on(switch, database, plan(collector))
    queue = SqlEventQueue(database=database, kind=TELEMETRY, permit=lambda: switch.permit, now=now_ms)
    async with aiohttp.ClientSession() as http:
        sender = Sender(
            queue=queue,
            destination=lambda: switch.plan.data_plane if switch.plan else None,
            session=http,
            now=now_ms,
        )
        idle = peak = resident_mb(os.getpid())
        began = time.perf_counter()
        done = 0
        while done < total:
            done += await sender.send_once()
            peak = max(peak, resident_mb(os.getpid()))
        rate = done / (time.perf_counter() - began)
    await queue.release()
    print(f"{f'sent, {total:,} queued':44}{rate:8,.0f} events/s  {peak - idle:.1f} MB over idle")
    database.close()


async def _stop(folder: Path) -> None:
    """The whole demo, stopped while a request hangs; the next start sends what was left."""
    async with (
        FakeCollector().serving() as collector,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
    ):
        collector.always = Failure.HANG
        demo = DemoProcess(folder, telemetry_environment(collector))
        await demo.start()
        alice = await log_in(http, demo.base, "alice")
        for _ in range(10):
            await alice.start()
        await collector.arrived.wait()
        began = time.perf_counter()
        await demo.stop()
        took = time.perf_counter() - began
        queued = {row[0] for row in demo.rows("incident-response.sqlite", "SELECT id FROM outbox WHERE kind <> 'post'")}
        collector.always = 200
        await demo.start()

        async def sent() -> bool:
            return queued <= collector.message_ids

        await until(sent)
        await demo.stop()
    print(
        f"stopped in {took:.2f} s while a request hung; {len(queued)} events were left and arrived after the next start"
    )


# -- the published SDKs


async def _sdks() -> None:
    """What a call takes; what never arrives: after a flush and exit, an exit alone, kill -9, an outage."""
    print(f"\nBeside the published SDKs, {OF_SDK:,} events each: how many never arrive")
    print(f"{'':28}{'us a call':>10}{'flush':>8}{'exit':>8}{'kill -9':>10}{'outage':>10}")
    for name in ("ours", "rudder-sdk-python", "segment-analytics-python"):
        took, lost = [], []
        for way in ("flush", "exit", "kill", "outage"):
            with tempfile.TemporaryDirectory(prefix="bench-sdk-") as folder:
                call_us, missing = await _client(name, way, folder)
                took.append(call_us)
                lost.append(missing)
        print(f"{name:28}{min(took):10.1f}{lost[0]:>8,}{lost[1]:>8,}{lost[2]:>10,}{lost[3]:>10,}", flush=True)


async def _client(name: str, way: str, folder: str) -> tuple[float, int]:
    async with _collecting() as collector, aiohttp.ClientSession() as http:
        if way == "outage":
            await http.post(f"{collector}/status/500")
        call_us = float(await _run("tests.bench_sdk", name, way, str(OF_SDK), collector, folder) or "nan")
        if way == "outage":
            await http.post(f"{collector}/status/200")
        if name == "ours":  # the next start
            await _run("tests.bench_sdk", name, "rest", "0", collector, folder)
        async with http.get(collector) as answer:
            return call_us, OF_SDK - (await answer.json())["different"]


async def _run(*arguments: str) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    assert process.stdout
    first = await process.stdout.readline()
    try:
        await asyncio.wait_for(process.wait(), PATIENCE_S)
    except TimeoutError:  # waits for the network without limit
        process.kill()
        await process.wait()
    return first.decode().strip()


@asynccontextmanager
async def _collecting() -> AsyncIterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.bench_collector", str(port))
    async with aiohttp.ClientSession() as http:

        async def ready() -> bool:
            try:
                async with http.get(url) as answer:
                    return answer.status == 200
            except aiohttp.ClientError:
                return False

        await until(ready)
    try:
        yield url
    finally:
        process.terminate()
        await process.wait()


if __name__ == "__main__":
    asyncio.run(drain(sys.argv[1], sys.argv[2], int(sys.argv[3])) if sys.argv[1:] else telemetry())
