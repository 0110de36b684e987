"""The HTTP API: shapes, statuses, and what bad input gets."""

import json
from typing import Any

import pytest

from tests.people import API, Person

INCIDENT_KEYS = {
    "id",
    "name",
    "description",
    "is_active",
    "commander_user_id",
    "team_id",
    "channel_id",
    "create_at",
    "end_at",
    "active_since",
    "active_ms",
    "delete_at",
    "active_stage",
    "active_stage_title",
    "post_id",
    "playbook_id",
    "playbook_version",
    "version",
    "checklists",
}


async def refused(person: Person, method: str, path: str, status: int, body: Any = None, **headers: str) -> str:
    """Assert a refusal in the one shape of errors; returns its message."""
    answer = await person.call(method, path, body, **headers)
    assert answer.status == status, answer.body
    assert answer.headers["Content-Type"] == "application/json"
    assert set(answer.json) == {"message", "details"}
    return str(answer.json["message"])


async def new_incident_body(person: Person, **changes: Any) -> dict[str, Any]:
    body = {
        "name": "Database is down",
        "team_id": (await person.team())["id"],
        "commander_user_id": person.id,
        "playbook_id": await person.playbook(),
    }
    return {**body, **changes}


async def test_a_created_incident_has_the_fields_of_v0(alice: Person) -> None:
    """201, Location, and stages and tasks by value."""
    answer = await alice.call("POST", f"{API}/incidents", await new_incident_body(alice, description="Why"))
    incident = answer.json
    assert answer.status == 201
    assert answer.headers["Location"] == f"{API}/incidents/{incident['id']}"
    assert set(incident) == INCIDENT_KEYS
    assert (incident["is_active"], incident["end_at"], incident["active_stage"]) == (True, 0, 0)
    assert incident["active_stage_title"] == "Triage"
    assert [len(stage["items"]) for stage in incident["checklists"]] == [4, 4, 3]
    assert set(incident["checklists"][0]["items"][0]) == {
        "id", "title", "description", "state", "state_modified", "state_modified_post_id", "assignee_id",
        "assignee_modified", "assignee_modified_post_id", "command", "command_last_run",
    }  # fmt: skip
    assert await alice.get(f"{API}/incidents/{incident['id']}") == incident
    assert await alice.get(f"{API}/incidents/channel/{incident['channel_id']}") == incident


async def test_without_a_playbook_there_is_one_empty_stage_and_a_public_channel(carol: Person) -> None:
    """Carol has no playbook; something burns all the same."""
    incident = await carol.start(playbook="")
    assert [(stage["title"], stage["items"]) for stage in incident["checklists"]] == [("Default Stage", [])]
    assert (await carol.get(f"/api/v4/channels/{incident['channel_id']}"))["type"] == "O"


async def test_a_private_playbook_makes_a_private_channel(alice: Person) -> None:
    incident = await alice.start(playbook="Security incident")
    assert (await alice.get(f"/api/v4/channels/{incident['channel_id']}"))["type"] == "P"


async def test_a_playbook_without_stages_gives_none(alice: Person) -> None:
    """`checklists: []` and `active_stage: -1`."""
    body = {"title": "Bare", "team_id": (await alice.team())["id"], "checklists": [], "member_ids": []}
    created = await alice.call("POST", f"{API}/playbooks", body)
    assert created.status == 201
    assert created.headers["Location"] == f"{API}/playbooks/{created.json['id']}"
    incident = await alice.start(playbook_id=created.json["id"])
    assert (incident["checklists"], incident["active_stage"], incident["active_stage_title"]) == ([], -1, "")


