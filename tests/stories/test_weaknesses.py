"""Where the plugin that this one succeeds fails (its 37 known weaknesses, numbered): each is a case of ours."""

import asyncio
import re
import sys
from typing import Any

import pytest

from tests.people import API, Person
from tests.stories.test_http_api import refused

NOT_OURS = {
    14: "calls between plugins with a context key: there is no such entrance",
    15: "event subscriptions are left out: nothing ever delivered an event",
    33: "MySQL is not supported",
    25: "the web client's reconnect handler: see webapp_stub/src/plugin/state.ts",
    26: "the web client parses empty answers: writes answer with what they changed",
    37: "the web client's pickers of members and teams",
}


def test_each_weakness_has_its_case() -> None:
    named = {
        int(number)
        for name in dir(sys.modules[__name__])
        if name.startswith("test_weakness_")
        for number in re.findall(r"\d+", name)
    }
    assert named | NOT_OURS.keys() == set(range(1, 38))
    assert not named & NOT_OURS.keys()


@pytest.fixture
async def incident(alice: Person) -> dict[str, Any]:
    return await alice.start()


def path_of(incident: dict[str, Any], stage: int = 0, task: int | None = None) -> str:
    """By ids, as clients do."""
    chosen = incident["checklists"][stage]
    path = f"{API}/incidents/{incident['id']}/checklists/{chosen['id']}"
    return path if task is None else f"{path}/item/{chosen['items'][task]['id']}"


async def now(person: Person, incident: dict[str, Any]) -> dict[str, Any]:
    current: dict[str, Any] = await person.get(f"{API}/incidents/{incident['id']}")
    return current


async def typed(person: Person, text: str, channel_id: str) -> str:
    """What the person alone is told."""
    async with person.listening() as ear:
        await person.type(text, channel_id)
        return await ear.ephemeral()


async def posts(person: Person, incident: dict[str, Any]) -> list[str]:
    return [post["message"] for post in await person.posts(incident["channel_id"])]


# -- correctness under concurrency


async def test_weakness_1_and_2_no_update_is_lost(alice: Person, sysadmin: Person, incident: dict[str, Any]) -> None:
    """Ticks, a new stage, an assignee and a new name, all at once."""
    root = f"{API}/incidents/{incident['id']}"
    answers = await asyncio.gather(
        *(
            person.call("PUT", f"{path_of(incident, stage, task)}/state", {"new_state": "closed"})
            for stage, task, person in ((0, 0, alice), (0, 1, sysadmin), (1, 0, alice), (1, 1, sysadmin), (2, 0, alice))
        ),
        alice.call("PATCH", root, {"active_stage": 1}),
        sysadmin.call("PATCH", root, {"name": "Renamed"}),
        alice.call("PUT", f"{path_of(incident, 2, 1)}/assignee", {"assignee_id": alice.id}),
        sysadmin.call("PUT", f"{path_of(incident)}/add", {"title": "New"}),
        alice.call("DELETE", path_of(incident, 2, 2)),
    )
    assert {answer.status for answer in answers} == {200, 201, 204}
    after = await now(alice, incident)
    closed = sum(task["state"] == "closed" for stage in after["checklists"] for task in stage["items"])
    assert (closed, after["active_stage"], after["name"]) == (5, 1, "Renamed")
    assert after["checklists"][2]["items"][1]["assignee_id"] == alice.id
    assert [len(stage["items"]) for stage in after["checklists"]] == [5, 4, 2]
    assert after["version"] == incident["version"] + 10


async def test_weakness_3_a_slow_command_blocks_and_undoes_nothing(alice: Person, incident: dict[str, Any]) -> None:
    """The task is changed while its command runs: both are kept."""
    task = path_of(incident, 0, 1)
    ran, ticked = await asyncio.gather(
        alice.call("POST", f"{task}/run"), alice.call("PUT", f"{task}/state", {"new_state": "closed"})
    )
    assert (ran.status, ticked.status) == (200, 200)
    after = (await now(alice, incident))["checklists"][0]["items"][1]
    assert after["state"] == "closed"
    assert after["command_last_run"] > 0


