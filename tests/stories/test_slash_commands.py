"""The slash command and its dialogs: answers, refusals, and what people type wrong."""

import json
from typing import Any

import aiohttp
import pytest

from tests.people import API, Person, log_in


async def test_help_lists_every_subcommand(alice: Person) -> None:
    """Typed alone, too."""
    square = await alice.channel()
    async with alice.listening() as ear:
        for text in ("/incident help", "/incident", "/incident HELP"):
            await alice.type(text, square["id"])
            told = await ear.ephemeral()
            for name in (
                "start",
                "end",
                "restart",
                "stage",
                "check",
                "commander",
                "announce",
                "list",
                "info",
                "timeline",
                "help",
            ):
                assert f"/incident {name}" in told


async def test_an_unknown_subcommand_explains(alice: Person) -> None:
    square = await alice.channel()
    async with alice.listening() as ear:
        await alice.type("/incident explode `now`", square["id"])
        told = await ear.ephemeral()
    assert "`explode` is not something" in told
    assert "/incident start" in told


async def test_autocomplete_offers_the_subcommands(alice: Person) -> None:
    team = (await alice.team())["id"]
    path = f"/api/v4/teams/{team}/commands/autocomplete_suggestions?user_input="
    assert [s["Suggestion"] for s in await alice.get(f"{path}/inc")] == ["incident"]
    offered = await alice.get(f"{path}/incident%20re")
    assert [(s["Complete"], set(s)) for s in offered] == [
        ("incident restart", {"Complete", "Suggestion", "Hint", "Description", "IconData"})
    ]
    assert "incident" in [c["trigger"] for c in await alice.get(f"/api/v4/teams/{team}/commands/autocomplete")]


@pytest.mark.parametrize("text", ["/incident end", "/incident restart"])
async def test_outside_an_incident_end_and_restart_say_where_to_go(alice: Person, text: str) -> None:
    square = await alice.channel()
    async with alice.listening() as ear:
        await alice.type(text, square["id"])
        assert "not an incident's channel" in await ear.ephemeral()


async def test_what_is_so_already_is_told_to_the_person(alice: Person) -> None:
    incident = await alice.start()
    async with alice.listening() as ear:
        await alice.type("/incident restart", incident["channel_id"])
        assert "is ongoing" in await ear.ephemeral()
        await alice.put(f"{API}/incidents/{incident['id']}/end")
        await alice.type("/incident end", incident["channel_id"])
        assert "already ended" in await ear.ephemeral()


async def test_start_without_any_playbook_says_what_to_do(carol: Person, dave: Person) -> None:
    async with carol.listening() as ear:
        await carol.type("/incident start", (await carol.channel())["id"])
        assert "not a member of any playbook" in await ear.ephemeral()
    async with dave.listening() as ear:
        await dave.type("/incident start", (await dave.channel(team="support"))["id"], team="support")
        assert "not a member of any playbook" in await ear.ephemeral()


async def dialog_of(person: Person, text: str = "/incident start") -> tuple[dict[str, Any], str]:
    square = await person.channel()
    async with person.listening() as ear:
        await person.type(text, square["id"])
        return await ear.dialog(), square["id"]


async def test_the_dialog_carries_client_and_post(alice: Person) -> None:
    """State is a JSON object; the description offers the post's permalink."""
    square = await alice.channel()
    post = await alice.post("/api/v4/posts", {"channel_id": square["id"], "message": "It burns @all\n\n*here*"})
    dialog, _ = await dialog_of(alice, f"/incident start tab1 {post['id']}")
    assert json.loads(dialog["dialog"]["state"]) == {"post_id": post["id"], "client_id": "tab1"}
    assert [e["name"] for e in dialog["dialog"]["elements"]] == ["playbookID", "incidentName", "incidentDescription"]
    permalink = dialog["dialog"]["elements"][2]["default"]
    assert permalink == f"{alice.base}/{(await alice.team())['name']}/pl/{post['id']}"
    values = {"playbookID": await alice.playbook(), "incidentName": "From a post", "incidentDescription": None}
    assert (await alice.submit(dialog, values, square["id"])).json == {}
    team = (await alice.team())["id"]
    incident = (await alice.get(f"{API}/incidents?team_id={team}"))["items"][0]
    assert incident["post_id"] == post["id"]
    told = await alice.until_posted(incident["channel_id"], lambda p: "was started" in p["message"])
    assert permalink in told["message"]
    quoted = [line for line in told["message"].splitlines() if line.startswith(">")]
    assert quoted == ["> It burns @\u200ball", "> ", "> *here*"]


