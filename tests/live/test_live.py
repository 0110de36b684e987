"""The stories against a real Mattermost with the plugin: MATTERMOST_URL, MATTERMOST_USER, MATTERMOST_PASSWORD."""

import os

import aiohttp
import pytest

from tests.people import API, log_in

URL = os.environ.get("MATTERMOST_URL", "")  # noqa: TID251 - it is given to the tests, not to the plugin

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(not URL, reason="live: no real Mattermost was given; set MATTERMOST_URL (see tests/live)"),
]


async def test_an_incident_from_start_to_end(http: aiohttp.ClientSession) -> None:
    """Start, tick nothing, end: on whatever server that is."""
    name, password = os.environ["MATTERMOST_USER"], os.environ["MATTERMOST_PASSWORD"]  # noqa: TID251
    person = await log_in(http, URL.rstrip("/"), name, password=password)
    team = (await person.get("/api/v4/users/me/teams"))[0]
    body = {"name": "Live test", "team_id": team["id"], "commander_user_id": person.id, "playbook_id": ""}
    incident = await person.post(f"{API}/incidents", body)
    await person.until_posted(incident["channel_id"], lambda post: "was started" in post["message"])
    ended = await person.put(f"{API}/incidents/{incident['id']}/end")
    assert not ended["is_active"]
