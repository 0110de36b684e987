"""A real Mattermost with the plugin, made ready for a test: the accounts of the demo, and teams and playbooks anew.

`MATTERMOST_URL` names it; `MATTERMOST_USER` and `MATTERMOST_PASSWORD` are a system administrator's. Accounts and teams
stay behind: take a server that is there for tests.
"""

import os
import secrets
from typing import Any

import aiohttp

from plugin.demo_playbooks import PLAYBOOKS
from tests.people import API, Person, log_in

URL = os.environ.get("MATTERMOST_URL", "").rstrip("/")  # noqa: TID251 - it is given to the tests, not to the plugin
_MAIL = "incident-response.test"
_PASSWORD = "Passw0rd!Passw0rd!"
_TEAMS = {"sre": ("sysadmin", "alice", "bob", "carol"), "support": ("dave", "sysadmin")}


class LiveServer(str):
    """The address; `teams` says what the demo's teams are called there, `password` is that of all accounts."""

    teams: dict[str, str]
    password: str

    def __new__(cls, url: str, teams: dict[str, str]) -> "LiveServer":
        self = super().__new__(cls, url)
        self.teams = teams
        self.password = _PASSWORD
        return self


async def prepared(http: aiohttp.ClientSession) -> LiveServer:
    """Raises AssertionError that says what the server refused."""
    name, password = os.environ["MATTERMOST_USER"], os.environ["MATTERMOST_PASSWORD"]  # noqa: TID251
    root = await log_in(http, URL, name, password=password)
    people = {person: await _account(root, person) for person in ("sysadmin", "alice", "bob", "carol", "dave")}
    await root.put(f"/api/v4/users/{people['sysadmin']}/roles", {"roles": "system_user system_admin"})
    suffix = secrets.token_hex(5)
    server = LiveServer(URL, {team: f"{team}-{suffix}" for team in _TEAMS})
    for team, members in _TEAMS.items():
        made = await root.post("/api/v4/teams", {"name": server.teams[team], "display_name": team, "type": "O"})
        for member in members:
            await root.post(f"/api/v4/teams/{made['id']}/members", {"team_id": made["id"], "user_id": people[member]})
        if team == "sre":
            await _playbooks(await log_in(http, server, "alice"), made["id"], people)
    return server


async def _account(root: Person, name: str) -> str:
    """The id of an account of the tests; nobody else's is ever touched."""
    found = await root.call("GET", f"/api/v4/users/username/{name}")
    if found.status == 200:
        assert found.json["email"].endswith(f"@{_MAIL}"), f"{name} is somebody's account: take a server for tests"
        await root.put(f"/api/v4/users/{found.json['id']}/active", {"active": True})  # some tests end it
        return str(found.json["id"])
    body = {"username": name, "email": f"{name}@{_MAIL}", "password": _PASSWORD}
    return str((await root.post("/api/v4/users", body))["id"])


async def _playbooks(owner: Person, team_id: str, people: dict[str, str]) -> None:
    for playbook in PLAYBOOKS:
        body: dict[str, Any] = {**playbook, "team_id": team_id, "member_ids": [people[n] for n in playbook["members"]]}
        await owner.post(f"{API}/playbooks", body)
