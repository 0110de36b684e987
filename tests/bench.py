"""`make bench`: median and p95 of what people wait for, against the demo as a process of its own."""

import asyncio
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp

from tests.people import API, Person, log_in
from tests.storms.harness import DemoProcess

Call = Callable[[], Awaitable[Any]]


async def main() -> None:
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{'':44}{'p50 ms':>8}{'p95 ms':>8}{'per s':>8}")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        demo = DemoProcess(Path(folder), {})
        started = time.perf_counter()
        await demo.start()
        up = time.perf_counter() - started
        idle = _resident_mb(demo)
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), connector=connector) as http:
            await _measure(await log_in(http, demo.base, "alice"))
        print(
            f"start of the demo until ping {up:.2f} s; resident idle {idle:.0f} MB, after {_resident_mb(demo):.0f} MB"
        )
        await demo.stop()


async def _measure(alice: Person) -> None:
    team, playbook = (await alice.team())["id"], await alice.playbook()
    body = {"name": "Bench", "team_id": team, "commander_user_id": alice.id, "playbook_id": playbook}
    incidents: list[Any] = []

    async def start() -> None:
        incidents.append(await alice.post(f"{API}/incidents", body))

    await _row("GET /api/v4/users/me (the sandbox alone)", lambda: alice.get("/api/v4/users/me"), 300)
    await _row("POST /incidents, one after another", start, 100)
    await _row("POST /incidents, 10 at once", start, 100, at_once=10)
    incident = incidents[0]
    await _row("GET /incidents/{id}", lambda: alice.get(f"{API}/incidents/{incident['id']}"), 300)
    await _row(
        "GET /incidents, a page of 15 of 200", lambda: alice.get(f"{API}/incidents?team_id={team}&per_page=15"), 200
    )
    await _row("PUT task state, one after another", _ticks(alice, incidents[:1]), 300)
    await _row("PUT task state, 50 at once, 50 incidents", _ticks(alice, incidents[:50]), 1000, at_once=50)


def _ticks(alice: Person, incidents: list[Any]) -> Call:
    """Each call changes a task: of one incident after the other, open and closed by turns."""
    count = iter(range(1_000_000))

    async def tick() -> None:
        number = next(count)
        incident = incidents[number % len(incidents)]
        state = ("closed", "")[(number // len(incidents)) % 2]
        await alice.put(f"{API}/incidents/{incident['id']}/checklists/0/item/0/state", {"new_state": state})

    return tick


async def _row(what: str, call: Call, times: int, *, at_once: int = 1) -> None:
    took: list[float] = []
    numbers = iter(range(times))

    async def worker() -> None:
        for _ in numbers:
            began = time.perf_counter()
            await call()
            took.append((time.perf_counter() - began) * 1000)

    began = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(at_once)))
    rate = times / (time.perf_counter() - began)
    p95 = statistics.quantiles(took, n=20)[18]
    print(f"{what:44}{statistics.median(took):8.1f}{p95:8.1f}{rate:8.0f}")


def _resident_mb(demo: DemoProcess) -> float:
    status = Path(f"/proc/{demo.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


if __name__ == "__main__":
    asyncio.run(main())
