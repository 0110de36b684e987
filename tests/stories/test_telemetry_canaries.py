"""What people write is marked with canaries, everywhere; none of them comes out anywhere, in any form."""

import base64
import gzip
import json
import re
import socket
import sqlite3
import urllib.parse
from asyncio.selector_events import BaseSelectorEventLoop
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from plugin.demo import demo
from telemetry.registry import DEFINITIONS
from telemetry.testing import FakeCollector
from tests.people import API, Person, log_in, until
from tests.storms.harness import counting

CANARY = "Kanarienvögelchen"
"""With a letter that is not ASCII, so that its encodings differ."""
HIDDEN = ("alice", "sysadmin", "Passw0rd!", "localhost", "Service outage", "127.0.0.1", "town-square")
_LOOKS_LIKE = {
    "an e-mail": re.compile(rb"[\w.+-]+@[\w-]+\.\w+"),
    "an IP address": re.compile(rb"(?<![\d.])\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\d.])"),
    "a URL": re.compile(rb"https?://"),
    "a JWT": re.compile(rb"eyJ[\w-]+\.[\w-]+\."),
}


def forms(text: str) -> list[bytes]:
    """As it is, and as it could be hidden; compared without regard to case."""
    plain = text.encode()
    return [
        plain.lower(),
        text.casefold().encode(),
        plain[::-1].lower(),
        text[::-1].lower().encode(),
        plain.hex().encode(),
        urllib.parse.quote(text).lower().encode(),
        json.dumps(text)[1:-1].lower().encode(),
        *(base64.b64encode(b"x" * shift + plain)[4:-4].lower() for shift in range(3)),
    ]


async def test_no_canary_comes_out(
    tmp_path: Path, http: aiohttp.ClientSession, collector: FakeCollector, capfd: pytest.CaptureFixture[str]
) -> None:
    settings = counting(collector, phone_home_url=f"{collector.url}/phone-home")
    async with demo(settings, host="127.0.0.1", port=0, data=tmp_path) as address:
        alice, bob = [await log_in(http, address, name) for name in ("alice", "bob")]
        sysadmin = await log_in(http, address, "sysadmin")
        await _live(alice, bob)

        async def all_sent() -> bool:
            status = await sysadmin.get(f"{API}/telemetry")
            seen = {(event["event"], event["properties"]["Action"]) for event in collector.events}
            return status["queued"] == 0 and seen == {(one.family.name, str(one.action)) for one in DEFINITIONS}

        await until(all_sent)
        record = (await sysadmin.get(f"{API}/telemetry/preview?level=usage"))["phone_home"]
        assert all(record[group] for group in ("incidents", "users", "playbooks", "teams"))
        collector.decide = lambda _: 400
        await alice.start(f"Poison {CANARY}")

        async def quarantined() -> bool:
            return bool((await sysadmin.get(f"{API}/telemetry"))["quarantined"])

        await until(quarantined)
        collector.decide = lambda _: 503
        await alice.start(f"Waits {CANARY}")
    out = {
        "a request": b"\n".join(request.raw for request in collector.requests),
        "the record": json.dumps(record).encode(),
        "what telemetry stores": _stored(tmp_path / "incident-response.sqlite"),
        "the log": "".join(capfd.readouterr()).encode(),
    }
    _find_nothing(out)


def _find_nothing(out: dict[str, bytes]) -> None:
    for place, content in out.items():
        assert content, place
        lowered = content.lower()
        for form in forms(CANARY):
            assert form not in lowered, (place, form)
        if place == "the log":
            continue  # it has the demo's own address
        for text in HIDDEN:
            assert text.lower().encode() not in lowered, (place, text)
        for name, pattern in _LOOKS_LIKE.items():
            assert not pattern.search(content), (place, name, pattern.search(content))


def _stored(file: Path) -> bytes:
    connection = sqlite3.connect(file)
    try:
        waiting = connection.execute("SELECT payload, merge_key FROM outbox WHERE kind <> 'post'").fetchall()
        dead = connection.execute("SELECT * FROM dead_letters").fetchall()
        facts = connection.execute("SELECT * FROM telemetry_facts WHERE name NOT LIKE 'notice%'").fetchall()
        counts = connection.execute("SELECT * FROM telemetry_counts").fetchall()
        copies = connection.execute("SELECT body FROM sent_batches").fetchall()
    finally:
        connection.close()
    assert all([waiting, dead, copies])
    rows = repr([waiting, dead, facts, counts]).encode()
    return rows + b"\n".join(gzip.decompress(body) for (body,) in copies)


