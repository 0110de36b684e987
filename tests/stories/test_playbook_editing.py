"""Playbooks change without touching what was started from them; they always keep a member."""

from tests.people import API, Person
from tests.stories.test_http_api import refused


async def test_an_update_replaces_it_whole_and_touches_no_incident(alice: Person, bob: Person) -> None:
    """A client may send back what it got."""
    path = f"{API}/playbooks/{await alice.playbook()}"
    incident = await alice.start()
    playbook = await alice.get(path)
    playbook["title"] = "Outage, the second edition"
    playbook["checklists"] = playbook["checklists"][:1]
    changed = await bob.put(path, {**playbook, "delete_at": 5, "num_stages": 77})
    assert (changed["title"], changed["num_stages"], changed["delete_at"]) == (playbook["title"], 1, 0)
    assert changed["create_at"] == playbook["create_at"]
    assert len((await alice.get(f"{API}/incidents/{incident['id']}"))["checklists"]) == 3
    newer = await alice.start(playbook_id=changed["id"], playbook="")
    assert (incident["playbook_version"], newer["playbook_version"]) == (1, 2)


async def test_bad_updates_change_nothing(alice: Person, carol: Person, dave: Person) -> None:
    path = f"{API}/playbooks/{await alice.playbook()}"
    playbook = await alice.get(path)
    other = (await dave.team("support"))["id"]
    for changes, says in (
        ({"member_ids": []}, "member_ids: must have at least one person"),
        ({"member_ids": [dave.id]}, "member_ids: every member must be in the playbook's team"),
        ({"team_id": other}, "team_id: can't be changed"),
        ({"title": ""}, "title: must not be blank"),
        ({"checklists": [{"title": "x", "items": [{"title": ""}]}]}, "checklists[0].items[0].title"),
    ):
        assert says in await refused(alice, "PUT", path, 400, {**playbook, **changes})
    await refused(carol, "PUT", path, 404, b"{")
    await refused(carol, "DELETE", path, 404)
    await refused(carol, "POST", f"{path}/restore", 404)
    assert await alice.get(path) == playbook


async def test_a_deleted_playbook_is_gone_until_it_is_restored(alice: Person) -> None:
    playbook_id = await alice.playbook()
    path = f"{API}/playbooks/{playbook_id}"
    before = await alice.get(path)
    assert (await alice.call("DELETE", path)).status == 204
    await refused(alice, "GET", path, 404)
    await refused(alice, "PUT", path, 404, before)
    await refused(alice, "DELETE", path, 404)
    team = before["team_id"]
    assert (await alice.get(f"{API}/playbooks?team_id={team}"))["total_count"] == 1
    body = {"name": "Down", "team_id": team, "commander_user_id": alice.id, "playbook_id": playbook_id}
    await refused(alice, "POST", f"{API}/incidents", 404, body)
    assert await alice.post(f"{path}/restore") == before
    assert (await alice.call("POST", f"{API}/incidents", body)).status == 201
