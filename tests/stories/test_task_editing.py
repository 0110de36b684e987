"""The tasks of a running incident: add, edit, move, remove, assign, run."""

from typing import Any

import pytest

from tests.people import API, Person
from tests.stories.test_http_api import refused


async def titles(person: Person, incident: dict[str, Any]) -> list[list[str]]:
    now = await person.get(f"{API}/incidents/{incident['id']}")
    return [[task["title"] for task in stage["items"]] for stage in now["checklists"]]


@pytest.fixture
async def incident(alice: Person) -> dict[str, Any]:
    """Two stages: A B C, and D."""
    stages = [
        {"title": "One", "items": [{"title": name} for name in "ABC"]},
        {"title": "Two", "items": [{"title": "D", "command": "/echo it works"}]},
    ]
    team = (await alice.team())["id"]
    body = {"title": "Letters", "team_id": team, "create_public_incident": True, "checklists": stages}
    playbook = (await alice.post(f"{API}/playbooks", body))["id"]
    return await alice.start("Letters", playbook_id=playbook)


async def test_a_task_is_added_at_the_end_with_an_id_of_its_own(alice: Person, incident: dict[str, Any]) -> None:
    path = f"{API}/incidents/{incident['id']}/checklists"
    answer = await alice.call("PUT", f"{path}/0/add", {"title": " E ", "id": "x" * 26, "state": "closed"})
    assert answer.status == 201
    assert (answer.json["title"], answer.json["state"]) == ("E", "")
    assert answer.json["id"] != "x" * 26
    assert await titles(alice, incident) == [["A", "B", "C", "E"], ["D"]]
    assert "title: must not be blank" in await refused(alice, "PUT", f"{path}/0/add", 400, {"title": " "})
    assert "title" in await refused(alice, "PUT", f"{path}/0/add", 400, {})
    await refused(alice, "PUT", f"{path}/9/add", 404, {"title": "x"})


async def test_editing_changes_what_is_given(alice: Person, incident: dict[str, Any]) -> None:
    path = f"{API}/incidents/{incident['id']}/checklists/0/item/1"
    changed = await alice.put(path, {"title": "B2", "command": "/echo x"})
    assert (changed["title"], changed["command"], changed["description"]) == ("B2", "/echo x", "")
    changed = await alice.put(path, {"description": "**why**"})
    assert (changed["title"], changed["description"]) == ("B2", "**why**")
    before = (await alice.get(f"{API}/incidents/{incident['id']}"))["version"]
    await alice.put(path, {"title": "B2"})
    assert (await alice.get(f"{API}/incidents/{incident['id']}"))["version"] == before
    assert "title: must not be blank" in await refused(alice, "PUT", path, 400, {"title": ""})
    assert "command" in await refused(alice, "PUT", path, 400, {"command": "no slash"})


async def test_removing_closes_the_gap(alice: Person, incident: dict[str, Any]) -> None:
    path = f"{API}/incidents/{incident['id']}/checklists/0/item"
    assert (await alice.call("DELETE", f"{path}/1")).status == 204
    assert await titles(alice, incident) == [["A", "C"], ["D"]]
    await refused(alice, "DELETE", f"{path}/2", 404)
    await refused(alice, "DELETE", f"{path}/{incident['checklists'][0]['items'][1]['id']}", 404)


