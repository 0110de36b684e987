"""People at a Mattermost: what a person's client does, against the sandbox or a real server."""

import asyncio
import io
import json
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

API = "/plugins/incident-response/api/v0"
PASSWORD = "Passw0rd!"
PATIENCE_S = 10


class Answer:
    """A response that has been read."""

    def __init__(self, status: int, headers: "aiohttp.typedefs.LooseHeaders", body: bytes) -> None:
        self.status = status
        self.headers: Any = headers
        self.body = body

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Person:
    """A logged-in person."""

    def __init__(self, session: aiohttp.ClientSession, base: str, user: dict[str, Any], token: str) -> None:
        self._session = session
        self.base = base
        self.user = user
        self.id: str = user["id"]
        self.name: str = user["username"]
        self.token = token

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Any path of the server, with the person's session; `_` in header names stands for `-`."""
        sent = {"Authorization": f"Bearer {self.token}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        stream = io.BytesIO(data) if data else None
        async with self._session.request(method, f"{self.base}{path}", data=stream, headers=sent) as answer:
            return Answer(answer.status, answer.headers, await answer.read())

    async def get(self, path: str) -> Any:
        answer = await self.call("GET", path)
        assert answer.status == 200, answer.body
        return answer.json

    async def post(self, path: str, body: Any = None, **headers: str) -> Any:
        answer = await self.call("POST", path, {} if body is None else body, **headers)
        assert answer.status in (200, 201), answer.body
        return answer.json

    async def put(self, path: str, body: Any = None) -> Any:
        answer = await self.call("PUT", path, {} if body is None else body)
        assert answer.status == 200, answer.body
        return answer.json

    async def team(self, name: str = "sre") -> dict[str, Any]:
        there = getattr(self.base, "teams", {}).get(name, name)
        team: dict[str, Any] = await self.get(f"/api/v4/teams/name/{there}")
        return team

    async def channel(self, name: str = "town-square", team: str = "sre") -> dict[str, Any]:
        team_id = (await self.team(team))["id"]
        channel: dict[str, Any] = await self.get(f"/api/v4/teams/{team_id}/channels/name/{name}")
        return channel

    async def playbook(self, title: str = "Service outage", team: str = "sre") -> str:
        """The id of a playbook."""
        team_id = (await self.team(team))["id"]
        listed = await self.get(f"{API}/playbooks?team_id={team_id}")
        return str(next(item["id"] for item in listed["items"] if item["title"] == title))

    async def start(
        self, name: str = "Database is down", playbook: str = "Service outage", **fields: Any
    ) -> dict[str, Any]:
        """An incident, by REST."""
        body = {
            "name": name,
            "team_id": (await self.team())["id"],
            "commander_user_id": self.id,
            "playbook_id": await self.playbook(playbook) if playbook else "",
            **fields,
        }
        incident: dict[str, Any] = await self.post(f"{API}/incidents", body)
        return incident

    async def type(self, text: str, channel_id: str, team: str = "sre") -> Answer:
        """A slash command."""
        team_id = (await self.team(team))["id"]
        body = {"channel_id": channel_id, "team_id": team_id, "command": text}
        return await self.call("POST", "/api/v4/commands/execute", body)

    async def submit(self, dialog: dict[str, Any], values: dict[str, Any], channel_id: str) -> Answer:
        """A dialog as it came by websocket, filled in."""
        body = {
            "url": dialog["url"],
            "callback_id": dialog["dialog"]["callback_id"],
            "state": dialog["dialog"]["state"],
            "channel_id": channel_id,
            "team_id": (await self.team())["id"],
            "submission": values,
            "cancelled": False,
        }
        return await self.call("POST", "/api/v4/actions/dialogs/submit", body)

    async def posts(self, channel_id: str) -> list[dict[str, Any]]:
        """Oldest first."""
        listed = await self.get(f"/api/v4/channels/{channel_id}/posts?per_page=200")
        return [listed["posts"][post_id] for post_id in reversed(listed["order"])]

    async def until_posted(self, channel_id: str, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first post that is wanted, once it is there."""

        async def look() -> dict[str, Any] | None:
            return next((post for post in await self.posts(channel_id) if wanted(post)), None)

        post: dict[str, Any] = await until(look)
        return post

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["Ear"]:
        """An open websocket, authenticated."""
        async with self._session.ws_connect(f"{self.base}/api/v4/websocket") as socket:
            await socket.send_json({"seq": 1, "action": "authentication_challenge", "data": {"token": self.token}})
            ear = Ear(socket)
            await ear.hear("hello")
            yield ear


class Ear:
    """What a websocket has told."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self.heard: list[dict[str, Any]] = []

    async def hear(self, event: str, wanted: Callable[[dict[str, Any]], bool] = lambda _: True) -> dict[str, Any]:
        """Wait for an event; returns its data. Everything heard before stays in `heard`."""
        while True:
            frame = await self._socket.receive_json(timeout=PATIENCE_S)
            self.heard.append(frame)
            if frame.get("event") == event and wanted(frame["data"]):
                data: dict[str, Any] = frame["data"]
                return data

    async def dialog(self) -> dict[str, Any]:
        """The next dialog that is opened."""
        dialog: dict[str, Any] = json.loads((await self.hear("open_dialog"))["dialog"])
        return dialog

    async def ephemeral(self) -> str:
        """The text of the next message that only this person sees."""
        post = json.loads((await self.hear("ephemeral_message"))["post"])
        return str(post["message"])


async def log_in(
    session: aiohttp.ClientSession, base: str, name: str, *, password: str = "", device_id: str = ""
) -> Person:
    """Without a password: with that of all the accounts of the demo, or of a real server that was prepared."""
    password = password or getattr(base, "password", PASSWORD)
    body = {"login_id": name, "password": password, "device_id": device_id}
    async with session.post(f"{base}/api/v4/users/login", json=body) as answer:
        assert answer.status == 200, await answer.text()
        return Person(session, base, await answer.json(), answer.headers["Token"])


async def newcomer(session: aiohttp.ClientSession, base: str, sysadmin: Person, name: str) -> Person:
    """Somebody who is in no team yet; `name` is made unique."""
    body = {
        "username": f"{name}-{secrets.token_hex(4)}",
        "email": f"{secrets.token_hex(8)}@incident-response.test",
        "password": getattr(base, "password", PASSWORD),
    }
    made = await sysadmin.post("/api/v4/users", body)
    return await log_in(session, base, made["username"])


async def demote(sysadmin: Person, person: Person) -> None:
    """Make somebody a guest; a Mattermost without the licence for guests skips the test."""
    answer = await sysadmin.call("POST", f"/api/v4/users/{person.id}/demote")
    if answer.status == 501:
        pytest.skip("live: this Mattermost has no licence for guests")
    assert answer.status == 200, answer.body


async def until(look: Callable[[], Any], patience_s: float = PATIENCE_S) -> Any:
    """Ask again and again until there is an answer that is not None or False."""
    async with asyncio.timeout(patience_s):
        while True:
            found = await look()
            if found is not None and found is not False:
                return found
            await asyncio.sleep(0.02)  # between two looks at a condition
