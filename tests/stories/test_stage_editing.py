"""The stages of a running incident, what it is called, and changes that are wanted of one version only."""

from typing import Any

import pytest

from tests.people import API, Person
from tests.stories.test_http_api import refused
from tests.stories.test_task_editing import incident

__all__ = ["incident"]


async def look(person: Person, incident: dict[str, Any]) -> dict[str, Any]:
    now: dict[str, Any] = await person.get(f"{API}/incidents/{incident['id']}")
    return now


async def stages(person: Person, incident: dict[str, Any]) -> list[str]:
    return [stage["title"] for stage in (await look(person, incident))["checklists"]]


async def test_stages_are_added_at_a_place_or_at_the_end(alice: Person, incident: dict[str, Any]) -> None:
    path = f"{API}/incidents/{incident['id']}/checklists"
    answer = await alice.call("POST", path, {"title": " Last ", "id": "x" * 26, "items": [{"title": "not taken"}]})
    assert (answer.status, answer.json["title"], answer.json["items"]) == (201, "Last", [])
    assert answer.json["id"] != "x" * 26
    assert answer.headers["Location"].endswith(answer.json["id"])
    await alice.post(path, {"title": "First", "place": 0})
    assert await stages(alice, incident) == ["First", "One", "Two", "Last"]
    assert (await look(alice, incident))["active_stage"] == 1, "the active stage is still the same one"
    for body, told in (({"title": " "}, "title"), ({}, "title"), ({"title": "x", "place": 9}, "stage"), ([], "body")):
        answer = await alice.call("POST", path, body)
        assert answer.status in (400, 404)
        assert told in answer.json["message"] or told in answer.json["details"]
    assert await stages(alice, incident) == ["First", "One", "Two", "Last"]


async def test_asking_again_adds_no_second_stage(alice: Person, incident: dict[str, Any], key: str) -> None:
    path = f"{API}/incidents/{incident['id']}/checklists"
    first = await alice.post(path, {"title": "Once"}, Idempotency_Key=key)
    assert await alice.post(path, {"title": "Once"}, Idempotency_Key=key) == first
    assert await stages(alice, incident) == ["One", "Two", "Once"]


async def test_stages_are_renamed_and_moved_in_one_step(alice: Person, incident: dict[str, Any]) -> None:
    path = f"{API}/incidents/{incident['id']}/checklists"
    changed = await alice.put(f"{path}/0", {"title": "Erste", "place": 1})
    assert [stage["title"] for stage in changed["checklists"]] == ["Two", "Erste"]
    assert [len(stage["items"]) for stage in changed["checklists"]] == [1, 3]
    assert (changed["active_stage"], changed["active_stage_title"]) == (1, "Erste")
    assert (await alice.put(f"{path}/1", {"title": "Erste", "place": 1}))["version"] == changed["version"]
    await refused(alice, "PUT", f"{path}/1", 404, {"title": "Half", "place": 5})
    await refused(alice, "PUT", f"{path}/7", 404, {"title": "x"})
    assert await stages(alice, incident) == ["Two", "Erste"], "nothing is half done"


async def test_a_stage_with_tasks_is_only_removed_on_purpose(alice: Person, incident: dict[str, Any]) -> None:
    path = f"{API}/incidents/{incident['id']}/checklists"
    assert "still has tasks" in await refused(alice, "DELETE", f"{path}/0", 409)
    assert (await alice.call("DELETE", f"{path}/0?with_tasks=true")).status == 204
    now = await look(alice, incident)
    assert (now["active_stage"], now["active_stage_title"]) == (0, "Two")
    assert (await alice.call("DELETE", f"{path}/0?with_tasks=true")).status == 204
    now = await look(alice, incident)
    assert (now["active_stage"], now["active_stage_title"], now["checklists"]) == (-1, "", [])
    await alice.post(path, {"title": "Anew"})
    assert (await look(alice, incident))["active_stage_title"] == "Anew"
    kinds = [entry["kind"] for entry in await alice.get(f"{API}/incidents/{incident['id']}/timeline")]
    assert kinds == ["started", "stage", "stage_removed", "stage_removed", "stage_added"]


