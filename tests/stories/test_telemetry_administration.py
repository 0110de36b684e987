"""An administrator asks what leaves, decides, and is obeyed: in chat, from a shell, with and without a server."""

import asyncio
import contextlib
import json
import sqlite3
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from plugin.demo import demo
from plugin.settings import Settings
from telemetry.consent import Level
from telemetry.registry import DEFINITIONS
from telemetry.testing import FakeCollector
from tests.command import Ended, run, without_ours
from tests.people import API, Person, log_in, until
from tests.storms.harness import counting


@pytest.fixture
def settings(collector: FakeCollector) -> Settings:
    """There are two who would take what leaves; nobody has decided anything."""
    return counting(collector, telemetry=Level.UNDECIDED, phone_home_url=f"{collector.url}/phone-home")


async def says(person: Person, command: str) -> str:
    """What the person alone sees after it."""
    channel = await person.channel()
    async with person.listening() as ear:
        answer = await person.type(command, channel["id"])
        assert answer.status == 200
        return await ear.ephemeral()


# -- in chat


async def test_an_administrator_asks_and_decides_in_chat(
    sysadmin: Person, alice: Person, collector: FakeCollector
) -> None:
    assert "Decided by nobody yet, so nothing leaves." in await says(sysadmin, "/incident telemetry")
    assert "Nothing has left" in await says(sysadmin, "/incident telemetry sent")
    preview = await says(sysadmin, "/incident telemetry preview")
    assert '"IncidentID"' in preview
    assert "nightly record" in preview
    await alice.start("Before")

    chosen = await says(sysadmin, "/incident telemetry usage")
    assert "#### Telemetry: usage\nDecided by an administrator" in chosen
    incident = await alice.start("After")

    async def arrived() -> bool:
        return bool(collector.events)

    await until(arrived)
    assert "1 messages, answer: 200" in await says(sysadmin, "/incident telemetry sent")
    assert len(collector.events) == 1, "what was before the decision is not told afterwards"

    collector.decide = lambda _: 503
    await alice.put(f"{API}/incidents/{incident['id']}/end")

    async def waits() -> bool:
        return bool((await sysadmin.get(f"{API}/telemetry"))["queued"])

    await until(waits)
    off = await says(sysadmin, "/incident telemetry off")
    assert "#### Telemetry: off" in off
    assert "- Waiting: 0 (0 bytes)\n" in off


async def test_nobody_else_may_ask_or_decide(alice: Person, sysadmin: Person) -> None:
    for words in ("", " preview", " sent", " usage", " nonsense"):
        assert "system administrator" in await says(alice, f"/incident telemetry{words}")
    assert (await sysadmin.get(f"{API}/telemetry"))["undecided"]


async def test_a_word_that_it_does_not_know_is_answered_with_those_that_it_does(sysadmin: Person) -> None:
    assert "preview, sent, off, base, statistics, usage" in await says(sysadmin, "/incident telemetry loud")


async def test_the_notice_comes_by_direct_message_and_counts_when_it_is_read(
    sysadmin: Person, alice: Person, collector: FakeCollector
) -> None:
    bot = (await sysadmin.get("/api/v4/users/username/incident"))["id"]
    direct = await sysadmin.post("/api/v4/channels/direct", [sysadmin.id, bot])
    post = await sysadmin.until_posted(direct["id"], lambda post: "telemetry" in post["message"])
    assert "/incident telemetry off" in post["message"]
    assert not (await sysadmin.get(f"{API}/telemetry"))["notice"]["seen_at"]
    assert (await sysadmin.get(f"{API}/telemetry/notice"))["show"]
    assert not (await alice.get(f"{API}/telemetry/notice"))["show"]

    await sysadmin.post(f"{API}/telemetry/notice/seen")
    notice = (await sysadmin.get(f"{API}/telemetry"))["notice"]
    assert notice["counts_from"] == notice["seen_at"] + 3_600_000
    await alice.start("Within the hour")
    assert (await sysadmin.get(f"{API}/telemetry"))["queued"] == 0
    assert collector.requests == []


# -- from a shell


class Shell:
    """`incident-response telemetry …`, with the place to ask."""

    def __init__(self, **environment: str) -> None:
        self.environment = without_ours() | environment

    async def __call__(self, *words: str) -> str:
        ended = await self.ended(*words)
        assert ended.code == 0, ended.said
        return ended.out

    async def ended(self, *words: str) -> Ended:
        return await run("telemetry", *words, **self.environment)

    async def refused(self, *words: str) -> str:
        """The one line that says why."""
        ended = await self.ended(*words)
        assert (ended.code, ended.out, len(ended.said.splitlines())) == (1, "", 1), ended
        return ended.said


