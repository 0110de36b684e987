"""Lists of incidents: pages, filters, orders, and what others may not learn from them."""

from tests.people import API, Person, demote
from tests.stories.test_http_api import refused


async def test_lists_page_filter_and_sort(alice: Person, bob: Person) -> None:
    """Newest first unless told; a search has no wildcards; larger pages are clamped."""
    team = (await alice.team())["id"]
    names = ["Alpha 100%", "beta", "Gamma_x", "Äpfel"]
    made = [await alice.start(name) for name in names]
    await alice.put(f"{API}/incidents/{made[1]['id']}/end")

    async def listed(query: str) -> list[str]:
        page = await alice.get(f"{API}/incidents?team_id={team}&{query}")
        assert all(item["checklists"] == [] for item in page["items"])
        return [item["name"] for item in page["items"]]

    assert await listed("") == names[::-1]
    assert await listed("sort=name&direction=asc") == ["Alpha 100%", "beta", "Gamma_x", "Äpfel"]
    assert await listed("status=ended") == ["beta"]
    assert await listed("status=active&direction=asc") == ["Alpha 100%", "Gamma_x", "Äpfel"]
    assert await listed("search_term=100%25") == ["Alpha 100%"]
    assert await listed("search_term=_") == ["Gamma_x"]
    assert await listed("search_term=ÄPF") == ["Äpfel"]
    assert await listed(f"commander_user_id={bob.id}") == []
    assert await listed(f"member_id={bob.id}") == []
    assert len(await listed(f"member_id={alice.id}")) == 4
    page = await alice.get(f"{API}/incidents?team_id={team}&per_page=3")
    assert (page["total_count"], page["page_count"], page["has_more"], len(page["items"])) == (4, 2, True, 3)
    page = await alice.get(f"{API}/incidents?team_id={team}&per_page=3&page=1")
    assert (page["has_more"], [item["name"] for item in page["items"]]) == (False, ["Alpha 100%"])
    assert len(await listed("per_page=1000000")) == 4
    for bad in ("page=-1", "page=x", "per_page=0", "sort=nope", "direction=up", "status=open", "page=99999999999"):
        await refused(alice, "GET", f"{API}/incidents?team_id={team}&{bad}", 400)


async def test_odd_numbers_and_signs_are_400(alice: Person) -> None:
    team = (await alice.team())["id"]
    for bad in ("page=--5", "per_page=-", "page=²"):
        await refused(alice, "GET", f"{API}/incidents?team_id={team}&{bad}", 400)
    body = {"title": "a\0b", "team_id": team}
    assert "title" in await refused(alice, "POST", f"{API}/playbooks", 400, body)


async def test_a_channel_that_was_made_private_leaves_the_list_of_others(
    alice: Person, bob: Person, sysadmin: Person
) -> None:
    """Nobody tells the plugin; it looks before it shows."""
    shown, hidden = await alice.start("Shown"), await alice.start("Hidden", commander_user_id=sysadmin.id)
    await sysadmin.put(f"/api/v4/channels/{hidden['channel_id']}/privacy", {"privacy": "P"})
    page = await bob.get(f"{API}/incidents?team_id={shown['team_id']}")
    assert ([item["name"] for item in page["items"]], page["total_count"]) == (["Shown"], 1)


async def test_nor_is_its_commander_named(alice: Person, bob: Person, sysadmin: Person) -> None:
    shown, hidden = await alice.start("Shown"), await alice.start("Hidden", commander_user_id=sysadmin.id)
    await sysadmin.put(f"/api/v4/channels/{hidden['channel_id']}/privacy", {"privacy": "P"})
    commanders = await bob.get(f"{API}/incidents/commanders?team_id={shown['team_id']}")
    assert [person["username"] for person in commanders] == ["alice"]


async def test_very_many_private_ones_are_not_shown_either(alice: Person, bob: Person, sysadmin: Person) -> None:
    """Page after page of what was public: the last look is believed as little as the first."""
    for number in range(6):
        hidden = await alice.start(f"Hidden {number}")
        await sysadmin.put(f"/api/v4/channels/{hidden['channel_id']}/privacy", {"privacy": "P"})
    team = (await bob.team())["id"]
    page = await bob.get(f"{API}/incidents?team_id={team}&per_page=1&checklists=true")
    assert page["items"] == []


async def test_a_guest_is_offered_no_channels_that_they_are_not_in(
    alice: Person, bob: Person, sysadmin: Person
) -> None:
    incident = await alice.start("Inside")
    await alice.post(f"/api/v4/channels/{incident['channel_id']}/members", {"user_id": bob.id})
    await demote(sysadmin, bob)
    await alice.start("Elsewhere")
    path = (
        f"{API}/incidents/channel-autocomplete?channel_id={incident['channel_id']}&user_input=/incident%20announce%20"
    )
    assert "~elsewhere" not in [one["item"] for one in await bob.get(path)]
    assert "~elsewhere" in [one["item"] for one in await alice.get(path)]