async def test_an_incident_is_renamed_and_described(alice: Person, incident: dict[str, Any]) -> None:
    """Name, description and stage in one request: all of it, or nothing."""
    path = f"{API}/incidents/{incident['id']}"
    answer = await alice.call("PATCH", path, {"name": "Not letters", "description": "why", "active_stage": 1})
    now = answer.json
    assert (now["name"], now["description"], now["active_stage"]) == ("Not letters", "why", 1)
    assert now["version"] == incident["version"] + 3
    assert (await alice.call("PATCH", path, {"name": "Not letters"})).json["version"] == now["version"]
    await refused(alice, "PATCH", path, 404, {"name": "Half done", "active_stage": 9})
    assert "name" in await refused(alice, "PATCH", path, 400, {"name": "x"})
    assert (await look(alice, incident))["name"] == "Not letters"
    await alice.until_posted(incident["channel_id"], lambda post: "renamed" in post["message"])


async def test_a_skipped_task_is_neither_open_nor_done(alice: Person, incident: dict[str, Any]) -> None:
    path = f"{API}/incidents/{incident['id']}/checklists/1/item/0/state"
    assert (await alice.put(path, {"new_state": "skipped"}))["state"] == "skipped"
    await alice.until_posted(incident["channel_id"], lambda post: "skipped **D**" in post["message"])
    assert (await alice.put(path, {"new_state": ""}))["state"] == ""


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "", {"name": "Too late"}),
        ("PUT", "/end", None),
        ("PUT", "/checklists/0/item/0/state", {"new_state": "closed"}),
        ("PUT", "/checklists/0/item/0", {"title": "Too late"}),
        ("PUT", "/checklists/0", {"title": "Too late"}),
        ("DELETE", "/checklists/0/item/0", None),
    ],
)
async def test_who_wants_to_know_is_told_of_being_late(
    alice: Person, incident: dict[str, Any], method: str, path: str, body: Any
) -> None:
    """412 with the incident as it is now; nothing has changed."""
    url = f"{API}/incidents/{incident['id']}"
    seen = (await alice.call("GET", url)).headers["ETag"]
    await alice.put(f"{url}/checklists/1/item/0/state", {"new_state": "closed"})
    late = await alice.call(method, f"{url}{path}", body, If_Match=seen)
    assert late.status == 412
    assert (late.json["incident"], late.headers["ETag"]) == (await look(alice, incident), '"2"')
    in_time = await alice.call(method, f"{url}{path}", body, If_Match=late.headers["ETag"])
    assert in_time.status in (200, 204)
    assert (await alice.call(method, f"{url}{path}", body, If_Match="soon")).status == 400


async def test_a_playbook_too(alice: Person) -> None:
    path = f"{API}/playbooks/{await alice.playbook()}"
    first = await alice.call("GET", path)
    assert first.headers["ETag"] == f'"{first.json["version"]}"'
    await alice.put(path, {**first.json, "title": "Mine"})
    late = await alice.call("PUT", path, {**first.json, "title": "Yours"}, If_Match=first.headers["ETag"])
    assert (late.status, late.json["playbook"]["title"]) == (412, "Mine")
    assert (await alice.call("DELETE", path, If_Match=first.headers["ETag"])).status == 412


async def test_the_time_between_an_end_and_a_restart_does_not_count(alice: Person, incident: dict[str, Any]) -> None:
    path = f"{API}/incidents/{incident['id']}"
    assert (incident["active_since"], incident["active_ms"]) == (incident["create_at"], 0)
    ended = await alice.put(f"{path}/end")
    assert (ended["active_since"], ended["active_ms"]) == (0, ended["end_at"] - ended["create_at"])
    restarted = await alice.put(f"{path}/restart")
    assert restarted["active_since"] >= ended["end_at"]
    assert restarted["active_ms"] == ended["active_ms"]