async def test_weakness_4_a_click_hits_the_task_that_was_seen(alice: Person, incident: dict[str, Any]) -> None:
    """Somebody removes the task above in the meantime."""
    await alice.call("DELETE", path_of(incident, 0, 0))
    await alice.put(f"{path_of(incident, 0, 1)}/state", {"new_state": "closed"})
    after = (await now(alice, incident))["checklists"][0]["items"]
    assert [task["id"] for task in after if task["state"]] == [incident["checklists"][0]["items"][1]["id"]]


async def test_weakness_5_nothing_is_told_that_did_not_happen(alice: Person, incident: dict[str, Any]) -> None:
    await refused(alice, "PUT", f"{path_of(incident)}/item/99/state", 404, {"new_state": "closed"})
    await alice.put(f"{API}/incidents/{incident['id']}/end")
    await alice.until_posted(incident["channel_id"], lambda post: "was ended" in post["message"])
    assert not any("checked off" in message for message in await posts(alice, incident))


async def test_weakness_6_one_end_per_end(alice: Person, incident: dict[str, Any]) -> None:
    answers = await asyncio.gather(*(alice.call("PUT", f"{API}/incidents/{incident['id']}/end") for _ in range(4)))
    assert sorted(answer.status for answer in answers) == [200, 409, 409, 409]
    kinds = [entry["kind"] for entry in await alice.get(f"{API}/incidents/{incident['id']}/timeline")]
    assert kinds.count("ended") == 1


async def test_weakness_7_a_repeated_start_makes_one_incident(alice: Person, key: str) -> None:
    team = (await alice.team())["id"]
    body = {"name": "Twice", "team_id": team, "commander_user_id": alice.id}
    first = await alice.post(f"{API}/incidents", body, Idempotency_Key=key)
    assert await alice.post(f"{API}/incidents", body, Idempotency_Key=key) == first
    assert (await alice.get(f"{API}/incidents?team_id={team}"))["total_count"] == 1


# -- partial failure


async def test_weakness_8_and_9_a_refused_start_leaves_nothing(alice: Person) -> None:
    """No channel, no incident; what only the server sets is refused or ignored."""
    team = (await alice.team())["id"]
    body = {"name": "Never", "team_id": team, "commander_user_id": alice.id}
    for bad in ({"post_id": "x" * 26}, {"playbook_id": "x" * 26}, {"commander_user_id": "x" * 26}, {"end_at": 5}):
        assert (await alice.call("POST", f"{API}/incidents", {**body, **bad})).status in (400, 404)
    channels = await alice.get(f"/api/v4/users/me/teams/{team}/channels")
    assert "never" not in {channel["name"] for channel in channels}
    born = await alice.post(f"{API}/incidents", {**body, "active_stage": 99, "delete_at": 5, "is_active": False})
    assert (born["active_stage"], born["delete_at"], born["is_active"]) == (0, 0, True)


async def test_weakness_10_a_change_does_not_wait_for_its_post(
    alice: Person, incident: dict[str, Any], sysadmin: Person
) -> None:
    """The channel is archived: nothing can be posted, and the end is an end all the same."""
    await alice.until_posted(incident["channel_id"], lambda post: "was started" in post["message"])
    assert (await sysadmin.call("DELETE", f"/api/v4/channels/{incident['channel_id']}")).status == 200
    answer = await sysadmin.call("PUT", f"{API}/incidents/{incident['id']}/end")
    assert (answer.status, answer.json["is_active"]) == (200, False)


# -- plain bugs


async def test_weakness_11_percent_signs_are_percent_signs(alice: Person, incident: dict[str, Any]) -> None:
    title = "rollback %d of 100% traffic %s"
    await alice.put(path_of(incident, 0, 0), {"title": title})
    await alice.put(f"{path_of(incident, 0, 0)}/state", {"new_state": "closed"})
    post = await alice.until_posted(incident["channel_id"], lambda post: "checked off" in post["message"])
    assert title in post["message"]


async def test_weakness_12_an_assignee_has_to_be_somebody_who_sees_it(
    alice: Person, dave: Person, incident: dict[str, Any]
) -> None:
    for nobody in ("x" * 26, dave.id):
        message = await refused(alice, "PUT", f"{path_of(incident, 0, 0)}/assignee", 400, {"assignee_id": nobody})
        assert "assignee_id" in message


