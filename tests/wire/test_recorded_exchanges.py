"""The sandbox answers as a Mattermost does: exchanges recorded from a real server 5.35.4, replayed against it.

Compared are status, content type, error id, and the shape of the body (names and types of all fields). Ids and tokens
of the recording stand for those of a small world that is made anew for each exchange.

Of the 182 recordings these are out of scope, and not in `recorded/`:
- OAuth, reactions, LDAP, roles, plugin upload, response URLs: no feature of the sandbox;
- rate limit, hardened mode, disabled features, other languages, sessions that are extended: settings that it lacks;
- a request still in flight (`post_create_pending_in_progress_500`), a reply after 30 s, a post's cookie, the server's
  own panic: races and faults of Mattermost's that nobody builds on;
- `users_updated`, websocket requests without an answer, callbacks by GET or from direct messages: nothing in here sends
  them, and plugins are called by their path, with the session, not by URL.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from plugin.sandbox.dialogs import open_dialog
from plugin.sandbox.server import application
from plugin.sandbox.world import World
from tests.people import Person, log_in

RECORDED = Path(__file__).parent / "recorded"
PASSWORD = "Passw0rd!"
SERVICE = "http://127.0.0.1:9731"

TEAM = "7xtehfceq3bjzeis6wiupc7w9a"
TOWN_SQUARE = "57m7q6jpuj8txegwz83rtphixo"
PRIVATE = "hnuhne1mm3dyi8i6zhf4j5rx1e"
PUBLIC = "a9ggi8yoo3yytk9z1aw7p3q46w"
EXPORTED = "ae1yab4ig3r39rdu1wurpccb5h"
FOREIGN = ("xkrek559fjd39nh5nzndnpmxsw", "1ee3bwc51ibwdgccz5ruptjc1r", "1bhrgagj6jyi9gmcamobbang5a")
ADMIN, ALICE, BOB = "ykkpct9mrpfdxqhx7or73mzn6r", "to5sohipypbqxbeeksygq9f55r", "o3cne6iuq3dxpkxbbe94aesb3a"
OUTSIDER, BOT, SPARE_BOT = "5ccmso79tpdiikazy55kkegzse", "gsd6r7rebjyk3moooxnc9m16qc", "mifs5gcu9tnzjxtu8uhtmfr47c"
POST, POST_OF_ALICE, DELETED = "6xj9c7ksg7rdxyxk4ujx1t9cba", "x1oddp1nx3grbp84kq7nbxgeby", "gewucgf6miygtjsan8nmzzptzw"
DOOMED, WITH_ACTIONS = "jrysjntujjdw3f1f8smh4wkhnc", "sn8g6aqbe7y6zp5bwotskqdh6a"
COMMAND, FILE = "4oxjbn5sr3b9887bn8kx3rxery", "5qshgpkswfrdmfjbsjc6w6owzo"


def recordings(*kinds: str) -> list[Any]:
    found = [json.loads(path.read_text()) for path in sorted(RECORDED.glob("*.json"))]
    return [pytest.param(r, id=r["name"]) for r in found if r["kind"] in kinds]


@dataclass
class Service:
    """What our service answers to Mattermost's callbacks, and what it was asked."""

    reply: web.Response = field(default_factory=lambda: web.json_response({}))
    asked: list[dict[str, Any]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.text()
        headers = {k: v for k, v in request.headers.items() if k in ("Authorization", "Accept", "Content-Type")}
        self.asked.append({"headers": headers, "body": body})
        return self.reply


@dataclass
class Lab:
    """The world of the recordings: recorded id -> id in here, and everybody's client."""

    base: str
    ids: dict[str, str]
    people: dict[str, Person]
    service: Service
    http: aiohttp.ClientSession
    world: World

    def here(self, value: Any) -> Any:
        """A recorded value with the ids of this world."""
        text = json.dumps(value)
        for recorded, ours in self.ids.items():
            text = text.replace(recorded, ours)
        return json.loads(text)


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    service = Service()
    outside = web.Application()
    outside.router.add_route("*", "/{path:.*}", service.answer)
    world = World(tmp_path / "mattermost.sqlite", site_url="http://lab")
    world.ready = True
    async with (
        TestServer(outside) as service_server,
        TestServer(application(world, tmp_path)) as server,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
    ):
        base = str(server.make_url("")).rstrip("/")
        ids = _people_and_places(world)
        ids[SERVICE] = str(service_server.make_url("")).rstrip("/")
        people = {"admin": await log_in(http, base, "sysadmin"), "user": await log_in(http, base, "alice")}
        bot = world.people.get(ids[BOT])
        token = world.people.new_session(bot["id"], is_pat=True)["token"]
        people["bot"] = Person(http, base, bot, token)
        yield Lab(base, ids, people, service, http, world)
    await world.close()


def _people_and_places(world: World) -> dict[str, str]:
    admin = world.people.create("sysadmin", password=PASSWORD, roles="system_admin system_user")
    made = {name: world.people.create(name, password=PASSWORD)["id"] for name in ("alice", "bob", "outsider")}
    bot = world.people.create("labbot", first_name="Lab", bot_description="lab", owner_id=admin["id"])
    spare = world.people.create("tmpbot", first_name="t", bot_description="", owner_id=admin["id"])
    team = world.teams.create("restlab", "REST Lab", "O", admin)
    for person in (made["alice"], made["bob"], bot["id"]):
        world.teams.add_member(team["id"], person)
    ids = {TEAM: team["id"], ADMIN: admin["id"], ALICE: made["alice"], BOB: made["bob"], OUTSIDER: made["outsider"]}
    ids |= {BOT: bot["id"], SPARE_BOT: spare["id"]}
    ids[TOWN_SQUARE] = world.channels.by_name(team["id"], "town-square")["id"]
    common = {"team_id": team["id"], "display_name": "Lab"}
    for recorded, name, kind in ((PRIVATE, "inc-prv", "P"), (PUBLIC, "inc-pub", "O"), (EXPORTED, "long", "P")):
        channel = world.channels.create({**common, "name": name, "type": kind}, bot)
        ids[recorded] = channel["id"]
        world.channels.add_member(channel["id"], made["alice"], adder_id=bot["id"])
    for number, recorded in enumerate(FOREIGN):
        ids[recorded] = world.channels.create({**common, "name": f"foreign-{number}", "type": "P"}, admin)["id"]
    return ids | _posts_and_commands(world, ids)


def _posts_and_commands(world: World, ids: dict[str, str]) -> dict[str, str]:
    def post(user: str, **more: Any) -> str:
        asked = {"channel_id": ids[PRIVATE], "message": "text", **more}
        return str(world.posts.create(ids[user], asked)["id"])

    made = {POST: post(BOT), POST_OF_ALICE: post(ALICE), DOOMED: post(BOT)}
    post(BOT, root_id=made[POST])
    for _ in range(8):
        post(BOT, channel_id=ids[EXPORTED])
    made[DELETED] = post(BOT, channel_id=ids[EXPORTED])
    world.posts.delete(world.posts.get(made[DELETED]))
    command = {"trigger": "labinc", "team_id": ids[TEAM], "auto_complete": True, "url": f"{SERVICE}/cmd"}
    made[COMMAND] = str(world.commands.create(command, ids[ADMIN])["id"])
    return made


async def prepare(lab: Lab, name: str) -> None:  # noqa: C901 - a table of cases
    """What has to be so before a single recording."""
    data = json.dumps({"url": lab.ids[SERVICE] + "/cmd"})
    patched = "UPDATE commands SET data = json_patch(data, ?)"
    lab.world.store.execute(patched, data)
    if name == "command_create":
        lab.world.store.execute("DELETE FROM commands")
    elif name == "command_execute_service_down_500":
        lab.world.store.execute(patched, json.dumps({"url": "http://127.0.0.1:1/"}))
    elif name in ("channel_restore_admin", "channel_restore_bot_403", "post_create_archived_channel_400"):
        lab.world.channels.archive(lab.world.channels.get(lab.ids[PUBLIC]), None)
    elif name == "channel_member_remove_again":
        lab.world.channels.remove_member(lab.ids[PUBLIC], lab.ids[ALICE], remover_id=lab.ids[BOT])
    elif name == "channel_create_duplicate_400":
        asked = {"team_id": lab.ids[TEAM], "name": "inc-pub-cbfe", "display_name": "x", "type": "O"}
        lab.world.channels.create(asked, lab.world.people.get(lab.ids[BOT]))
    elif name == "bot_create":
        lab.world.store.execute("UPDATE users SET username = 'other' WHERE username = 'labbot'")
    elif name in ("channel_create_bot_not_team_member_403", "team_members_bot_not_member_403"):
        lab.world.teams.remove_member(lab.ids[TEAM], lab.ids[BOT])
    elif name == "team_create":
        lab.world.store.execute("UPDATE teams SET name = 'other'")
    elif name == "team_members_by_ids":
        lab.world.teams.add_member(lab.ids[TEAM], lab.ids[OUTSIDER])
    elif name == "post_create_with_file":
        path = f"/api/v4/files?channel_id={lab.ids[PRIVATE]}&filename=export.csv"
        lab.ids[FILE] = (await lab.people["bot"].call("POST", path, b"a,b")).json["file_infos"][0]["id"]
    elif name.startswith("post_action"):
        await _post_with_actions(lab, name)


async def _post_with_actions(lab: Lab, name: str) -> None:
    recorded = json.loads((RECORDED / "post_create_with_actions.json").read_text())
    body = lab.here(recorded["request"]["body"])
    if name == "post_action_service_down_400":
        body["props"]["attachments"][0]["actions"].append(
            {"id": "down", "name": "Down", "integration": {"url": "http://127.0.0.1:1/"}}
        )
    lab.ids[WITH_ACTIONS] = (await lab.people["bot"].post("/api/v4/posts", body))["id"]


_ACTION = {"id": "ack", "name": "Ack", "integration": {"url": "http://127.0.0.1:1/", "context": {"a": 1}}}


def replies(name: str) -> web.Response:
    """What our service answered when the recording was made."""
    texts = {
        "command_execute_ephemeral": {"response_type": "ephemeral", "text": "Only **you** see this"},
        "command_execute_in_channel_full": {
            "response_type": "in_channel",
            "text": "hello channel",
            "username": "Override",
            "icon_url": "http://127.0.0.1/x.png",
            "type": "custom_inc",
            "props": {"incident": {"id": "i1"}, "n": 3},
            "goto_location": "/restlab/channels/town-square",
            "attachments": [
                {"title": "T", "fields": [{"title": "Sev", "value": "1", "short": True}], "actions": [_ACTION]}
            ],
            "extra_responses": [{"response_type": "ephemeral", "text": "extra"}],
        },
        "dialog_submit_field_errors": {"errors": {"name": "Name is taken"}},
        "dialog_submit_general_error": {"error": "general failure"},
        "post_action_reply_ephemeral": {"ephemeral_text": "only you"},
        "post_action_reply_update_message_only": {"update": {"message": "new"}},
    }
    if name == "command_reply_text_plain":
        return web.Response(text="plain *text*", content_type="text/plain")
    if name == "command_reply_empty_json_500":
        return web.Response(text="", content_type="application/json")
    if name == "command_reply_http_500_500":
        return web.Response(status=500, text="boom")
    if name == "post_action_reply_empty_body_400":
        return web.Response(text="")
    return web.json_response(texts.get(name, {}))


def sent_headers(lab: Lab, recorded: dict[str, Any]) -> dict[str, str]:
    """The recorded headers with this world's tokens."""
    headers = {**(recorded["request"].get("headers") or {})}
    who = recorded.get("as") or ("bot" if "Authorization" not in headers else "")
    if "Cookie" in headers:
        session = lab.world.people.session(lab.people["user"].token)
        assert session
        headers["Cookie"] = f"MMAUTHTOKEN={session['token']}"
        if "X-CSRF-Token" in headers:
            headers["X-CSRF-Token"] = session["csrf"]
    if "Authorization" in headers and recorded["name"] != "users_me_bad_token_401":
        headers["Authorization"] = f"Bearer {lab.people[who or 'bot'].token}"
    elif not headers and recorded["name"] != "users_me_no_token_401" and "login" not in recorded["name"]:
        headers["Authorization"] = f"Bearer {lab.people['bot'].token}"
    return headers


def shape(value: Any) -> Any:
    """Names and types; of a list the first item's; maps by id lose their keys."""
    if isinstance(value, dict):
        if value and all(re.fullmatch(r"[a-z0-9]{26}", key) for key in value):
            return {"<id>": shape(next(iter(value.values())))}
        return {key: shape(item if key != "props" else _props(item)) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return "number" if isinstance(value, int) and not isinstance(value, bool) else type(value).__name__


def _props(value: Any) -> Any:
    """Of a post's props only what Mattermost itself shapes."""
    return {"attachments": value["attachments"]} if isinstance(value, dict) and "attachments" in value else None


@pytest.mark.parametrize("recorded", recordings("rest"))
async def test_rest_answers_have_status_type_error_and_shape_of_the_real_ones(
    lab: Lab, recorded: dict[str, Any]
) -> None:
    """Whoever was written against a real server finds the same here."""
    name = recorded["name"]
    await prepare(lab, name)
    lab.service.reply = replies(name)
    request, response = recorded["request"], recorded["response"]
    if "non_member" in name:
        lab.world.channels.remove_member(lab.ids[PRIVATE], lab.ids[ALICE], remover_id=lab.ids[BOT])
    body = _body(lab, name, request.get("body"))
    headers = sent_headers(lab, recorded)
    url = lab.base + lab.here(request["path"])
    if name == "channel_posts_etag_304":
        async with lab.http.get(url, headers={k: v for k, v in headers.items() if k != "If-None-Match"}) as first:
            headers["If-None-Match"] = first.headers["Etag"]
    if name == "channel_posts_since":
        url = re.sub(r"since=\d+", "since=1", url)
    async with lab.http.request(request["method"], url, data=body, headers=headers) as answer:
        text = await answer.text()
        assert answer.status == response["status"], text
        types = [value for header, value in response.get("headers", []) if header == "Content-Type"]
        if types:
            assert answer.headers["Content-Type"] == types[0]
    _compare(name, response["body"], text)


def _body(lab: Lab, name: str, body: Any) -> bytes | None:
    if body is None:
        return None
    if isinstance(body, str):
        return str(lab.here(body)).encode()
    sent = lab.here(body)
    if name == "post_create_too_long_400":
        sent["message"] = "x" * 16384
    elif name == "post_create_props_too_long_400":
        sent["props"] = {"a": "x" * 8100}
    elif name.startswith("dialog_open") and name != "dialog_open_bad_trigger_400":
        _, sent["trigger_id"] = lab.world.triggers.make(lab.ids[ALICE])
        if "expired" in name:
            sent["trigger_id"] = _old_trigger(lab)
    elif name == "dialog_submit_service_down_400":
        sent["url"] = "http://127.0.0.1:1/"
    return json.dumps(sent).encode()


def _old_trigger(lab: Lab) -> str:
    """A trigger id that was made four seconds ago."""
    triggers = lab.world.triggers
    clock = triggers.now
    triggers.now = lambda: clock() - 4000
    old = triggers.make(lab.ids[ALICE])[1]
    triggers.now = clock
    return old


def _compare(name: str, recorded: Any, text: str) -> None:
    if not isinstance(recorded, dict | list):
        assert (text or "") == (recorded or "")
        return
    ours = json.loads(text)
    if isinstance(recorded, dict) and "status_code" in recorded:
        assert (ours["id"], ours["status_code"]) == (recorded["id"], recorded["status_code"])
        assert ours["message"] == recorded["message"]
        assert set(ours) == set(recorded)
        return
    if name == "config_client_old_bot":
        assert {type(value) for value in ours.values()} == {str}
        assert set(ours) <= set(recorded)
        return
    if name == "channel_posts_since":
        assert any(post["delete_at"] for post in ours["posts"].values())
        ours, recorded = ([p for p in x["posts"].values() if p["delete_at"]] for x in (ours, dict(recorded)))
    if name in ("commands_autocomplete_suggestions", "plugins_webapp"):
        assert isinstance(ours, list)
        return
    assert shape(ours) == shape(recorded)


@pytest.mark.parametrize("recorded", recordings("integration_callback"))
async def test_services_are_called_as_mattermost_calls_them(lab: Lab, recorded: dict[str, Any]) -> None:
    """Body, headers, and nothing that would tell the service more."""
    name = recorded["name"]
    await prepare(lab, "post_action" if name.startswith("action") else name)
    alice = lab.people["user"]
    square, team = lab.ids[TOWN_SQUARE], lab.ids[TEAM]
    if name.startswith("command"):
        body = {"channel_id": square, "team_id": team, "command": '/labinc start "DB down" @bob ~town-square'}
        await alice.call("POST", "/api/v4/commands/execute", body)
    elif name.startswith("dialog"):
        recorded_body = lab.here(recorded["request"]["body"])
        fields = ("callback_id", "state", "channel_id", "team_id", "submission", "cancelled")
        body = {"url": lab.ids[SERVICE] + "/dlg", **{key: recorded_body[key] for key in fields}}
        await alice.post("/api/v4/actions/dialogs/submit", body)
    else:
        action, option = ("menu1", {"selected_option": "2"}) if "select" in name else ("ack1", {})
        await alice.post(f"/api/v4/posts/{lab.ids[WITH_ACTIONS]}/actions/{action}", option)
    asked = lab.service.asked[0]
    theirs = {k: v for k, v in recorded["request"]["headers"] if k in ("Authorization", "Accept", "Content-Type")}
    assert {k: v.split(" ")[0] for k, v in asked["headers"].items()} == {k: v.split(" ")[0] for k, v in theirs.items()}
    if name.startswith("command"):
        assert shape(parse_qs(asked["body"])) == shape(recorded["request"]["body"])
    else:
        assert shape(json.loads(asked["body"])) == shape(recorded["request"]["body"])


EVENTS = {
    "ws_ephemeral_message": "ephemeral_message",
    "ws_event_added_to_team": "added_to_team",
    "ws_event_channel_created": "channel_created",
    "ws_event_channel_deleted": "channel_deleted",
    "ws_event_channel_updated": "channel_updated",
    "ws_event_direct_added": "direct_added",
    "ws_event_post_deleted": "post_deleted",
    "ws_event_post_edited": "post_edited",
    "ws_event_posted": "posted",
    "ws_event_user_added": "user_added",
    "ws_event_user_removed": "user_removed",
    "ws_open_dialog": "open_dialog",
    "ws_post_edited_by_action": "post_edited",
    "ws_hello_and_auth": "hello",
}


@pytest.mark.parametrize("recorded", recordings("websocket"))
async def test_events_have_the_shape_of_the_real_ones(lab: Lab, recorded: dict[str, Any]) -> None:
    """Payloads that are JSON strings there are JSON strings here."""
    wanted = EVENTS[recorded["name"]]
    theirs = next(frame for frame in recorded["received"] if frame.get("event") == wanted)
    listener = lab.people["user" if wanted in ("ephemeral_message", "open_dialog") else "bot"]
    async with asyncio.timeout(10), listener.listening() as ear:
        if wanted != "hello":
            _happen(lab, recorded["name"])
            await ear.hear(wanted)
        ours = next(frame for frame in ear.heard if frame.get("event") == wanted)
    assert shape(_opened(ours)) == shape(_opened(theirs))
    assert _audience(ours) == _audience(theirs)


def _happen(lab: Lab, name: str) -> None:  # noqa: C901 - a table of cases
    world, ids = lab.world, lab.ids
    bot, alice = world.people.get(ids[BOT]), world.people.get(ids[ALICE])
    private = world.channels.get(ids[PRIVATE])
    match name:
        case "ws_ephemeral_message":
            post = {
                "user_id": ids[ALICE],
                "channel_id": private["id"],
                "message": "x",
                "props": {"from_webhook": "true"},
            }
            world.posts.ephemeral(ids[ALICE], post)
        case "ws_event_added_to_team":
            world.teams.add_member(world.teams.create("second", "Second", "O", alice)["id"], ids[BOT])
        case "ws_event_channel_created" | "ws_event_posted":
            asked = {"team_id": ids[TEAM], "name": "newly", "display_name": "New", "type": "P"}
            world.channels.create(asked, bot)
        case "ws_event_channel_deleted":
            world.channels.archive(private, bot)
        case "ws_event_channel_updated":
            world.channels.patch(private, {"header": "newh"}, bot)
        case "ws_event_direct_added":
            world.channels.direct(ids[BOB], [ids[BOB], ids[BOT]])
        case "ws_event_post_deleted":
            world.posts.delete(world.posts.get(ids[POST_OF_ALICE]))
        case "ws_event_post_edited":
            world.posts.patch(world.posts.get(ids[POST_OF_ALICE]), {"message": "edited"})
        case "ws_event_user_added":
            world.channels.add_member(private["id"], ids[BOB], adder_id=ids[BOT])
        case "ws_event_user_removed":
            world.channels.remove_member(private["id"], ids[ALICE], remover_id=ids[ALICE])
        case "ws_open_dialog":
            recorded = json.loads((RECORDED / "dialog_open_ok.json").read_text())["request"]["body"]
            open_dialog(world, {**recorded, "trigger_id": world.triggers.make(ids[ALICE])[1]})
        case "ws_post_edited_by_action":
            recorded = json.loads((RECORDED / "post_create_with_actions.json").read_text())["request"]["body"]
            row = world.posts.create(ids[ALICE], {**recorded, "channel_id": private["id"]})
            world.posts.patch(row, {"message": "Acked"})


def _opened(frame: dict[str, Any]) -> dict[str, Any]:
    """The frame with its JSON strings opened, so that they are compared too."""
    data = dict(frame["data"])
    for key in ("post", "channel", "dialog"):
        if isinstance(data.get(key), str):
            data[key] = json.loads(data[key])
    return {"event": frame["event"], "data": data, "broadcast": frame["broadcast"]}


def _audience(frame: dict[str, Any]) -> set[str]:
    return {key for key in ("user_id", "channel_id", "team_id") if frame["broadcast"][key]}
