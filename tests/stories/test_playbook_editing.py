"""Playbooks change without touching what was started from them; they always keep a member."""

from tests.people import API, Person, until
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


async def test_an_administrator_may_keep_creating_to_administrators(alice: Person, sysadmin: Person) -> None:
    """At once, and only creating: what one is a member of can still be changed."""
    team = (await alice.team())["id"]
    body = {"team_id": team, "title": "Mine"}
    made = await alice.post(f"{API}/playbooks", body)
    before = (await sysadmin.get("/api/v4/config"))["PluginSettings"]["Plugins"].get("incident-response") or {}

    async def decide(creators: str) -> None:
        entered = {**before, "playbookcreators": creators}
        await sysadmin.put("/api/v4/config/patch", {"PluginSettings": {"Plugins": {"incident-response": entered}}})

    async def refused_now() -> bool:
        return (await alice.call("POST", f"{API}/playbooks", body)).status == 403

    await decide("system_admins")
    try:
        await until(refused_now)
        changed = {"title": "Still mine", "member_ids": [alice.id]}
        await alice.put(f"{API}/playbooks/{made['id']}", changed)
        await sysadmin.post(f"{API}/playbooks", body)
        await decide("team_admins")
        await until(refused_now)
    finally:
        await decide("")

    async def allowed_now() -> bool:
        return not await refused_now()

    await until(allowed_now)