@pytest.fixture
def shell(address: str, sysadmin: Person) -> Shell:
    return Shell(INCIDENT_RESPONSE_MATTERMOST_URL=str(address), INCIDENT_RESPONSE_MATTERMOST_TOKEN=sysadmin.token)


async def test_a_shell_asks_and_decides_by_http(
    shell: Shell, alice: Person, collector: FakeCollector, tmp_path: Path
) -> None:
    assert "nobody yet, so nothing leaves" in await shell("status")
    assert json.loads(await shell("preview", "--level", "base"))["events"] == []
    assert "#### Telemetry: usage" in await shell("usage")
    first = json.loads(await shell("status", "--json"))
    assert (first["level"], first["decided_by"]) == ("usage", "administrator")
    await alice.start("Counted")

    async def told() -> list[Any]:
        return (await shell("tail")).splitlines()

    (line,) = await until(told)
    left = json.loads(line)
    assert (left["status"], left["events"]) == (200, 1)
    assert left["body"]["batch"] == collector.events
    assert "bytes" in (await shell.ended("export", "-o", f"{tmp_path}/all.json")).said
    everything = json.loads((tmp_path / "all.json").read_text())
    assert (everything["sent"], everything["waiting"]) == ([left], [])

    assert "- So far: nothing" in await shell("reset")
    assert json.loads(await shell("status", "--json"))["installation_id"] != first["installation_id"]
    assert "#### Telemetry: off" in await shell("off")
    assert "#### Telemetry: off" in await shell("status")


async def test_a_shell_without_rights_is_refused_in_a_line(address: str, alice: Person) -> None:
    shell = Shell(INCIDENT_RESPONSE_MATTERMOST_URL=str(address), INCIDENT_RESPONSE_MATTERMOST_TOKEN=alice.token)
    for words in (("status",), ("usage",), ("reset",), ("tail",), ("preview",)):
        assert "system administrator" in await shell.refused(*words)


async def test_what_cannot_be_asked_is_said_in_a_line(address: str, sysadmin: Person, tmp_path: Path) -> None:
    assert "INCIDENT_RESPONSE_DATABASE_URL" in await Shell().refused("status")
    nobody = Shell(INCIDENT_RESPONSE_MATTERMOST_URL="http://127.0.0.1:9", INCIDENT_RESPONSE_MATTERMOST_TOKEN="t")
    assert "Mattermost did not answer" in await nobody.refused("status")
    stranger = Shell(INCIDENT_RESPONSE_MATTERMOST_URL=str(address), INCIDENT_RESPONSE_MATTERMOST_TOKEN="t" * 26)
    assert "INCIDENT_RESPONSE_MATTERMOST_TOKEN" in await stranger.refused("status")
    for url, said in (
        ("127.0.0.1:9", "must be like https://chat.example"),
        ("foo://127.0.0.1", "must be like https://chat.example"),
        (f"{address}/nowhere", "is not Incident Response"),
    ):
        lost = Shell(INCIDENT_RESPONSE_MATTERMOST_URL=url, INCIDENT_RESPONSE_MATTERMOST_TOKEN=sysadmin.token)
        assert said in await lost.refused("status")
    missing = Shell(INCIDENT_RESPONSE_DATABASE_URL=f"sqlite:///{tmp_path}/missing.sqlite")
    assert "There is no database at" in await missing.refused("off")
    assert not (tmp_path / "missing.sqlite").exists()
    (tmp_path / "other.sqlite").write_text("something else entirely, and long enough to have a header")
    other = Shell(INCIDENT_RESPONSE_DATABASE_URL=f"sqlite:///{tmp_path}/other.sqlite")
    assert "can't be used" in await other.refused("status")
    foreign = tmp_path / "foreign.sqlite"
    with contextlib.closing(sqlite3.connect(foreign)) as connection:
        connection.execute("CREATE TABLE something (x)")
    stranger = Shell(INCIDENT_RESPONSE_DATABASE_URL=f"sqlite:///{foreign}")
    assert "not one of incident-response" in await stranger.refused("status")
    with contextlib.closing(sqlite3.connect(foreign)) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (1,)
    asked = Shell(INCIDENT_RESPONSE_MATTERMOST_URL=str(address), INCIDENT_RESPONSE_MATTERMOST_TOKEN=sysadmin.token)
    assert "can't be written" in await asked.refused("export", "-o", f"{tmp_path}/no/such/folder.json")


