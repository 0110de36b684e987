"""Telemetry end to end: what leaves, that it equals what happened, and that off means nothing."""

import base64
from pathlib import Path

import pytest
from pydantic import SecretStr

from plugin.demo import demo
from plugin.settings import Settings
from telemetry.consent import Level
from telemetry.testing import FakeCollector
from tests.people import API, Person, until
from tests.storms.harness import WRITE_KEY, counting


@pytest.fixture
def settings(collector: FakeCollector) -> Settings:
    return counting(collector)


async def received(collector: FakeCollector, count: int) -> None:
    async def enough() -> bool:
        return len(collector.events) >= count

    await until(enough)


async def test_each_change_is_one_event_with_the_promised_properties(
    alice: Person, bob: Person, collector: FakeCollector
) -> None:
    """Two playbooks seeded, then start, tick, the same tick again, untick, end, restart."""
    incident = await alice.start("Nobody may read this", description="nor this")
    await bob.post(f"/api/v4/channels/{incident['channel_id']}/members", {"user_id": bob.id})
    path = f"{API}/incidents/{incident['id']}"
    for state in ("closed", "closed", ""):
        await bob.put(f"{path}/checklists/0/item/0/state", {"new_state": state})
    await alice.put(f"{path}/end")
    await alice.put(f"{path}/restart")
    await received(collector, 7)

    config = await alice.get("/api/v4/config/client?format=old")
    for event in collector.events:
        assert (event["type"], event["userId"], event["channel"]) == ("track", config["DiagnosticId"], "server")
        assert event["timestamp"] == event["originalTimestamp"] <= event["sentAt"]
        assert event["timestamp"].endswith("Z")
        assert event["properties"]["ServerVersion"] == config["Version"]
    assert len(collector.message_ids) == 7
    told = [(event["event"], event["properties"]["Action"]) for event in collector.events]
    assert told == [
        ("playbook", "create"),
        ("playbook", "create"),
        ("incident", "create"),
        ("tasks", "modify_task_state"),
        ("tasks", "modify_task_state"),
        ("incident", "end"),
        ("incident", "restart"),
    ]
    common = {"PluginVersion": "0.1.0", "ServerVersion": config["Version"]}
    created = collector.events[2]["properties"]
    assert created == common | {
        "Action": "create",
        "IncidentID": incident["id"],
        "UserActualID": alice.id,
        "IsActive": True,
        "CommanderUserID": alice.id,
        "TeamID": incident["team_id"],
        "CreateAt": incident["create_at"],
        "PostID": "",
        "PlaybookID": incident["playbook_id"],
        "NumChecklists": 3,
        "TotalChecklistItems": 11,
        "ActiveStage": 0,
        "Public": True,
    }
    ticked, unticked = (event["properties"] for event in collector.events[3:5])
    assert ticked == common | {
        "Action": "modify_task_state",
        "IncidentID": incident["id"],
        "UserActualID": bob.id,
        "NewState": "done",
        "WasCommander": False,
        "WasAssignee": False,
    }
    assert unticked["NewState"] is None
    assert [event["properties"]["IsActive"] for event in collector.events[5:]] == [False, True]
    outage = next(event["properties"] for event in collector.events if event["properties"].get("IsPublic"))
    assert set(outage) == set(common) | {
        "Action", "PlaybookID", "UserActualID", "TeamID", "NumChecklists", "TotalChecklistItems", "IsPublic",
        "NumMembers", "NumSlashCommands",
    }  # fmt: skip
    assert (outage["NumMembers"], outage["NumSlashCommands"], outage["TotalChecklistItems"]) == (2, 2, 11)


async def test_the_wire_is_that_of_a_rudder_data_plane(alice: Person, collector: FakeCollector) -> None:
    """Basic auth with the write key and no password, gzip, JSON."""
    await received(collector, 2)
    headers = collector.requests[0].headers
    assert headers["Authorization"] == "Basic " + base64.b64encode(f"{WRITE_KEY}:".encode()).decode()
    assert (headers["Content-Encoding"], headers["Content-Type"]) == ("gzip", "application/json")