async def test_on_a_phone_the_dialog_has_no_link(alice: Person, http: aiohttp.ClientSession) -> None:
    phone = await log_in(http, alice.base, "alice", device_id="apple:123")
    on_phone, _ = await dialog_of(phone)
    on_desk, _ = await dialog_of(alice)
    assert "](" not in on_phone["dialog"]["introduction_text"]
    assert "playbooks/new)" in on_desk["dialog"]["introduction_text"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"incidentName": ""}, "incidentName"),
        ({"incidentName": "x"}, "incidentName"),
        ({"incidentName": "x" * 65}, "incidentName"),
        ({"incidentName": None}, "incidentName"),
        ({"incidentDescription": "x" * 1025}, "incidentDescription"),
        ({"playbookID": ""}, "playbookID"),
        ({"playbookID": "a" * 26}, "playbookID"),
        ({"playbookID": None}, "playbookID"),
    ],
)
async def test_a_bad_value_is_shown_at_its_field(alice: Person, values: dict[str, Any], field: str) -> None:
    """Nothing is created."""
    dialog, channel = await dialog_of(alice)
    good = {"playbookID": await alice.playbook(), "incidentName": "Good", "incidentDescription": ""}
    answer = await alice.submit(dialog, {**good, **values}, channel)
    assert (answer.status, list(answer.json["errors"])) == (200, [field])
    team = (await alice.team())["id"]
    assert (await alice.get(f"{API}/incidents?team_id={team}"))["total_count"] == 0


async def test_the_dialog_cannot_be_used_in_another_name(alice: Person, bob: Person) -> None:
    """The submission goes to the plugin's own address, where the session counts."""
    dialog, channel = await dialog_of(alice)
    body = {
        "type": "dialog_submission",
        "callback_id": dialog["dialog"]["callback_id"],
        "state": dialog["dialog"]["state"],
        "user_id": alice.id,
        "channel_id": channel,
        "team_id": (await alice.team())["id"],
        "submission": {"playbookID": await alice.playbook(), "incidentName": "Not mine"},
    }
    answer = await bob.call("POST", f"{API}/incidents/dialog", body)
    assert answer.status == 403
    incident = await alice.start()
    ending = {"type": "dialog_submission", "user_id": alice.id, "channel_id": channel, "team_id": body["team_id"]}
    assert (await bob.call("POST", f"{API}/incidents/{incident['id']}/end", ending)).status == 403
    await bob.post(f"/api/v4/channels/{incident['channel_id']}/members", {"user_id": bob.id})
    assert (await bob.call("POST", f"{API}/incidents/{incident['id']}/end", ending)).status == 403
    assert (await alice.get(f"{API}/incidents/{incident['id']}"))["is_active"]


@pytest.mark.parametrize("state", ["[]", "{", '"x"', '{"post_id": 5}'])
async def test_a_forged_state_is_refused(alice: Person, state: str) -> None:
    body = {"user_id": alice.id, "state": state, "submission": {"playbookID": "a", "incidentName": "xx"}}
    answer = await alice.call("POST", f"{API}/incidents/dialog", body)
    assert (answer.status, "state" in answer.json["message"]) == (400, True)


async def test_cancelling_changes_nothing(alice: Person) -> None:
    incident = await alice.start()
    body = {"type": "dialog_submission", "user_id": alice.id, "submission": None, "cancelled": True}
    for path in ("incidents/dialog", f"incidents/{incident['id']}/end"):
        assert (await alice.call("POST", f"{API}/{path}", body)).json == {}
    assert (await alice.get(f"{API}/incidents/{incident['id']}"))["is_active"]


