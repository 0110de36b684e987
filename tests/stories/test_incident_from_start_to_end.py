"""The main job: an incident from `/incident start` to `/incident end`, by two people."""

import json

from tests.people import API, Person

CUSTOM = "custom_incident-response_"


async def test_alice_starts_bob_ticks_alice_ends_and_restarts(alice: Person, bob: Person) -> None:
    """Every step of the walk, as both clients see it."""
    square = await alice.channel()
    async with alice.listening() as alices, bob.listening() as bobs:
        assert (await alice.type("/incident start tab7", square["id"])).status == 200
        dialog = await alices.dialog()
        assert "@alice" in dialog["dialog"]["introduction_text"]
        playbook = dialog["dialog"]["elements"][0]
        assert [option["text"] for option in playbook["options"]] == ["Security incident", "Service outage"]

        values = {
            "playbookID": playbook["options"][1]["value"],
            "incidentName": "Checkout is down!",
            "incidentDescription": "No orders since 03:10",
        }
        submitted = await alice.submit(dialog, values, square["id"])
        assert (submitted.status, submitted.json) == (200, {})

        created = json.loads((await alices.hear(f"{CUSTOM}incident_created"))["payload"])
        incident = created["incident"]
        assert created["client_id"] == "tab7"
        assert "~checkout-is-down" in await alices.ephemeral()
        channel = await alice.get(f"/api/v4/channels/{incident['channel_id']}")
        assert (channel["name"], channel["type"]) == ("checkout-is-down", "O")
        assert (channel["display_name"], channel["header"]) == ("Checkout is down!", "No orders since 03:10")
        bot = await alice.get("/api/v4/users/username/incident")
        members = await alice.get(f"/api/v4/channels/{channel['id']}/members")
        assert {member["user_id"] for member in members} == {alice.id, bot["id"]}
        first = await alice.until_posted(channel["id"], lambda post: post["user_id"] == bot["id"])
        assert "started" in first["message"]
        assert "@alice" in first["message"]

        await bob.post(f"/api/v4/channels/{channel['id']}/members", {"user_id": bob.id})
        task = incident["checklists"][0]["items"][0]
        path = f"{API}/incidents/{incident['id']}/checklists/0/item/{task['id']}/state"
        assert (await bob.put(path, {"new_state": "closed"}))["state"] == "closed"
        for ear in (alices, bobs):
            change = json.loads(
                (await ear.hear(f"{CUSTOM}incident_updated", lambda data: "task" in data["payload"]))["payload"]
            )
            assert (change["task"]["id"], change["task"]["state"]) == (task["id"], "closed")

        assert (await alice.type("/incident end", channel["id"])).status == 200
        dialog = await alices.dialog()
        assert (await alice.submit(dialog, {}, channel["id"])).json == {}
        ended = await alice.get(f"{API}/incidents/{incident['id']}")
        assert not ended["is_active"]
        assert ended["end_at"] >= ended["create_at"]
        post = await alice.until_posted(channel["id"], lambda post: "ended by @alice" in post["message"])

        again = await alice.submit(dialog, {}, channel["id"])
        assert "already ended" in again.json["error"]
        assert (await bob.type("/incident restart", channel["id"])).status == 200
        restarted = await bob.get(f"{API}/incidents/{incident['id']}")
        assert (restarted["is_active"], restarted["end_at"]) == (True, 0)

    told = [post["message"] for post in await alice.posts(channel["id"]) if post["user_id"] == bot["id"]]
    assert told[0] == first["message"]
    assert told[1] == "@bob checked off **Confirm the impact**."
    assert told[2] == post["message"]
    finished = await alice.get(f"{API}/incidents/{incident['id']}")
    assert finished["checklists"][0]["items"][0]["state_modified_post_id"]


async def test_a_bot_that_was_removed_from_the_team_comes_back(alice: Person, sysadmin: Person) -> None:
    first = await alice.start("With its bot")
    bot = (await alice.call("GET", "/api/v4/users/username/incident")).json
    removed = await sysadmin.call("DELETE", f"/api/v4/teams/{first['team_id']}/members/{bot['id']}")
    assert removed.status == 200
    second = await alice.start("Without it")
    post = await alice.until_posted(second["channel_id"], lambda post: "was started" in post["message"])
    assert post["user_id"] == bot["id"]