async def test_who_has_read_enough_may_go(shell: Shell) -> None:
    process = await asyncio.create_subprocess_shell(
        f"{sys.executable} -m plugin telemetry preview | head -c 5",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=shell.environment,
    )
    out, said = await process.communicate()
    assert (out, said) == (b'{\n "l', b"")


@pytest.fixture
async def stopped(tmp_path: Path, collector: FakeCollector, http: aiohttp.ClientSession) -> str:
    """The database of a server that is down, with one message that waits."""
    settings = counting(collector, telemetry=Level.UNDECIDED)
    async with demo(settings, host="127.0.0.1", port=0, data=tmp_path) as address:
        sysadmin, alice = [await log_in(http, address, name) for name in ("sysadmin", "alice")]
        await sysadmin.put(f"{API}/telemetry", {"level": "usage"})
        collector.decide = lambda _: 503
        await alice.start("Waits")

        async def tried() -> bool:
            return bool(collector.requests)

        await until(tried)
    return f"sqlite:///{tmp_path}/incident-response.sqlite"


async def test_a_shell_decides_while_the_server_is_down(
    stopped: str, tmp_path: Path, collector: FakeCollector, http: aiohttp.ClientSession
) -> None:
    shell = Shell(INCIDENT_RESPONSE_DATABASE_URL=stopped)
    asked = await shell("status")
    assert "Telemetry: at most usage" in asked
    assert "Events: not known here" in asked
    assert json.loads(await shell("status", "--json"))["queued"] == 1
    await shell("export", "-o", f"{tmp_path}/all.json")
    assert len(json.loads((tmp_path / "all.json").read_text())["waiting"]) == 1
    assert json.loads((await shell("tail", "-n", "1")).splitlines()[0])["status"] == 503
    assert len(json.loads(await shell("preview"))["events"]) == len(DEFINITIONS)
    assert "#### Telemetry: off" in await shell("off")
    assert json.loads(await shell("status", "--json"))["queued"] == 0

    collector.reset()
    settings = counting(collector, telemetry=Level.UNDECIDED)
    async with demo(settings, host="127.0.0.1", port=0, data=tmp_path) as address:
        sysadmin, alice = [await log_in(http, address, name) for name in ("sysadmin", "alice")]
        await alice.start("Not counted")
        status = await sysadmin.get(f"{API}/telemetry")
        assert (status["level"], status["decided_by"], status["queued"]) == ("off", "administrator", 0)
    assert collector.requests == []


async def test_a_server_that_runs_hears_of_what_a_shell_has_written(
    sysadmin: Person, tmp_path: Path, store: dict[str, Any]
) -> None:
    place = {f"INCIDENT_RESPONSE_{name.upper()}": str(value) for name, value in store.items()}
    shell = Shell(**{"INCIDENT_RESPONSE_DATABASE_URL": f"sqlite:///{tmp_path}/incident-response.sqlite", **place})
    await shell("usage")

    async def heard() -> bool:
        return bool((await sysadmin.get(f"{API}/telemetry"))["level"] == "usage")

    await until(heard)


async def test_a_database_alone_never_says_that_nothing_leaves(
    tmp_path: Path, collector: FakeCollector, http: aiohttp.ClientSession
) -> None:
    """Here it is the server's environment that lets everything leave, of which the database knows nothing."""
    async with demo(counting(collector), host="127.0.0.1", port=0, data=tmp_path):
        pass
    place = {"INCIDENT_RESPONSE_DATABASE_URL": f"sqlite:///{tmp_path}/incident-response.sqlite"}
    for shell in (Shell(**place), Shell(**place, DO_NOT_TRACK="1"), Shell(**place, INCIDENT_RESPONSE_TELEMETRY="off")):
        assert "Telemetry: at most usage" in await shell("status")


async def test_the_environment_locks(stopped: str) -> None:
    shell = Shell(INCIDENT_RESPONSE_DATABASE_URL=stopped, INCIDENT_RESPONSE_TELEMETRY="off")
    assert "environment" in await shell.refused("usage")
    untracked = Shell(INCIDENT_RESPONSE_DATABASE_URL=stopped, DO_NOT_TRACK="1")
    assert "DO_NOT_TRACK" in await untracked.refused("usage")