async def test_weakness_13_places_below_zero_are_refused(alice: Person, incident: dict[str, Any]) -> None:
    for body in ({"item_num": 0, "new_location": -1}, {"item_num": -1, "new_location": 0}):
        await refused(alice, "PUT", f"{path_of(incident)}/reorder", 404, body)
    assert await now(alice, incident) == incident


async def test_weakness_16_one_answer_for_one_mistake(alice: Person) -> None:
    assert "team_id" in await refused(alice, "GET", f"{API}/incidents/commanders", 400)


async def test_weakness_17_each_error_says_what_it_means(alice: Person, incident: dict[str, Any]) -> None:
    root = f"{API}/incidents/{incident['id']}"
    assert "ongoing" in await refused(alice, "PUT", f"{root}/restart", 409)
    await alice.put(f"{root}/end")
    assert "already ended" in await refused(alice, "PUT", f"{root}/end", 409)
    assert "name: " in await refused(alice, "PATCH", root, 400, {"name": "!"})


async def test_weakness_18_not_found_is_not_found(alice: Person, sysadmin: Person) -> None:
    team, nothing = (await alice.team())["id"], "x" * 26
    for person in (alice, sysadmin):
        await refused(person, "GET", f"{API}/incidents/{nothing}", 404)
        await refused(person, "GET", f"{API}/playbooks/{nothing}", 404)
        await refused(person, "GET", f"{API}/incidents?team_id={team}&sort=colour", 400)
        body = {"name": "None", "team_id": team, "commander_user_id": person.id, "playbook_id": nothing}
        await refused(person, "POST", f"{API}/incidents", 404, body)


async def test_weakness_19_answers_are_json_and_say_nothing_of_the_inside(alice: Person) -> None:
    for path in ("/incidents/%00", "/incidents?team_id=x&page=99999999999", "/nothing"):
        answer = await alice.call("GET", f"{API}{path}")
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.json.keys() == {"message", "details"}
        assert not re.search("traceback|sqlite|psycopg|select ", answer.body.decode(), re.IGNORECASE)


async def test_weakness_20_a_deleted_playbook_is_gone(alice: Person) -> None:
    """It is not read, started from, or brought back by a PUT; only by a restore."""
    playbook = await alice.playbook()
    content = await alice.get(f"{API}/playbooks/{playbook}")
    await alice.call("DELETE", f"{API}/playbooks/{playbook}")
    await refused(alice, "GET", f"{API}/playbooks/{playbook}", 404)
    await refused(alice, "PUT", f"{API}/playbooks/{playbook}", 404, {**content, "delete_at": 0})
    team = (await alice.team())["id"]
    body = {"name": "Gone", "team_id": team, "commander_user_id": alice.id, "playbook_id": playbook}
    await refused(alice, "POST", f"{API}/incidents", 404, body)
    assert (await alice.post(f"{API}/playbooks/{playbook}/restore"))["delete_at"] == 0


async def test_weakness_21_a_playbook_keeps_its_team_and_a_member(alice: Person, dave: Person) -> None:
    playbook = await alice.playbook()
    path, content = f"{API}/playbooks/{playbook}", await alice.get(f"{API}/playbooks/{playbook}")
    other = (await dave.team("support"))["id"]
    assert "team_id" in await refused(alice, "PUT", path, 400, {**content, "team_id": other})
    assert "member_ids" in await refused(alice, "PUT", path, 400, {**content, "member_ids": []})
    assert "member_ids" in await refused(alice, "PUT", path, 400, {**content, "member_ids": [alice.id, dave.id]})


async def test_weakness_22_names_of_any_script(alice: Person) -> None:
    for name in ("データベースがダウン", "🔥🔥", "Ошибка"):
        assert (await alice.start(name))["name"] == name


async def test_weakness_23_all_of_the_message_is_quoted(alice: Person) -> None:
    square = await alice.channel()
    post = await alice.post("/api/v4/posts", {"channel_id": square["id"], "message": "first\n\nsecond\n\nthird"})
    incident = await alice.start("Quoted", post_id=post["id"])
    told = await alice.until_posted(incident["channel_id"], lambda post: "was started" in post["message"])
    assert "> first\n> \n> second\n> \n> third" in told["message"]