@pytest.mark.parametrize(
    ("changes", "status", "says"),
    [
        ({"name": ""}, 400, "name: must have 2 to 64"),
        ({"name": "  \t "}, 400, "name: must have 2 to 64"),
        ({"name": "x"}, 400, "name: must have 2 to 64"),
        ({"name": "x" * 65}, 400, "name: must have 2 to 64"),
        ({"name": "a\0b"}, 400, "name: must not have control"),
        ({"name": 7}, 400, "name: "),
        ({"name": None}, 400, "name: "),
        ({"description": "x" * 1025}, 400, "description: must have at most 1024"),
        ({"team_id": ""}, 400, "team_id: must not be empty"),
        ({"team_id": "a" * 26}, 403, "may not start"),
        ({"team_id": "../x"}, 400, "team_id: "),
        ({"commander_user_id": ""}, 400, "commander_user_id: must not be empty"),
        ({"commander_user_id": "a" * 26}, 400, "commander_user_id: must be a member"),
        ({"playbook_id": "a" * 26}, 404, "no such playbook"),
        ({"post_id": "a" * 26}, 400, "post_id: must be a message that you can read"),
        ({"id": "a" * 26}, 400, "id: "),
        ({"channel_id": "a" * 26}, 400, "channel_id: "),
        ({"create_at": 5}, 400, "create_at: "),
        ({"end_at": 5}, 400, "end_at: "),
    ],
)
async def test_a_bad_field_is_named_and_nothing_is_created(
    alice: Person, changes: dict[str, Any], status: int, says: str
) -> None:
    """Not an incident, not a channel."""
    body = await new_incident_body(alice)
    # Playbooks are of a team: without one that exists they cannot be asked for.
    if "team_id" in changes:
        body["playbook_id"] = ""
    message = await refused(alice, "POST", f"{API}/incidents", status, {**body, **changes})
    assert says in message
    team = (await alice.team())["id"]
    assert (await alice.get(f"{API}/incidents?team_id={team}"))["total_count"] == 0
    assert len(await alice.get(f"/api/v4/teams/{team}/channels")) == 2


@pytest.mark.parametrize("name", ["!!!", "😀🔥", "データベース", "--", "a*b @here", "Ünïcödé", "x" * 64, "%s %d"])
async def test_any_name_makes_a_channel(alice: Person, name: str) -> None:
    """Signs, emoji and other scripts are fine: the channel's address is made for them."""
    incident = await alice.start(name)
    channel = await alice.get(f"/api/v4/channels/{incident['channel_id']}")
    assert (incident["name"], channel["display_name"]) == (name, name)


async def test_the_same_name_twice_makes_two_channels(alice: Person) -> None:
    """A taken address gets a suffix, even one of an archived channel or of somebody else's."""
    team = (await alice.team())["id"]
    taken = {"team_id": team, "name": "database-is-down", "display_name": "Mine", "type": "O"}
    await alice.post("/api/v4/channels", taken)
    first, second = await alice.start(), await alice.start()
    names = [(await alice.get(f"/api/v4/channels/{i['channel_id']}"))["name"] for i in (first, second)]
    assert all(name.startswith("database-is-down-") for name in names)
    assert names[0] != names[1]


async def test_unknown_and_read_only_fields_are_ignored(alice: Person) -> None:
    """A client may send back what it got."""
    body = await new_incident_body(alice, is_active=False, active_stage=99, delete_at=5, version=7, nonsense=[1])
    incident = await alice.post(f"{API}/incidents", body)
    assert (incident["is_active"], incident["active_stage"], incident["version"]) == (True, 0, 1)


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"", b"\xff", b'{"name": "\\ud800"}', b"[" * 100_000])
async def test_a_body_that_is_no_json_object_is_400(alice: Person, body: bytes) -> None:
    await refused(alice, "POST", f"{API}/incidents", 400, body)


async def test_too_large_a_body_is_413(alice: Person) -> None:
    body = json.dumps(await new_incident_body(alice, description="x" * 2_000_000)).encode()
    assert "too large" in await refused(alice, "POST", f"{API}/incidents", 413, body)


async def test_permission_comes_before_the_body(alice: Person, carol: Person) -> None:
    """Carol sees the public incident but is not in its channel: 403 whatever she sends."""
    incident = await alice.start()
    path = f"{API}/incidents/{incident['id']}/checklists/0/item/0/state"
    await refused(carol, "PUT", path, 403, b"{not json")
    await refused(carol, "PUT", f"{API}/incidents/{'a' * 26}/checklists/0/item/0/state", 404, b"{not json")
    await refused(alice, "PUT", path, 400, b"{not json")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nonsense", 404),
        ("/incidents/" + "a" * 26, 404),
        ("/incidents/x", 404),
        ("/incidents/channel/" + "a" * 26, 404),
        ("/playbooks/" + "a" * 26, 404),
        ("/incidents", 400),
        ("/incidents?team_id=" + "a" * 26, 403),
        ("/playbooks", 400),
        ("/playbooks?team_id=nope", 403),
        ("/incidents/dialog", 404),
        ("", 404),
    ],
)
async def test_what_is_not_there_says_so_as_json(alice: Person, path: str, status: int) -> None:
    await refused(alice, "GET", f"{API}{path}", status)


