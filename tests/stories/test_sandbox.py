"""What the sandbox promises beyond the recorded exchanges."""

import asyncio
import json

import pytest

from tests.people import Person


async def test_a_session_that_has_ended_hears_nothing_more(alice: Person, carol: Person) -> None:
    """The connection stays open and silent, and says so when asked, as with a real server."""
    square = await alice.channel()
    async with carol.listening() as ear:
        await carol.post("/api/v4/users/logout")
        await alice.post("/api/v4/posts", {"channel_id": square["id"], "message": "after the logout"})
        await ear._socket.send_json({"seq": 2, "action": "ping"})
        async with asyncio.timeout(5):
            while (frame := await ear._socket.receive_json()).get("seq_reply") != 2:
                assert frame.get("event") != "posted"
        assert frame["status"] == "FAIL"


async def test_the_default_channel_can_be_neither_archived_nor_left(alice: Person) -> None:
    square = await alice.channel()
    assert (await alice.call("DELETE", f"/api/v4/channels/{square['id']}")).status == 400
    assert (await alice.call("DELETE", f"/api/v4/channels/{square['id']}/members/{alice.id}")).status == 400


async def test_members_of_a_channel_are_told_to_its_readers_only(alice: Person, dave: Person) -> None:
    incident = await alice.start(playbook="Security incident")
    path = f"/api/v4/users/autocomplete?name=&in_channel={incident['channel_id']}"
    assert (await dave.call("GET", path)).status == 403


async def test_pages_of_posts_tell_what_comes_before_and_after(alice: Person) -> None:
    square = await alice.channel()
    ids = []
    for number in range(5):
        post = {"channel_id": square["id"], "message": str(number)}
        ids.append((await alice.post("/api/v4/posts", post))["id"])
        await asyncio.sleep(0.002)  # cursors are by the millisecond
    page = await alice.get(f"/api/v4/channels/{square['id']}/posts?per_page=2&page=1")
    assert (page["order"], page["prev_post_id"], page["next_post_id"]) == ([ids[2], ids[1]], ids[0], ids[3])


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/posts", {"channel_id": 5}),
        ("/posts", {"file_ids": 5}),
        ("/posts", {"props": {"attachments": [1]}}),
        ("/posts", {"message": "\ud800"}),
        ("/channels", []),
        ("/users/login", "x"),
        ("/commands/execute", {"channel_id": {}, "command": 7}),
        ("/actions/dialogs/submit", {"url": 5}),
    ],
)
async def test_a_body_of_the_wrong_shape_is_an_error_of_mattermosts_shape(
    alice: Person, path: str, body: object
) -> None:
    square = await alice.channel()
    sent = {"channel_id": square["id"], **body} if isinstance(body, dict) else body
    answer = await alice.call("POST", f"/api/v4{path}", json.dumps(sent).encode())
    assert 400 <= answer.status < 500
    assert set(answer.json) == {"id", "message", "detailed_error", "request_id", "status_code"}


async def test_a_direct_channel_is_found_by_its_name_in_any_team(alice: Person, bob: Person, carol: Person) -> None:
    """As Mattermost does: that is how a client opens one."""
    direct = await alice.post("/api/v4/channels/direct", [alice.id, bob.id])
    path = f"/api/v4/teams/{(await alice.team())['id']}/channels/name/{direct['name']}"
    assert (await bob.get(path))["id"] == direct["id"]
    assert (await carol.call("GET", path)).status == 403
