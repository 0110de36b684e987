"""The native plugin is killed while people work: its host starts it again, and nothing acknowledged is lost."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from plugin import demo as demo_module
from plugin.demo import demo
from plugin.sandbox.native_host import NativeHost
from plugin.settings import Settings
from tests.people import API, Answer, log_in, until
from tests.storms.harness import FULL

pytestmark = pytest.mark.storm

KILLS, WORKERS = (50, 6) if FULL else (3, 4)


@pytest.fixture
async def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[str, NativeHost]]:
    """A demo with a native plugin: its address, and the host that starts the plugin."""
    hosts: list[NativeHost] = []

    class Remembered(NativeHost):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            hosts.append(self)

    monkeypatch.setattr(demo_module, "NativeHost", Remembered)
    async with demo(Settings(log_level="error"), host="127.0.0.1", port=0, data=tmp_path, native=True) as base:
        yield base, hosts[0]


async def test_it_comes_back_by_itself_and_has_lost_nothing(
    running: tuple[str, NativeHost], http: aiohttp.ClientSession
) -> None:
    base, host = running
    alice = await log_in(http, base, "alice")
    team = (await alice.team())["id"]
    started: dict[str, str] = {}
    added: dict[str, set[str]] = {}
    stopping = asyncio.Event()

    async def insist(method: str, path: str, body: Any, key: str = "") -> Answer:
        async def ask() -> Answer | None:
            try:
                answer = await alice.call(method, path, body, **({"Idempotency-Key": key} if key else {}))
            except aiohttp.ClientError:
                return None
            return answer if answer.status in (200, 201) else None

        done: Answer = await until(ask, patience_s=60)
        return done

    async def work(worker: int) -> None:
        number = 0
        while not stopping.is_set():
            key, number = f"{worker}-{number}", number + 1
            body = {"name": f"Storm {key}", "team_id": team, "commander_user_id": alice.id}
            incident = (await insist("POST", f"{API}/incidents", body, key)).json
            started[key] = incident["id"]
            for task in range(3):
                path = f"{API}/incidents/{incident['id']}/checklists/0/add"
                made = (await insist("PUT", path, {"title": f"Task {task}"})).json
                added.setdefault(incident["id"], set()).add(made["id"])

    working = [asyncio.ensure_future(work(worker)) for worker in range(WORKERS)]
    for kill in range(KILLS):
        known = len(started)
        await until(partial(_more, started, known), patience_s=60)
        os.kill(host.pid, signal.SIGKILL)
        await until(partial(_restarted, host, kill + 2), patience_s=30)
    stopping.set()
    await asyncio.gather(*working)
    listed = await alice.get(f"{API}/incidents?team_id={team}&checklists=true&per_page=100")
    assert listed["total_count"] == len(started), "each start made one incident"
    for incident_id, tasks in added.items():
        incident = await alice.get(f"{API}/incidents/{incident_id}")
        assert tasks <= {task["id"] for task in incident["checklists"][0]["items"]}
    print(f"\nkills {KILLS}, starts {len(started)}, tasks {sum(map(len, added.values()))}, processes {host.starts}")


async def _more(started: dict[str, str], known: int) -> bool:
    return len(started) > known


async def _restarted(host: NativeHost, starts: int) -> bool:
    return host.starts >= starts and host.pid > 0