async def test_weakness_24_info_works_without_stages_and_names_no_zone(alice: Person) -> None:
    team = (await alice.team())["id"]
    bare = (await alice.post(f"{API}/playbooks", {"title": "Bare", "team_id": team}))["id"]
    incident = await alice.start("No stages", playbook="", playbook_id=bare)
    text = await typed(alice, "/incident info", incident["channel_id"])
    assert "No stages" in text
    assert not re.search(r"\d\d:\d\d|AM|PM", text)


async def test_weakness_27_the_first_end_is_not_forgotten(alice: Person, incident: dict[str, Any]) -> None:
    root = f"{API}/incidents/{incident['id']}"
    ended = await alice.put(f"{root}/end")
    restarted = await alice.put(f"{root}/restart")
    assert restarted["active_ms"] == ended["end_at"] - incident["create_at"]
    timeline = await alice.get(f"{root}/timeline")
    assert [entry["at"] for entry in timeline if entry["kind"] == "ended"] == [ended["end_at"]]


# -- cost and limits


async def test_weakness_28_a_tick_tells_screens_the_task_and_no_more(alice: Person, incident: dict[str, Any]) -> None:
    """Not the whole incident: 50 people would get 30 tasks each, 13 kB at a time."""
    async with alice.listening() as ear:
        await alice.put(f"{path_of(incident, 0, 0)}/state", {"new_state": "closed"})
        heard = await ear.hear("custom_incident-response_incident_updated")
        assert len(heard["payload"]) < 700


async def test_weakness_29_and_30_lists_have_pages_and_no_tasks(alice: Person) -> None:
    for number in range(3):
        await alice.start(f"Number {number}")
    team = (await alice.team())["id"]
    page = await alice.get(f"{API}/incidents?team_id={team}&per_page=2&page=1")
    assert ([row["checklists"] for row in page["items"]], page["total_count"], page["has_more"]) == ([[]], 3, False)
    everything = await alice.get(f"{API}/incidents?team_id={team}&per_page=100000000")
    assert len(everything["items"]) == 3
    assert "Number 2" in await typed(alice, "/incident list", (await alice.channel())["id"])


async def test_weakness_31_a_search_is_for_what_was_typed(alice: Person) -> None:
    for name in ("100% full", "1000 users", "under_score", "underXscore"):
        await alice.start(name)
    team = (await alice.team())["id"]
    for term, found in (("0%25", ["100% full"]), ("R_S", ["under_score"]), ("%5C", [])):
        page = await alice.get(f"{API}/incidents?team_id={team}&search_term={term}")
        assert [row["name"] for row in page["items"]] == found


async def test_weakness_32_pages_below_zero_are_refused(alice: Person) -> None:
    team = (await alice.team())["id"]
    for query in ("page=-1", "per_page=-1", "per_page=0", "page=x"):
        assert query.partition("=")[0] in await refused(alice, "GET", f"{API}/incidents?team_id={team}&{query}", 400)


async def test_weakness_34_many_members_at_once(alice: Person, bob: Person, carol: Person) -> None:
    members = [alice.id, bob.id, carol.id]
    body = {"title": "Many", "team_id": (await alice.team())["id"], "member_ids": members}
    made = await alice.post(f"{API}/playbooks", body)
    assert (await bob.get(f"{API}/playbooks/{made['id']}"))["member_ids"] == members


async def test_weakness_35_a_list_that_is_open_is_live(alice: Person, bob: Person) -> None:
    """More of it in test_live_lists."""
    await bob.put(f"{API}/incidents/watch?team_id={(await bob.team())['id']}")
    async with bob.listening() as ear:
        incident = await alice.start("Seen from outside")
        await ear.hear("custom_incident-response_incident_updated", lambda data: incident["id"] in data["payload"])


async def test_weakness_36_many_ticks_are_one_post(alice: Person, incident: dict[str, Any]) -> None:
    for task in range(4):
        await alice.put(f"{path_of(incident, 0, task)}/state", {"new_state": "closed"})
    await alice.put(f"{API}/incidents/{incident['id']}/end")
    await alice.until_posted(incident["channel_id"], lambda post: "was ended" in post["message"])
    about = [message for message in await posts(alice, incident) if "checked off" in message]
    assert (len(about), about[0].count("checked off")) == (1, 4)
