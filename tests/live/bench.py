"""What people wait for on a real Mattermost, beside what that takes for a post and a channel of its own, in one run.

`MATTERMOST_URL=… MATTERMOST_USER=… MATTERMOST_PASSWORD=… make bench`. With INCIDENT_RESPONSE_DATABASE_URL, the database
that the plugin there uses, it is filled with 10,000 incidents for the lists: only ever name a server that is for tests.
"""

import asyncio
import itertools
import json
import os
import platform
import secrets
import time
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import aiohttp

from plugin.settings import load
from tests.bench import fill, ticks
from tests.bench_table import heading, processor, row, show
from tests.live.server import URL, prepared
from tests.people import API, PATIENCE_S, Person, log_in

MEMBERS, PUSHES, LISTED = 50, 40, 10_000


async def main() -> None:
    print(f"{processor()}, {os.cpu_count()} cores, Python {platform.python_version()}; {URL}")
    heading()
    async with aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(), connector=aiohttp.TCPConnector(limit=0)
    ) as http:
        server = await prepared(http)
        alice, sysadmin = await log_in(http, server, "alice"), await log_in(http, server, "sysadmin")
        await _floor(alice)
        incidents = await _starts(alice)
        await _ticks(alice, incidents)
        await _fan_out(alice, incidents[-1])
        if load().database_url:
            await _lists(alice, sysadmin)


async def _floor(alice: Person) -> None:
    """What no plugin can go below: Mattermost alone, and one way through it to a plugin."""
    team, square = await alice.team(), await alice.channel()

    async def channel() -> None:
        name = secrets.token_hex(8)
        await alice.post("/api/v4/channels", {"team_id": team["id"], "name": name, "display_name": name, "type": "O"})

    async def post() -> None:
        await alice.post("/api/v4/posts", {"channel_id": square["id"], "message": "bench"})

    await row("Mattermost: GET users/me", partial(alice.get, "/api/v4/users/me"), 300)
    await row("plugin: an address that is none", partial(alice.call, "GET", f"{API}/none"), 300)
    await row("plugin: the same, 16 at once", partial(alice.call, "GET", f"{API}/none"), 3000, at_once=16)
    await row("Mattermost: POST posts", post, 150)
    await row("Mattermost: POST channels", channel, 100)


async def _starts(alice: Person) -> list[dict[str, Any]]:
    stages = [{"title": f"S{s}", "items": [{"title": f"Task {s}.{t}"} for t in range(10)]} for s in range(3)]
    team = (await alice.team())["id"]
    playbook = {"title": "Bench", "team_id": team, "create_public_incident": True, "checklists": stages}
    made = await alice.post(f"{API}/playbooks", playbook)
    incidents: list[dict[str, Any]] = []

    async def start() -> None:
        incidents.append(await alice.start(f"Bench {secrets.token_hex(4)}", playbook="", playbook_id=made["id"]))

    await row("POST /incidents, 3 stages x 10 tasks", start, 60)
    await row("the same, 10 at once", start, 120, at_once=10)
    return incidents


async def _ticks(alice: Person, incidents: list[dict[str, Any]]) -> None:
    async def put(path: str, content: dict[str, Any]) -> None:
        await alice.put(f"{API}{path}", content)

    await row("PUT task state, one after another", ticks(put, incidents[:1]), 200)
    for clients in (10, 50):
        await row(f"PUT task state, {clients} at once", ticks(put, incidents[:clients]), 1500, at_once=clients)


async def _fan_out(alice: Person, incident: dict[str, Any]) -> None:
    """From the tick until each of 50 browsers, and the last of them, has heard of it."""
    path = f"{API}/incidents/{incident['id']}/checklists/0/item/0/state"
    each: list[float] = []
    last: list[float] = []
    async with AsyncExitStack() as stack:
        ears = [await stack.enter_async_context(alice.listening()) for _ in range(MEMBERS)]
        for push in range(PUSHES):
            began = time.perf_counter()

            async def heard(ear: Any, began: float = began) -> float:
                await ear.hear("custom_incident-response_incident_updated", _of(incident["id"]))
                return (time.perf_counter() - began) * 1000

            listening = [asyncio.ensure_future(heard(ear)) for ear in ears]
            await alice.put(path, {"new_state": ("closed", "")[push % 2]})
            async with asyncio.timeout(PATIENCE_S):
                took = await asyncio.gather(*listening)
            each += took
            last.append(max(took))
        frame = next(frame for frame in reversed(ears[0].heard) if "incident_updated" in frame["event"])
    show(f"push, to each of {MEMBERS}", each, PUSHES / sum(last) * 1000, note=f"{len(json.dumps(frame))} bytes a frame")
    show(f"push, to the last of {MEMBERS}", last, PUSHES / sum(last) * 1000)


def _of(incident_id: str) -> Any:
    return lambda data: json.loads(data["payload"])["id"] == incident_id


async def _lists(alice: Person, sysadmin: Person) -> None:
    settings = load()
    team = (await alice.team())["id"]
    await asyncio.to_thread(fill, settings.database_url, schema=settings.database_schema, team=team, incidents=LISTED)
    for person, what in itertools.product((sysadmin, alice), ("", "&search_term=down", "&page=600", "&status=active")):
        path = f"{API}/incidents?team_id={team}&per_page=15{what}"
        total = (await person.get(path))["total_count"]
        await row(f"GET /incidents{what} as {person.name}", partial(person.get, path), 100, note=f"of {total}")


if __name__ == "__main__":
    asyncio.run(main())