async def test_without_a_session_everything_is_401(alice: Person) -> None:
    """Unknown routes too; a forged header does not help in any spelling."""
    for spelling in ("Mattermost-User-Id", "mattermost_user_id", "MATTERMOST-USER-ID"):
        async with alice._session.get(f"{alice.base}{API}/nonsense", headers={spelling: alice.id}) as answer:
            assert answer.status == 401
            assert answer.headers["Content-Type"] == "application/json"
            assert set(await answer.json()) == {"message", "details"}


async def test_a_forged_header_does_not_make_somebody_else(alice: Person, dave: Person) -> None:
    incident = await alice.start()
    forged = {"Mattermost-User-Id": alice.id, "Mattermost_User_Id": alice.id}
    answer = await dave.call("GET", f"{API}/incidents/{incident['id']}", None, **forged)
    assert answer.status == 404


async def test_an_address_that_does_not_take_the_method_is_405(alice: Person) -> None:
    await refused(alice, "DELETE", f"{API}/incidents", 405)


@pytest.mark.parametrize("place", ["-1", "4", "99999999999999999999", "1.5", "x", "a" * 26, "%00", "٣"])
async def test_a_task_that_is_not_there_is_404(alice: Person, place: str) -> None:
    """Out of range, negative, no number: a clear answer, nothing changed."""
    incident = await alice.start()
    for path in (f"checklists/0/item/{place}", f"checklists/{place}/item/0"):
        await refused(alice, "PUT", f"{API}/incidents/{incident['id']}/{path}/state", 404, {"new_state": "closed"})
    assert await alice.get(f"{API}/incidents/{incident['id']}") == incident


@pytest.mark.parametrize("body", [{}, {"new_state": "done"}, {"new_state": None}, {"new_state": 1}])
async def test_an_unknown_state_is_400(alice: Person, body: dict[str, Any]) -> None:
    incident = await alice.start()
    path = f"{API}/incidents/{incident['id']}/checklists/0/item/0/state"
    assert "new_state" in await refused(alice, "PUT", path, 400, body)


async def test_ticking_twice_changes_nothing_the_second_time(alice: Person) -> None:
    """By place or by id; the version tells."""
    incident = await alice.start()
    task = incident["checklists"][1]["items"][2]
    base = f"{API}/incidents/{incident['id']}/checklists"
    first = await alice.put(f"{base}/1/item/2/state", {"new_state": "closed"})
    again = await alice.put(
        f"{base}/{incident['checklists'][1]['id']}/item/{task['id']}/state", {"new_state": "closed"}
    )
    assert first == again
    after = await alice.get(f"{API}/incidents/{incident['id']}")
    assert after["version"] == incident["version"] + 1
    assert (await alice.put(f"{base}/1/item/2/state", {"new_state": ""}))["state"] == ""


async def test_end_and_restart_are_told_when_it_is_so_already(alice: Person) -> None:
    incident = await alice.start()
    path = f"{API}/incidents/{incident['id']}"
    assert "ongoing" in await refused(alice, "PUT", f"{path}/restart", 409)
    ended = await alice.put(f"{path}/end")
    assert ended["end_at"] >= incident["create_at"]
    await refused(alice, "PUT", f"{path}/end", 409)
    await refused(alice, "POST", f"{path}/end", 409)
    assert (await alice.put(f"{path}/restart"))["end_at"] == 0


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"title": " "}, "title: must not be blank"),
        ({"title": None}, "title: "),
        ({"checklists": [{"title": ""}]}, "checklists[0].title: must not be blank"),
        (
            {"checklists": [{"title": "a", "items": [{"title": "b", "command": "x"}]}]},
            "command: must be empty or start",
        ),
        ({"checklists": [{"title": "a", "items": [{"title": "x" * 1025}]}]}, "checklists[0].items[0].title"),
        ({"checklists": {"a": 1}}, "checklists: "),
        ({"member_ids": ["a" * 26]}, "member_ids: every member must be in the playbook's team"),
        ({"id": "a" * 26}, "id: "),
        ({"create_public_incident": "yes"}, "create_public_incident: "),
    ],
)
async def test_a_bad_playbook_is_refused_by_field(alice: Person, changes: dict[str, Any], says: str) -> None:
    body = {"title": "New", "team_id": (await alice.team())["id"], **changes}
    assert says in await refused(alice, "POST", f"{API}/playbooks", 400, body)


