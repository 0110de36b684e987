"""Many people in one incident at once: nobody's tick is lost."""

import asyncio

import aiohttp
import pytest

from tests.people import API, Person, log_in
from tests.storms.harness import FULL

pytestmark = pytest.mark.storm

PEOPLE = 50
RUNS = 20 if FULL else 3


@pytest.fixture
async def crowd(http: aiohttp.ClientSession, address: str) -> list[Person]:
    """Fifty sessions, of alice's and bob's."""
    return [await log_in(http, address, ("alice", "bob")[number % 2]) for number in range(PEOPLE)]


async def test_fifty_ticks_at_once_are_all_kept(crowd: list[Person]) -> None:
    """Different tasks of one incident, by different sessions; versions grow by one with each."""
    alice, bob = crowd[0], crowd[1]
    stages = [{"title": "All", "items": [{"title": f"Task {n}"} for n in range(PEOPLE)]}]
    team = (await alice.team())["id"]
    body = {"title": "Crowd", "team_id": team, "create_public_incident": True, "checklists": stages}
    playbook = (await alice.post(f"{API}/playbooks", {**body, "member_ids": [bob.id]}))["id"]
    for run in range(RUNS):
        incident = await alice.start(f"Run {run}", playbook="", playbook_id=playbook)
        await alice.post(f"/api/v4/channels/{incident['channel_id']}/members", {"user_id": bob.id})
        path = f"{API}/incidents/{incident['id']}/checklists/0/item"
        async with bob.listening() as ear:
            answers = await asyncio.gather(
                *(person.call("PUT", f"{path}/{n}/state", {"new_state": "closed"}) for n, person in enumerate(crowd))
            )
            assert [answer.status for answer in answers] == [200] * PEOPLE
            for _ in range(PEOPLE):
                await ear.hear("custom_incident-response_incident_updated", lambda data: "task" in data["payload"])
        after = await alice.get(f"{API}/incidents/{incident['id']}")
        assert [task["state"] for task in after["checklists"][0]["items"]] == ["closed"] * PEOPLE
        assert after["version"] == incident["version"] + PEOPLE


async def test_of_five_ends_at_once_one_ends_it(crowd: list[Person]) -> None:
    """The others are told that it has ended; the channel hears of it once."""
    alice = crowd[0]
    incident = await alice.start()
    answers = await asyncio.gather(*(alice.call("PUT", f"{API}/incidents/{incident['id']}/end") for _ in range(5)))
    assert sorted(answer.status for answer in answers) == [200, 409, 409, 409, 409]
    await alice.put(f"{API}/incidents/{incident['id']}/restart")
    await alice.until_posted(incident["channel_id"], lambda post: "restarted" in post["message"])
    posts = await alice.posts(incident["channel_id"])
    assert sum("was ended" in post["message"] for post in posts) == 1
