"""Idempotency-Key: the first answer again, corrections, and two at once."""

import asyncio

from tests.people import API, Person
from tests.stories.test_http_api import new_incident_body, refused


async def test_a_repeated_key_gives_the_first_answer_again(alice: Person, bob: Person, key: str) -> None:
    """Also after the incident has changed; somebody else's same key is another key."""
    body = await new_incident_body(alice)
    first = await alice.call("POST", f"{API}/incidents", body, Idempotency_Key=key)
    await alice.put(f"{API}/incidents/{first.json['id']}/end")
    again = await alice.call("POST", f"{API}/incidents", body, Idempotency_Key=key)
    assert (again.status, again.body, again.headers["Location"]) == (201, first.body, first.headers["Location"])
    other = await bob.call("POST", f"{API}/incidents", await new_incident_body(bob), Idempotency_Key=key)
    assert other.json["id"] != first.json["id"]
    message = await refused(alice, "POST", f"{API}/incidents", 409, {**body, "name": "Other"}, Idempotency_Key=key)
    assert "another request" in message
    await refused(alice, "POST", f"{API}/incidents", 400, body, Idempotency_Key="k" * 300)


async def test_a_refused_request_can_be_corrected_under_its_key(alice: Person, key: str) -> None:
    body = await new_incident_body(alice)
    await refused(alice, "POST", f"{API}/incidents", 400, {**body, "name": "x"}, Idempotency_Key=key)
    assert (await alice.call("POST", f"{API}/incidents", body, Idempotency_Key=key)).status == 201


async def test_the_same_key_twice_at_once_makes_one_incident(alice: Person, key: str) -> None:
    """201 and 201, or one 409."""
    body = await new_incident_body(alice)
    for run in range(5):
        once = f"{key}-{run}"
        answers = await asyncio.gather(
            *(alice.call("POST", f"{API}/incidents", body, Idempotency_Key=once) for _ in range(2))
        )
        assert sorted(answer.status for answer in answers) in ([201, 201], [201, 409])
        assert len({answer.json["id"] for answer in answers if answer.status == 201}) == 1
    team = (await alice.team())["id"]
    assert (await alice.get(f"{API}/incidents?team_id={team}"))["total_count"] == 5


async def test_a_mistake_can_be_corrected_under_its_key(alice: Person, key: str) -> None:
    """Also one in the query, or in a header."""
    team = (await alice.team())["id"]
    path = f"{API}/playbooks/import"
    await refused(alice, "POST", path, 400, {"title": "Brought"}, Idempotency_Key=key)
    made = await alice.post(f"{path}?team_id={team}", {"title": "Brought"}, Idempotency_Key=key)
    assert len(made["id"]) == 26