@pytest.mark.parametrize(
    ("body", "after"),
    [
        ({"item_num": 0, "new_location": 2}, [["B", "C", "A"], ["D"]]),
        ({"item_num": 2, "new_location": 0}, [["C", "A", "B"], ["D"]]),
        ({"item_num": 1, "new_location": 1}, [["A", "B", "C"], ["D"]]),
        ({"item_num": 1, "new_location": 0, "new_checklist": 1}, [["A", "C"], ["B", "D"]]),
        ({"item_num": 0, "new_location": 1, "new_checklist": 1}, [["B", "C"], ["D", "A"]]),
    ],
)
async def test_moving_within_and_between_stages(
    alice: Person, incident: dict[str, Any], body: dict[str, Any], after: list[list[str]]
) -> None:
    """By place or by id."""
    path = f"{API}/incidents/{incident['id']}/checklists/0/reorder"
    by_id = {**body, "item_num": incident["checklists"][0]["items"][body["item_num"]]["id"]}
    await alice.put(path, by_id)
    assert await titles(alice, incident) == after


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"item_num": 0, "new_location": -1}, 404),
        ({"item_num": -1, "new_location": 0}, 404),
        ({"item_num": 0, "new_location": 3}, 404),
        ({"item_num": 0, "new_location": 2, "new_checklist": 1}, 404),
        ({"item_num": 0, "new_location": 0, "new_checklist": 7}, 404),
        ({"item_num": 0}, 400),
        ({"new_location": 0}, 400),
        ({"item_num": 0, "new_location": "1"}, 400),
    ],
)
async def test_a_place_that_is_none_moves_nothing(
    alice: Person, incident: dict[str, Any], body: dict[str, Any], status: int
) -> None:
    await refused(alice, "PUT", f"{API}/incidents/{incident['id']}/checklists/0/reorder", status, body)
    assert await titles(alice, incident) == [["A", "B", "C"], ["D"]]


async def test_assigning_to_somebody_who_can_see_it(
    alice: Person, bob: Person, dave: Person, incident: dict[str, Any]
) -> None:
    """One post for what one person does; the task links to it."""
    path = f"{API}/incidents/{incident['id']}/checklists/0/item/0/assignee"
    assert (await alice.put(path, {"assignee_id": bob.id}))["assignee_id"] == bob.id
    assert (await alice.put(path, {"assignee_id": bob.id}))["assignee_id"] == bob.id
    for stranger in (dave.id, "a" * 26):
        assert "assignee_id" in await refused(alice, "PUT", path, 400, {"assignee_id": stranger})
    await alice.put(path, {"assignee_id": ""})
    told = await alice.until_posted(incident["channel_id"], lambda post: "assigned" in post["message"])
    assert told["message"] == "@alice:\n- assigned **A** to @bob\n- took the assignee off **A**"
    task = (await alice.get(f"{API}/incidents/{incident['id']}"))["checklists"][0]["items"][0]
    assert (task["assignee_modified_post_id"], task["state_modified_post_id"]) == (told["id"], "")


async def test_a_tasks_command_runs_as_the_person_who_clicks(alice: Person, incident: dict[str, Any]) -> None:
    path = f"{API}/incidents/{incident['id']}/checklists"
    task = await alice.post(f"{path}/1/item/0/run")
    assert task["command_last_run"] > 0
    said = await alice.until_posted(incident["channel_id"], lambda post: post["message"] == "it works")
    assert said["user_id"] == alice.id
    assert "no slash command" in await refused(alice, "POST", f"{path}/0/item/0/run", 400)
    await alice.put(f"{path}/0/item/0", {"command": "/nonsense"})
    assert "could not be run" in await refused(alice, "POST", f"{path}/0/item/0/run", 400)
    now = await alice.get(f"{API}/incidents/{incident['id']}")
    assert now["checklists"][0]["items"][0]["command_last_run"] == 0


async def test_an_ended_incident_can_still_be_changed_and_the_timeline_tells(
    alice: Person, bob: Person, incident: dict[str, Any]
) -> None:
    path = f"{API}/incidents/{incident['id']}"
    await alice.put(f"{path}/end")
    assert (await alice.call("PUT", f"{path}/checklists/0/add", {"title": "Afterwards"})).status == 201
    await refused(bob, "PUT", f"{path}/checklists/0/add", 403, {"title": "x"})
    kinds = [entry["kind"] for entry in await alice.get(f"{path}/timeline")]
    assert kinds == ["started", "ended", "task_added"]
    async with alice.listening() as ear:
        await alice.type("/incident timeline", incident["channel_id"])
        assert "alice added **Afterwards**" in await ear.ephemeral()