async def test_nothing_that_people_wrote_leaves(alice: Person, collector: FakeCollector) -> None:
    await alice.start("Canary-name", description="Canary-description")
    await received(collector, 3)
    sent = str(collector.events)
    for text in ("Canary", "alice", "Service outage", "Confirm", "example.com", "/invite"):
        assert text not in sent


async def test_what_is_refused_is_sent_again_with_the_same_ids(alice: Person, collector: FakeCollector) -> None:
    """In an outage nothing is lost."""
    await received(collector, 2)
    collector.failing = True
    for number in range(3):
        await alice.start(f"Outage {number}")
    attempts = len(collector.requests)

    async def tried() -> bool:
        return len(collector.requests) > attempts

    await until(tried)
    assert len(collector.events) == 2
    collector.failing = False
    await received(collector, 5)
    assert len(collector.events) == len(collector.message_ids)


@pytest.mark.parametrize(
    "off",
    [
        {"LogSettings": {"EnableDiagnostics": False}},
        {"PluginSettings": {"Plugins": {"incident-response": {"Telemetry": "off"}}}},
    ],
    ids=["Mattermost's switch", "the plugin's setting"],
)
async def test_turning_off_counts_at_once_and_forgets_the_queue(
    alice: Person, sysadmin: Person, collector: FakeCollector, off: dict[str, object]
) -> None:
    """What happened while it was off is never told, nor what was still queued."""
    await received(collector, 2)
    collector.failing = True
    await alice.start("Queued")
    await sysadmin.put("/api/v4/config/patch", off)
    collector.failing = False
    await alice.start("Unseen")
    on = {
        "LogSettings": {"EnableDiagnostics": True},
        "PluginSettings": {"Plugins": {"incident-response": {}}},
    }
    await sysadmin.put("/api/v4/config/patch", on)
    seen = await alice.start("Seen")
    await received(collector, 3)
    ids = [event["properties"].get("IncidentID") for event in collector.events]
    assert ids == [None, None, seen["id"]]


@pytest.mark.parametrize(
    "changes",
    [
        {"telemetry": Level.OFF},
        {"telemetry": Level.STATISTICS},
        {"rudder_write_key": SecretStr("")},
        {"rudder_data_plane_url": ""},
    ],
    ids=["off", "level too low", "no key", "no address"],
)
async def test_without_everybodys_consent_nothing_is_even_queued(
    tmp_path: Path, collector: FakeCollector, settings: Settings, changes: dict[str, object]
) -> None:
    quiet = Settings(**{**settings.model_dump(), **changes})
    async with demo(quiet, host="127.0.0.1", port=0, data=tmp_path):
        pass
    assert collector.requests == []


async def test_do_not_track_is_obeyed(
    tmp_path: Path, collector: FakeCollector, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DO_NOT_TRACK", "1")
    async with demo(settings, host="127.0.0.1", port=0, data=tmp_path):
        pass
    assert collector.requests == []


def entered(settings: object) -> dict[str, object]:
    return {"PluginSettings": {"Plugins": {"incident-response": settings}}}


@pytest.mark.parametrize("wished", ["base", "statistics", "OFF", False, ["usage"]])
async def test_any_other_wish_of_the_administrator_is_off(
    alice: Person, sysadmin: Person, collector: FakeCollector, wished: object
) -> None:
    await received(collector, 2)
    await sysadmin.put("/api/v4/config/patch", entered({"Telemetry": wished}))
    await alice.start("Unseen")
    await sysadmin.put("/api/v4/config/patch", entered({"Telemetry": "usage"}))
    seen = await alice.start("Seen")
    await received(collector, 3)
    assert [event["properties"].get("IncidentID") for event in collector.events] == [None, None, seen["id"]]


async def test_settings_that_make_no_sense_do_no_harm(
    alice: Person, sysadmin: Person, collector: FakeCollector
) -> None:
    await sysadmin.put("/api/v4/config/patch", entered("x"))
    await alice.start()
    await received(collector, 3)