async def _live(alice: Person, bob: Person) -> None:
    """All actions, with canaries wherever text can be written."""
    team = (await alice.team())["id"]
    stages: list[dict[str, Any]] = [
        {
            "title": f"Stage {CANARY}",
            "items": [
                {"title": f"A {CANARY}", "description": CANARY, "command": f"/echo {CANARY}"},
                {"title": f"B {CANARY}"},
            ],
        },
        {"title": f"Two {CANARY}"},
    ]
    body = {"title": f"P {CANARY}", "description": CANARY, "team_id": team, "checklists": stages}
    playbook = (await alice.post(f"{API}/playbooks", {**body, "create_public_incident": True}))["id"]
    incident = await alice.start(f"Down {CANARY}", playbook="", playbook_id=playbook, description=CANARY)
    await bob.post(f"/api/v4/channels/{incident['channel_id']}/members", {"user_id": bob.id})
    message = {"channel_id": incident["channel_id"], "message": f"bob@example.com https://x.example/?{CANARY}"}
    await bob.post("/api/v4/posts", message)
    path = f"{API}/incidents/{incident['id']}"
    stage = f"{path}/checklists/0"
    for method, where, content in (
        ("PUT", f"{stage}/add", {"title": f"C {CANARY}"}),
        ("PUT", f"{stage}/item/2", {"title": f"D {CANARY}"}),
        ("PUT", f"{stage}/reorder", {"item_num": 2, "new_location": 1}),
        ("PUT", f"{stage}/item/0/assignee", {"assignee_id": bob.id}),
        ("PUT", f"{stage}/item/0/state", {"new_state": "closed"}),
        ("POST", f"{stage}/item/0/run", {}),
        ("DELETE", f"{stage}/item/1", None),
        ("PATCH", path, {"active_stage": 1, "name": f"Renamed {CANARY}", "description": CANARY}),
        ("POST", f"{path}/commander", {"commander_id": bob.id}),
        ("PUT", f"{path}/end", {}),
        ("PUT", f"{path}/restart", {}),
        ("PUT", f"{API}/playbooks/{playbook}", {**body, "member_ids": [alice.id]}),
        ("PUT", f"{path}/{CANARY}", {"x": CANARY}),
        ("PUT", f"{stage}/item/0", {"title": CANARY * 9_000}),
        ("DELETE", f"{API}/playbooks/{playbook}", None),
        ("POST", f"{API}/playbooks/{playbook}/restore", {}),
    ):
        await alice.call(method, where.replace(CANARY, urllib.parse.quote(CANARY)), content)
    for command in (f"/incident {CANARY}", f"/incident commander @{CANARY}", f"/incident check {CANARY} 0"):
        await alice.type(command, incident["channel_id"])


async def test_what_is_on_the_wire_is_what_the_page_says(
    tmp_path: Path, http: aiohttp.ClientSession, collector: FakeCollector
) -> None:
    """Property by property, both ways."""
    async with demo(counting(collector), host="127.0.0.1", port=0, data=tmp_path) as address:
        alice, bob = [await log_in(http, address, name) for name in ("alice", "bob")]
        await _live(alice, bob)

        async def enough() -> bool:
            return len({(e["event"], e["properties"]["Action"]) for e in collector.events}) == len(DEFINITIONS)

        await until(enough)
    page = (Path(__file__).parents[2] / "TELEMETRY.md").read_text().partition("# Phone-home")[0]
    documented = set(re.findall(r"^\| `([A-Z]\w+)`", page, re.MULTILINE)) | set(re.findall(r"`([A-Z]\w+)` \(", page))
    on_the_wire = {name for event in collector.events for name in event["properties"]}
    assert on_the_wire - {"Action", "PluginVersion", "ServerVersion"} == documented - {"Action", "PluginVersion"}
    assert collector.bad == []


async def test_off_means_no_name_is_looked_up_no_connection_made_nothing_named(
    tmp_path: Path, http: aiohttp.ClientSession, collector: FakeCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []
    original, lookup = aiohttp.ClientSession._request, socket.getaddrinfo
    connect = BaseSelectorEventLoop.sock_connect

    def looking_up(host: Any, *rest: Any, **options: Any) -> Any:
        if "nobody.invalid" in str(host):
            made.append(host)
        return lookup(host, *rest, **options)

    async def connecting(self: Any, sock: Any, where: Any) -> Any:
        if where[1] == URL(collector.url).port:
            made.append(where)
        return await connect(self, sock, where)

    async def watched(self: Any, method: str, url: Any, **options: Any) -> Any:
        if str(url).startswith((collector.url, "https://nobody.invalid")):
            made.append(url)
        return await original(self, method, url, **options)

    monkeypatch.setattr(aiohttp.ClientSession, "_request", watched)
    monkeypatch.setattr(socket, "getaddrinfo", looking_up)
    monkeypatch.setattr(BaseSelectorEventLoop, "sock_connect", connecting)
    monkeypatch.setenv("DO_NOT_TRACK", "1")
    phone_home = f"{collector.url}/phone-home"
    settings = counting(collector, rudder_data_plane_url="https://nobody.invalid", phone_home_url=phone_home)
    async with demo(settings, host="127.0.0.1", port=0, data=tmp_path) as address:
        alice, bob = [await log_in(http, address, name) for name in ("alice", "bob")]
        await _live(alice, bob)
    assert made == collector.requests == []
    connection = sqlite3.connect(tmp_path / "incident-response.sqlite")
    try:
        for table in ("telemetry_facts", "telemetry_counts", "sent_batches", "dead_letters", "daily_counts"):
            assert connection.execute(f"SELECT * FROM {table}").fetchall() == [], table
        assert connection.execute("SELECT * FROM outbox WHERE kind <> 'post'").fetchall() == []
    finally:
        connection.close()
