"""A list that is open is live for who asked; nobody else outside a channel hears of it."""

import json
from typing import Any

from tests.people import API, Ear, Person

UPDATED = "custom_incident-response_incident_updated"


async def hears(ear: Ear, incident: dict[str, Any], version: int) -> dict[str, Any]:
    def wanted(data: dict[str, Any]) -> bool:
        payload = json.loads(data["payload"])
        return bool((payload["id"], payload["version"]) == (incident["id"], version))

    payload: dict[str, Any] = json.loads((await ear.hear(UPDATED, wanted))["payload"])
    return payload


async def test_who_watches_hears_of_what_they_may_see(alice: Person, bob: Person, carol: Person, dave: Person) -> None:
    team = (await alice.team())["id"]
    async with bob.listening() as of_bob, carol.listening() as of_carol:
        lease = await bob.put(f"{API}/incidents/watch?team_id={team}")
        assert lease["until"] > 0
        secret = await alice.start("Secret", playbook="Security incident")
        public = await alice.start("Public")
        assert await hears(of_bob, public, 1) == {"id": public["id"], "version": 1}
        await alice.put(f"{API}/incidents/{public['id']}/checklists/0/item/0/state", {"new_state": "closed"})
        assert await hears(of_bob, public, 2) == {"id": public["id"], "version": 2}
        await bob.call("DELETE", f"{API}/incidents/watch?team_id={team}")
        await alice.put(f"{API}/incidents/{secret['id']}/end")
        await alice.put(f"{API}/incidents/{public['id']}/end")
        await bob.post(f"/api/v4/channels/{public['channel_id']}/members", {"user_id": bob.id})
        await alice.put(f"{API}/incidents/{public['id']}/restart")
        await hears(of_bob, public, 4)
        heard = [json.loads(frame["data"]["payload"]) for frame in of_bob.heard if frame.get("event") == UPDATED]
        assert secret["id"] not in {payload["id"] for payload in heard}, "it is private"
        assert [payload["version"] for payload in heard] == [1, 2, 4], "version 3 came when nobody watched"
        await alice.post(f"/api/v4/channels/{public['channel_id']}/members", {"user_id": carol.id})
        await of_carol.hear("user_added")
        assert UPDATED not in {frame.get("event") for frame in of_carol.heard}, "she never asked"
    assert (await dave.call("PUT", f"{API}/incidents/watch?team_id={team}")).status == 403