async def test_wild_titles_neither_garble_nor_ping(alice: Person) -> None:
    """%, Markdown, mentions, newlines and a thousand characters in a task's title."""
    title = "50% of *all* @here\n~town-square `x` %s " + "y" * 900
    team = (await alice.team())["id"]
    stages = [{"title": "S", "items": [{"title": title}, {"title": "Second"}]}]
    body = {"title": "Wild", "team_id": team, "create_public_incident": True, "checklists": stages}
    playbook = (await alice.post(f"{API}/playbooks", body))["id"]
    incident = await alice.start("A *bold* @channel name", playbook_id=playbook)
    await alice.put(f"{API}/incidents/{incident['id']}/checklists/0/item/0/state", {"new_state": "closed"})
    await alice.put(f"{API}/incidents/{incident['id']}/checklists/0/item/0/state", {"new_state": ""})
    await alice.put(f"{API}/incidents/{incident['id']}/checklists/0/item/1/state", {"new_state": "closed"})
    await alice.put(f"{API}/incidents/{incident['id']}/end")
    await alice.until_posted(incident["channel_id"], lambda post: "was ended" in post["message"])
    bot = await alice.get("/api/v4/users/username/incident")
    told = [post["message"] for post in await alice.posts(incident["channel_id"]) if post["user_id"] == bot["id"]]
    assert told[0].startswith("**A bold @\u200bchannel name** was started. @alice")
    lines = told[1].splitlines()
    assert lines[0] == "@alice:"
    assert lines[1].startswith("- checked off **50% of all @\u200bhere town-square x %s yyy")
    assert len(lines[1]) < 250
    assert lines[2].startswith("- unchecked **50% of all")
    assert lines[3] == "- checked off **Second**"
    assert len(told) == 3


async def test_stage_asks_only_when_tasks_are_open(alice: Person) -> None:
    """Forward with open tasks: a dialog. Back, or when all is done: at once. At the ends: says so."""
    incident = await alice.start()
    channel, path = incident["channel_id"], f"{API}/incidents/{incident['id']}"
    async with alice.listening() as ear:
        await alice.type("/incident stage prev", channel)
        assert "first stage" in await ear.ephemeral()
        await alice.type("/incident stage", channel)
        assert "stage next" in await ear.ephemeral()
        await alice.type("/incident STAGE Next", channel)
        dialog = await ear.dialog()
        assert "4 tasks of this stage are still open" in dialog["dialog"]["introduction_text"]
        assert (await alice.submit(dialog, {}, channel)).json == {}
        assert (await alice.get(path))["active_stage"] == 1
        for task in range(4):
            await alice.put(f"{path}/checklists/1/item/{task}/state", {"new_state": "closed"})
        await alice.type("/incident stage next", channel)
        assert (await alice.get(path))["active_stage"] == 2
        await alice.type("/incident stage next", channel)
        assert "last stage" in await ear.ephemeral()
    told = await alice.until_posted(channel, lambda post: "to **Follow-up**" in post["message"])
    assert told["message"] == "@alice moved from **Mitigation** to **Follow-up**."


async def test_check_takes_places_from_zero(alice: Person) -> None:
    incident = await alice.start()
    channel, path = incident["channel_id"], f"{API}/incidents/{incident['id']}"
    async with alice.listening() as ear:
        for text, said in (("/incident check", "counted from 0"), ("/incident check 0 x", "counted from 0")):
            await alice.type(text, channel)
            assert said in await ear.ephemeral()
        await alice.type("/incident check 0 99", channel)
        assert "no task at '99'" in await ear.ephemeral()
    for state in ("closed", ""):
        await alice.type("/incident check 0 2", channel)
        assert (await alice.get(path))["checklists"][0]["items"][2]["state"] == state
    team = incident["team_id"]
    asked = (
        f"/api/v4/teams/{team}/commands/autocomplete_suggestions?channel_id={channel}&user_input=/incident%20check%201"
    )
    offered = await alice.get(asked)
    assert [s["Complete"] for s in offered] == [f"incident check 1 {n}" for n in range(4)]
    assert offered[0]["Hint"] == "Look for a recent change"


async def test_commander_tells_and_hands_over(alice: Person, bob: Person) -> None:
    incident = await alice.start()
    channel = incident["channel_id"]
    async with alice.listening() as ear:
        for text, said in (
            ("/incident commander", "The commander is @alice."),
            ("/incident commander nobody", "nobody called `nobody`"),
            ("/incident commander @bob", "`bob` is not in this channel"),
            ("/incident commander @alice", "is the commander already"),
            ("/incident commander a b", "one commander"),
        ):
            await alice.type(text, channel)
            assert said in await ear.ephemeral()
        await bob.post(f"/api/v4/channels/{channel}/members", {"user_id": bob.id})
        await alice.type("/incident commander @bob", channel)
    assert (await alice.get(f"{API}/incidents/{incident['id']}"))["commander_user_id"] == bob.id


