"""Who may do what: people inside and outside, by HTTP and by slash command."""

from tests.people import API, Person, demote


async def statuses(person: Person, incident_id: str, channel_id: str) -> dict[str, int]:
    path = f"{API}/incidents/{incident_id}"
    asked = {
        "get": ("GET", path, None),
        "by channel": ("GET", f"{API}/incidents/channel/{channel_id}", None),
        "tick": ("PUT", f"{path}/checklists/0/item/0/state", {"new_state": ""}),
        "restart": ("PUT", f"{path}/restart", None),
    }
    return {name: (await person.call(*call)).status for name, call in asked.items()}


ALL_OF_IT = {"get": 200, "by channel": 200, "tick": 200, "restart": 409}
NOTHING = {"get": 404, "by channel": 404, "tick": 404, "restart": 404}
LOOKING = {"get": 200, "by channel": 200, "tick": 403, "restart": 403}


async def test_a_public_incident_is_seen_by_the_team_and_changed_by_its_channel(
    alice: Person, bob: Person, dave: Person, sysadmin: Person
) -> None:
    incident = await alice.start()
    where = (incident["id"], incident["channel_id"])
    assert await statuses(alice, *where) == ALL_OF_IT
    assert await statuses(sysadmin, *where) == ALL_OF_IT
    assert await statuses(bob, *where) == LOOKING
    assert await statuses(dave, *where) == NOTHING
    await bob.post(f"/api/v4/channels/{where[1]}/members", {"user_id": bob.id})
    assert await statuses(bob, *where) == ALL_OF_IT
    assert (await bob.call("DELETE", f"/api/v4/channels/{where[1]}/members/{bob.id}")).status == 200
    assert await statuses(bob, *where) == LOOKING


async def test_a_private_incident_does_not_exist_for_others(alice: Person, bob: Person, sysadmin: Person) -> None:
    """Not in a list either."""
    incident = await alice.start(playbook="Security incident")
    where = (incident["id"], incident["channel_id"])
    assert await statuses(bob, *where) == NOTHING
    assert await statuses(sysadmin, *where) == ALL_OF_IT
    team = (await alice.team())["id"]
    counts = [(await p.get(f"{API}/incidents?team_id={team}"))["total_count"] for p in (alice, bob, sysadmin)]
    assert counts == [1, 0, 1]


async def test_guests_work_in_their_channel_but_see_no_lists(alice: Person, bob: Person, sysadmin: Person) -> None:
    inside, outside = await alice.start("Inside"), await alice.start("Outside")
    await alice.post(f"/api/v4/channels/{inside['channel_id']}/members", {"user_id": bob.id})
    await demote(sysadmin, bob)
    assert await statuses(bob, inside["id"], inside["channel_id"]) == ALL_OF_IT
    assert await statuses(bob, outside["id"], outside["channel_id"]) == NOTHING
    team = (await alice.team())["id"]
    for path in ("incidents", "playbooks"):
        assert (await bob.call("GET", f"{API}/{path}?team_id={team}")).status == 403


async def test_playbooks_are_for_their_members(alice: Person, bob: Person, dave: Person, sysadmin: Person) -> None:
    """A system administrator sees them, but starts only from their own; outsiders cannot tell whether they exist."""
    secret = await alice.playbook("Security incident")
    team = (await alice.team())["id"]
    for person, status in ((alice, 200), (bob, 404), (dave, 404), (sysadmin, 200)):
        assert (await person.call("GET", f"{API}/playbooks/{secret}")).status == status
    for person, status in ((alice, 201), (bob, 404), (dave, 404), (sysadmin, 404)):
        body = {"name": "Leak", "team_id": team, "commander_user_id": person.id, "playbook_id": secret}
        assert (await person.call("POST", f"{API}/incidents", body)).status == status
    body = {"title": "X", "team_id": team}
    assert (await dave.call("POST", f"{API}/playbooks", body)).status == 403


async def test_a_deactivated_person_has_nothing_left(alice: Person, bob: Person, sysadmin: Person) -> None:
    incident = await alice.start()
    await bob.post(f"/api/v4/channels/{incident['channel_id']}/members", {"user_id": bob.id})
    await sysadmin.put(f"/api/v4/users/{bob.id}/active", {"active": False})
    assert (await bob.call("GET", f"{API}/incidents/{incident['id']}")).status == 401
    body = {"name": "For bob", "team_id": incident["team_id"], "commander_user_id": bob.id, "playbook_id": ""}
    answer = await alice.call("POST", f"{API}/incidents", body)
    assert (answer.status, "commander_user_id" in answer.json["message"]) == (400, True)


async def test_a_cookie_needs_proof_against_forgery_on_plugin_paths_too(alice: Person) -> None:
    """GET is free; anything else takes X-CSRF-Token or X-Requested-With."""
    incident = await alice.start()
    path = f"{alice.base}{API}/incidents/{incident['id']}"
    cookie = {"Cookie": f"MMAUTHTOKEN={alice.token}"}
    async with alice._session.get(path, headers=cookie) as answer:
        assert answer.status == 200
    async with alice._session.put(f"{path}/end", headers=cookie) as answer:
        assert answer.status == 401
    async with alice._session.put(f"{path}/end", headers={**cookie, "X-Requested-With": "XMLHttpRequest"}) as answer:
        assert answer.status == 200