async def test_playbooks_list_and_get(alice: Person, sysadmin: Person) -> None:
    """One's own, by title; a system administrator sees all."""
    team = (await alice.team())["id"]
    page = await alice.get(f"{API}/playbooks?team_id={team}")
    assert [item["title"] for item in page["items"]] == ["Security incident", "Service outage"]
    assert [(item["num_stages"], item["num_steps"]) for item in page["items"]] == [(2, 5), (3, 11)]
    assert all(item["checklists"] == [] for item in page["items"])
    page = await alice.get(f"{API}/playbooks?team_id={team}&sort=steps&direction=desc")
    assert [item["title"] for item in page["items"]] == ["Service outage", "Security incident"]
    playbook = await alice.get(f"{API}/playbooks/{await alice.playbook()}")
    commands = [task["command"] for stage in playbook["checklists"] for task in stage["items"] if task["command"]]
    assert (playbook["create_public_incident"], len(commands)) == (True, 2)
    assert (await sysadmin.get(f"{API}/playbooks?team_id={team}"))["total_count"] == 2


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{bad", 400),
        (b"[]", 400),
        (b'{"type": "dialog_submission", "user_id": "BOB", "submission": []}', 400),
        (b'{"type": "dialog_submission", "user_id": "BOB", "state": null}', 403),
        (b'{"user_id": "BOB", "callback_id": "end", "submission": {}}', 403),
        (b'{"user_id": "ALICE", "cancelled": true}', 200),
    ],
)
async def test_a_forged_or_cancelled_dialog_does_not_end_an_incident(
    alice: Person, bob: Person, body: bytes, status: int
) -> None:
    incident = await alice.start()
    sent = body.replace(b"BOB", bob.id.encode()).replace(b"ALICE", alice.id.encode())
    answer = await alice.call("POST", f"{API}/incidents/{incident['id']}/end", sent)
    assert answer.status == status
    assert (await alice.get(f"{API}/incidents/{incident['id']}"))["is_active"]


@pytest.mark.parametrize("name", ["\u200b\u200b\u200b", "\u202e\u202e", "\u3164\u3164", "\u00a0\u00a0"])
async def test_a_name_that_shows_nothing_is_blank(alice: Person, name: str) -> None:
    body = await new_incident_body(alice, name=name)
    assert "name: must have" in await refused(alice, "POST", f"{API}/incidents", 400, body)


async def test_a_commander_has_to_be_of_the_team(alice: Person, dave: Person) -> None:
    body = await new_incident_body(alice, commander_user_id=dave.id)
    assert "commander_user_id" in await refused(alice, "POST", f"{API}/incidents", 400, body)


async def test_the_commander_can_be_changed_to_somebody_of_the_channel(alice: Person, bob: Person) -> None:
    incident = await alice.start()
    path = f"{API}/incidents/{incident['id']}"
    message = await refused(alice, "POST", f"{path}/commander", 400, {"commander_id": bob.id})
    assert "commander_id: must be a member of the incident's channel" in message
    await bob.post(f"/api/v4/channels/{incident['channel_id']}/members", {"user_id": bob.id})
    changed = await alice.post(f"{path}/commander", {"commander_id": bob.id})
    assert (changed["commander_user_id"], changed["version"]) == (bob.id, 2)
    again = await alice.post(f"{path}/commander", {"commander_id": bob.id})
    assert again["version"] == 2
    told = await alice.until_posted(incident["channel_id"], lambda post: "changed the commander" in post["message"])
    assert told["message"] == "alice changed the commander from alice to @bob."
    commanders = await alice.get(f"{API}/incidents/commanders?team_id={incident['team_id']}")
    assert commanders == [{"user_id": bob.id, "username": "bob"}]


