"""One client of a data plane, in a process of its own: ours, or a published SDK.

`python -m tests.bench_sdk <name> <way> <events> <data plane's URL> <folder>` prints how long a call took (us) and ends:
`exit` as programs do, `flush` the same after the SDK's `flush()`, `kill` by kill -9, `outage` as programs do, after
three seconds in which nothing was accepted.
`rest` sends what an earlier process of ours has kept.
"""

import asyncio
import importlib
import os
import signal
import sys
import time
from typing import Any

import aiohttp

from plugin.app import new_id, now_ms
from plugin.storage.database import Database
from plugin.storage.event_queue import SqlEventQueue
from plugin.storage.outbox import TELEMETRY
from plugin.storage.unit_of_work import SqlStore, SqlTransaction
from telemetry.sender import Sender
from telemetry.switch import Switch
from tests.bench_telemetry import event
from tests.plans import plan, turned_on

_AT_ONCE = 100
_PROPERTIES = {
    "Action": "create",
    "NumChecklists": 3,
    "TotalChecklistItems": 11,
    "Public": True,
    "IncidentID": "i" * 26,
}


async def ours(way: str, count: int, url: str, folder: str) -> None:
    database = Database(f"sqlite:///{folder}/own.sqlite")
    database.open()
    switch = Switch()
    await turned_on(switch, database, plan(url))
    store = SqlStore(
        database=database, switch=switch, now=now_ms, new_id=new_id, on_posts=lambda: None, on_events=lambda _: None
    )
    await store.take_over()
    took = 0

    def work(tx: SqlTransaction) -> None:
        nonlocal took
        events = [event() for _ in range(_AT_ONCE)]
        began = time.perf_counter_ns()
        for one in events:
            tx.tracker.track(one)
        took += time.perf_counter_ns() - began

    async with aiohttp.ClientSession() as http:
        sender = Sender(
            queue=SqlEventQueue(database=database, kind=TELEMETRY, permit=lambda: switch.permit, now=now_ms),
            destination=lambda: switch.plan.data_plane if switch.plan else None,
            session=http,
            now=now_ms,
        )
        if way == "rest":
            while await sender.send_once():
                pass
            return
        sending = asyncio.ensure_future(_send(sender))
        for _ in range(count // _AT_ONCE):
            await store.run(work)
        _ended(way, took / count / 1000)
        if way == "outage":
            await asyncio.sleep(3)
        sending.cancel()
        await asyncio.wait([sending])
    database.close()


async def _send(sender: Sender) -> None:
    while True:
        await sender.send_once()
        await asyncio.sleep(0.01)


def published(module: str, way: str, count: int, url: str) -> None:
    sdk: Any = importlib.import_module(module)
    sdk.write_key = "k"
    if module.startswith("rudder"):
        sdk.dataPlaneUrl = url
    else:
        sdk.host = url
    began = time.perf_counter_ns()
    for _ in range(count):
        sdk.track(user_id="u", event="incident", properties=_PROPERTIES)
    _ended(way, (time.perf_counter_ns() - began) / count / 1000)
    if way == "flush":
        sdk.flush()
    if way == "outage":
        time.sleep(3)


def _ended(way: str, call_us: float) -> None:
    print(call_us, flush=True)
    if way == "kill":
        os.kill(os.getpid(), signal.SIGKILL)


MODULES = {"rudder-sdk-python": "rudderstack.analytics", "segment-analytics-python": "segment.analytics"}

if __name__ == "__main__":
    name, way, count, url, folder = sys.argv[1:]
    if name == "ours":
        asyncio.run(ours(way, int(count), url, folder))
    else:
        published(MODULES[name], way, int(count), url)