async def test_list_is_a_table_with_pages(alice: Person, bob: Person) -> None:
    """Mine only, newest first, ten a page."""
    square = await alice.channel()
    async with alice.listening() as ear, bob.listening() as bobs:
        await alice.type("/incident list", square["id"])
        assert await ear.ephemeral() == "You are in no ongoing incident."
        for number in range(12):
            await alice.start(f"Number {number} | a")
        for odd in ("0", "x", "00000019999999999999999999", "1 2"):
            await alice.type(f"/incident list {odd}", square["id"])
            assert "for the second page" in await ear.ephemeral()
        await alice.type("/incident list", square["id"])
        lines = (await ear.ephemeral()).splitlines()
        assert lines[0] == "| Incident | Channel | Stage | Commander | Duration |"
        assert lines[2] == "| Number 11 a | ~number-11-a | Triage | @alice | < 1m |"
        assert len([line for line in lines if line.startswith("| Number")]) == 10
        assert "/incident list 2" in lines[-1]
        await alice.type("/incident list 2", square["id"])
        assert (await ear.ephemeral()).count("| Number") == 2
        await bob.type("/incident list", square["id"])
        assert await bobs.ephemeral() == "You are in no ongoing incident."


async def test_info_and_timeline_tell_everything_in_text(alice: Person) -> None:
    incident = await alice.start("Phone friendly")
    channel = incident["channel_id"]
    await alice.put(f"{API}/incidents/{incident['id']}/checklists/0/item/0/state", {"new_state": "closed"})
    async with alice.listening() as ear:
        await alice.type("/incident info", channel)
        told = await ear.ephemeral()
        for part in ("#### Phone friendly", "Ongoing · < 1m · commander @alice", "**Triage** (current) 1/4"):
            assert part in told
        assert "- ☑ Confirm the impact `0 0`" in told
        await alice.type("/incident timeline", channel)
        told = await ear.ephemeral()
    assert "alice started the incident" in told
    assert "alice checked off **Confirm the impact**" in told


async def test_announce_tells_channels_and_says_which_it_could_not(alice: Person, bob: Person) -> None:
    incident = await alice.start("Told")
    square = await alice.channel()
    team = incident["team_id"]
    secret = {"team_id": team, "name": "secret", "display_name": "Secret", "type": "P"}
    await bob.post("/api/v4/channels", secret)
    async with alice.listening() as ear:
        await alice.type("/incident announce", incident["channel_id"])
        assert "Name one to 20 channels" in await ear.ephemeral()
        await alice.type("/incident announce ~town-square ~secret ~nowhere", incident["channel_id"])
        told = await ear.ephemeral()
    assert told == "Could not tell `secret`, `nowhere`: there is no such channel, or you may not post in it."
    post = await alice.until_posted(square["id"], lambda post: "~told" in post["message"])
    assert post["message"] == "@alice is commanding an incident in ~told."


async def test_people_and_channels_complete_themselves(alice: Person, bob: Person) -> None:
    """Members of the channel behind `commander`, channels of the team behind `announce`, as they were begun."""
    incident = await alice.start("Complete me")
    await bob.post(f"/api/v4/channels/{incident['channel_id']}/members", {"user_id": bob.id})
    path = f"/api/v4/teams/{incident['team_id']}/commands/autocomplete_suggestions?channel_id={incident['channel_id']}"

    async def offered(text: str) -> list[str]:
        return [one["Complete"] for one in await alice.get(f"{path}&user_input=/incident%20{text}")]

    assert await offered("commander%20") == ["incident commander @alice", "incident commander @bob"]
    assert await offered("commander%20@b") == ["incident commander @bob"]
    assert await offered("commander%20al") == ["incident commander alice"]
    assert "incident announce ~town-square" in await offered("announce%20~t")
    assert "incident announce ~complete-me" in await offered("announce%20~comp")
    assert await offered("announce%20~nothing") == []


async def test_timeline_tasks_tells_when_each_was_done(alice: Person) -> None:
    incident = await alice.start()
    where = incident["channel_id"]
    async with alice.listening() as ear:
        await alice.type("/incident timeline tasks", where)
        assert await ear.ephemeral() == "No task is done yet."
        await alice.put(f"{API}/incidents/{incident['id']}/checklists/0/item/1/state", {"new_state": "closed"})
        await alice.type("/incident timeline Tasks", where)
        assert await ear.ephemeral() == (
            "| Task | Done after | By |\n|---|---|---|\n| Call in the second on-call | < 1m | alice |"
        )
        await alice.type("/incident timeline now", where)
        assert "/incident timeline tasks" in await ear.ephemeral()