async def test_the_stage_can_be_changed_and_the_timeline_tells(alice: Person, bob: Person) -> None:
    incident = await alice.start()
    path = f"{API}/incidents/{incident['id']}"
    call = await alice.call("PATCH", path, {"active_stage": 2})
    assert (call.status, call.json["active_stage"], call.json["active_stage_title"]) == (200, 2, "Follow-up")
    for bad, status in ((3, 404), (-1, 404), ("1", 400), (None, 400), (True, 400)):
        await refused(alice, "PATCH", path, status, {"active_stage": bad})
    assert "at least one of name" in await refused(alice, "PATCH", path, 400, {"nmae": "Typo"})
    await alice.put(f"{path}/end")
    timeline = await alice.get(f"{path}/timeline")
    assert [entry["kind"] for entry in timeline] == ["started", "stage", "ended"]
    assert [entry["version"] for entry in timeline] == [1, 2, 3]
    assert timeline[1]["new"] == incident["checklists"][2]["id"]
    await refused(bob, "GET", f"{path}/timeline", 403)


async def test_metadata_counts_people_without_the_bot(alice: Person, bob: Person) -> None:
    incident = await alice.start("Count us")
    await bob.post(f"/api/v4/channels/{incident['channel_id']}/members", {"user_id": bob.id})
    facts = await alice.get(f"{API}/incidents/{incident['id']}/metadata")
    assert facts["num_members"] == 2
    assert (facts["channel_name"], facts["channel_display_name"]) == ("count-us", "Count us")
    assert facts["team_name"] == (await alice.team())["name"]
    channels = await alice.get(f"{API}/incidents/channels?team_id={incident['team_id']}")
    assert channels == [incident["channel_id"]]


async def test_the_page_that_describes_the_api(alice: Person) -> None:
    """OpenAPI 3.1, made from the code; every address of it is there."""
    page = await alice.get(f"{API}/openapi.json")
    assert page["openapi"].startswith("3.1")
    assert page["servers"] == [{"url": API}]
    assert page["components"]["schemas"]["IncidentOut"]["properties"].keys() == INCIDENT_KEYS
    for path, operations in page["paths"].items():
        for method in operations:
            answer = await alice.call(method.upper(), f"{API}{path}".replace("{", "").replace("}", ""))
            assert "http_405" not in answer.body.decode()


async def test_the_tasks_that_are_done_in_order(alice: Person, bob: Person) -> None:
    """Who did it, when, and how long after the start."""
    incident = await alice.start()
    await bob.post(f"/api/v4/channels/{incident['channel_id']}/members", {"user_id": bob.id})
    path = f"{API}/incidents/{incident['id']}"
    for person, task in ((alice, 2), (bob, 0), (alice, 1)):
        await person.put(f"{path}/checklists/0/item/{task}/state", {"new_state": "closed"})
    await alice.put(f"{path}/checklists/0/item/1/state", {"new_state": ""})
    done = await alice.get(f"{path}/resolved-tasks")
    tasks = incident["checklists"][0]["items"]
    assert [(one["task_id"], one["user_id"]) for one in done] == [(tasks[2]["id"], alice.id), (tasks[0]["id"], bob.id)]
    assert all(one["elapsed_ms"] == one["at"] - incident["create_at"] for one in done)
    listed = await alice.get(f"{API}/incidents?team_id={incident['team_id']}&checklists=true")
    assert listed["items"][0] == await alice.get(path)


async def test_a_late_run_does_not_run(alice: Person) -> None:
    """If-Match is looked at before the command is."""
    incident = await alice.start()
    path = f"{API}/incidents/{incident['id']}"
    await alice.put(f"{path}/checklists/0/item/0/state", {"new_state": "closed"})
    late = await alice.call("POST", f"{path}/checklists/0/item/2/run", None, If_Match='"1"')
    assert late.status == 412
    channel = await alice.get(f"/api/v4/channels/{incident['channel_id']}")
    assert channel["header"] != "Outage: see the sidebar"
    await alice.post(f"{path}/checklists/0/item/2/run")
    channel = await alice.get(f"/api/v4/channels/{incident['channel_id']}")
    assert channel["header"] == "Outage: see the sidebar"
