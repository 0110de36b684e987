"""kill -9 at random moments while people start incidents and tick tasks: nothing acknowledged is lost or done twice."""

import asyncio
import json
import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from telemetry.testing import FakeCollector
from tests.people import API, Answer, Person, log_in, until
from tests.storms.harness import FULL, DemoProcess, telemetry_environment

pytestmark = pytest.mark.storm

STARTS, TICKS, WORKERS = (200, 2000, 10) if FULL else (20, 100, 5)
PAUSE_S = (0.1, 1.2) if FULL else (0.0, 0.3)
SETTLED_S = 3
"""By then after the last ping, everything begun has to be finished and every due post made."""


@dataclass
class Work:
    """What was acknowledged."""

    incidents: dict[str, str] = field(default_factory=dict)
    ticked: set[tuple[str, str]] = field(default_factory=set)
    retries: int = 0


async def test_kills_lose_and_double_nothing(tmp_path: Path, http: aiohttp.ClientSession) -> None:
    """After the last restart, database, channels, posts and telemetry all tell the same story."""
    async with FakeCollector().serving() as collector:
        demo = DemoProcess(tmp_path, telemetry_environment(collector))
        await demo.start()
        alice = await log_in(http, demo.base, "alice")
        work = Work()
        working = asyncio.create_task(_work(alice, work))  # noqa: TID251 - a test
        kills = 0

        async def begun() -> bool:
            return bool(work.incidents) or working.done()

        await until(begun)
        while not working.done():
            await asyncio.wait([working], timeout=random.uniform(*PAUSE_S))
            if not working.done():
                await demo.kill()
                await demo.start()
                kills += 1
        await working
        await demo.kill()
        await demo.start()
        up = time.monotonic()
        await until(lambda: _settled(demo), patience_s=SETTLED_S)
        settled_s = time.monotonic() - up
        await until(lambda: _sent(demo), patience_s=30)
        await _check_answers(alice, work)
        _check_stores(demo, collector, work)
        await demo.stop()
        print(
            f"\nkills {kills + 1}, starts {len(work.incidents)}, ticks {len(work.ticked)}, requests repeated"
            f" {work.retries}, settled {settled_s:.2f} s after ping, events {len(collector.message_ids)}"
            f" (delivered {len(collector.events)})"
        )
        assert kills >= 1


async def _work(alice: Person, work: Work) -> None:
    playbook, team = await alice.playbook(), (await alice.team())["id"]
    body = {"name": "Storm", "team_id": team, "commander_user_id": alice.id, "playbook_id": playbook}
    numbers = iter(range(STARTS))

    async def worker() -> None:
        for number in numbers:
            key = f"start-{number}"
            answer = await _insist(alice, work, "POST", f"{API}/incidents", body, key)
            assert answer.status == 201, answer.body
            incident = answer.json
            work.incidents[key] = incident["id"]
            tasks = [(stage["id"], task["id"]) for stage in incident["checklists"] for task in stage["items"]]
            for stage, task in tasks[: -(-TICKS // STARTS)]:
                path = f"{API}/incidents/{incident['id']}/checklists/{stage}/item/{task}/state"
                ticked = await _insist(alice, work, "PUT", path, {"new_state": "closed"}, "")
                assert ticked.status == 200, ticked.body
                work.ticked.add((incident["id"], task))

    await asyncio.gather(*(worker() for _ in range(WORKERS)))


async def _insist(alice: Person, work: Work, method: str, path: str, body: Any, key: str) -> Answer:
    """Repeat a request until it is answered, as a client does whose server is gone for a moment."""

    async def ask() -> Answer | None:
        try:
            answer = await alice.call(method, path, body, **({"Idempotency-Key": key} if key else {}))
        except (aiohttp.ClientError, ConnectionError):
            work.retries += 1
            return None
        if answer.status in (409, 503):
            return None
        return answer

    answer: Answer = await until(ask, patience_s=60)
    return answer


async def _settled(demo: DemoProcess) -> bool:
    unfinished = demo.rows("incident-response.sqlite", "SELECT 1 FROM incidents WHERE phase IN ('starting','undoing')")
    waiting = "SELECT 1 FROM outbox WHERE kind = 'post' AND merge_key = ''"
    return not unfinished and not demo.rows("incident-response.sqlite", waiting)


async def _sent(demo: DemoProcess) -> bool:
    return not demo.rows("incident-response.sqlite", "SELECT 1 FROM outbox")


async def _check_answers(alice: Person, work: Work) -> None:
    for incident_id in work.incidents.values():
        incident = await alice.get(f"{API}/incidents/{incident_id}")
        closed = {t["id"] for stage in incident["checklists"] for t in stage["items"] if t["state"] == "closed"}
        assert {task for owner, task in work.ticked if owner == incident_id} <= closed


def _check_stores(demo: DemoProcess, collector: FakeCollector, work: Work) -> None:
    incidents = demo.rows("incident-response.sqlite", "SELECT id, channel_id, phase FROM incidents")
    assert {row[0] for row in incidents} == set(work.incidents.values()), "each start made exactly one incident"
    assert {row[2] for row in incidents} == {"active"}
    channels = "SELECT id, purpose FROM channels WHERE purpose LIKE 'Incident %' AND delete_at = 0"
    assert set(demo.rows("mattermost.sqlite", channels)) == {(row[1], f"Incident {row[0]}") for row in incidents}
    posts = demo.rows(
        "mattermost.sqlite", "SELECT channel_id, message, props FROM posts WHERE type = '' AND delete_at = 0"
    )
    announced = [channel for channel, message, _ in posts if "was started" in message]
    assert sorted(announced) == sorted(row[1] for row in incidents), "each announcement exactly once"
    carried = [row for _, _, props in posts for row in json.loads(props).get("incident_response_outbox", ())]
    assert len(carried) == len(set(carried)), "no row of the outbox was posted twice"
    timeline = [row[0] for row in demo.rows("incident-response.sqlite", "SELECT id FROM timeline")]
    assert len(carried) == len(timeline), "each change was told"
    told = {event["messageId"] for event in collector.events if event["event"] != "playbook"}
    assert told == set(timeline), "telemetry equals the committed changes"
