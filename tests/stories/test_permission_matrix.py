"""Everybody tries everything, by HTTP and by chat: what happens is what the rules say of the facts, in every cell."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from incidents import rules
from incidents.ports import ChannelStanding
from playbooks import rules as playbook_rules
from playbooks.model import Playbook
from playbooks.ports import TeamStanding
from plugin.api.routes import ROUTES
from plugin.commands.table import COMMANDS
from tests.people import API, Person, demote, newcomer


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """Somebody, as the facts are that the rules are asked with."""

    session: bool = True
    admin: bool = False
    in_channel: bool = False
    in_team: bool = True
    guest: bool = False
    of_playbook: bool = False

    def channel(self, *, public: bool) -> ChannelStanding:
        return ChannelStanding(
            system_admin=self.admin,
            reads_channel=self.in_channel,
            channel_is_public=public,
            sees_team=self.in_team and not self.guest,
        )

    def team(self, person_id: str, team_id: str) -> TeamStanding:
        sees = self.in_team and not self.guest
        return TeamStanding(
            person_id=person_id,
            team_id=team_id,
            system_admin=self.admin,
            team_admin=False,
            is_member=self.in_team,
            sees_team=sees,
            may_create_public_channel=sees or self.admin,
            may_create_private_channel=sees or self.admin,
        )


ROLES = {
    "commander": Role(in_channel=True, of_playbook=True),
    "member of the channel": Role(in_channel=True),
    "member of the team": Role(),
    "member of the playbook": Role(of_playbook=True),
    "guest in the channel": Role(in_channel=True, guest=True),
    "guest elsewhere": Role(guest=True),
    "of another team": Role(in_team=False),
    "system administrator": Role(admin=True),
    "just removed from the channel": Role(),
    "just removed from the team": Role(in_team=False),
    "just deactivated": Role(session=False),
    "nobody": Role(session=False),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What is tried on: an incident and the playbook that it came from."""

    public: bool
    incident: dict[str, Any]
    playbook: Playbook


Expected = Callable[[Role, str, Place], int]
"""The status that the rules ask for; 0 when it is allowed."""


def view(role: Role, _person: str, place: Place) -> int:
    return 0 if rules.may_view(role.channel(public=place.public)) else 404


def edit(role: Role, person: str, place: Place) -> int:
    allowed = rules.may_edit(role.channel(public=place.public))
    return 0 if allowed else view(role, person, place) or 403


def listing(role: Role, person: str, place: Place) -> int:
    return 0 if rules.may_list(role.team(person, place.playbook.team_id)) else 403


def start(role: Role, person: str, place: Place) -> int:
    standing = role.team(person, place.playbook.team_id)
    if not playbook_rules.may_start_from(standing, place.playbook):
        return 404
    return 0 if rules.may_start(standing, public=place.public) else 403


def playbook_list(role: Role, person: str, place: Place) -> int:
    return 0 if playbook_rules.may_list(role.team(person, place.playbook.team_id)) else 403


def playbook_create(role: Role, person: str, place: Place) -> int:
    return 0 if playbook_rules.may_create(role.team(person, place.playbook.team_id)) else 403


def playbook_view(role: Role, person: str, place: Place) -> int:
    return 0 if playbook_rules.may_view(role.team(person, place.playbook.team_id), place.playbook) else 404


def playbook_edit(role: Role, person: str, place: Place) -> int:
    return 0 if playbook_rules.may_edit(role.team(person, place.playbook.team_id), place.playbook) else 404


def everybody(_role: Role, _person: str, _place: Place) -> int:
    return 0


def administrators(role: Role, _person: str, _place: Place) -> int:
    return 0 if role.admin else 403


_I, _S = "/incidents/{id}", "/incidents/{id}/checklists/{stage}"
_T = f"{_S}/item/{{task}}"
HTTP: dict[tuple[str, str], tuple[Expected, Any]] = {
    ("GET", "/incidents"): (listing, None),
    ("POST", "/incidents"): (start, "START"),
    ("GET", "/incidents/commanders"): (listing, None),
    ("GET", "/incidents/channels"): (listing, None),
    ("PUT", "/incidents/watch"): (listing, None),
    ("DELETE", "/incidents/watch"): (everybody, None),
    ("GET", "/incidents/checklist-autocomplete"): (view, None),
    ("GET", "/incidents/member-autocomplete"): (edit, None),
    ("GET", "/incidents/channel-autocomplete"): (edit, None),
    ("GET", "/incidents/channel/{channel_id}"): (view, None),
    ("GET", _I): (view, None),
    ("GET", f"{_I}/metadata"): (view, None),
    ("GET", f"{_I}/timeline"): (edit, None),
    ("GET", f"{_I}/resolved-tasks"): (edit, None),
    ("GET", f"{_I}/export"): (edit, None),
    ("PATCH", _I): (edit, {"description": "tried"}),
    ("POST", f"{_I}/commander"): (edit, {"commander_id": "x"}),
    ("POST", f"{_I}/next-stage-dialog"): (edit, {"state": "0"}),
    ("PUT", f"{_I}/restart"): (edit, None),
    ("PUT", f"{_I}/end"): (edit, None),
    ("POST", f"{_I}/end"): (edit, None),
    ("POST", f"{_I}/checklists"): (edit, {"title": "One more"}),
    ("PUT", _S): (edit, {"title": "Renamed"}),
    ("DELETE", _S): (edit, None),
    ("PUT", f"{_S}/add"): (edit, {"title": "One more"}),
    ("PUT", f"{_S}/reorder"): (edit, {"item_num": 0, "new_location": 1}),
    ("PUT", _T): (edit, {"title": "Renamed"}),
    ("PUT", f"{_T}/state"): (edit, {"new_state": "closed"}),
    ("PUT", f"{_T}/assignee"): (edit, {"assignee_id": ""}),
    ("POST", f"{_T}/run"): (edit, None),
    ("DELETE", _T): (edit, None),
    ("GET", "/playbooks"): (playbook_list, None),
    ("POST", "/playbooks"): (playbook_create, {"title": "Mine"}),
    ("POST", "/playbooks/import"): (playbook_create, {"title": "Mine"}),
    ("GET", "/playbooks/templates"): (everybody, None),
    ("GET", "/playbooks/{id}"): (playbook_view, None),
    ("GET", "/playbooks/{id}/export"): (playbook_view, None),
    ("POST", "/playbooks/{id}/restore"): (playbook_edit, None),
    ("PUT", "/playbooks/{id}"): (playbook_edit, "SAME"),
    ("DELETE", "/playbooks/{id}"): (playbook_edit, None),
    ("GET", "/telemetry"): (administrators, None),
    ("PUT", "/telemetry"): (administrators, {"level": "off"}),
    ("GET", "/telemetry/preview"): (administrators, None),
    ("GET", "/telemetry/sent"): (administrators, None),
    ("GET", "/telemetry/export"): (administrators, None),
    ("POST", "/telemetry/reset"): (administrators, None),
    ("GET", "/telemetry/notice"): (everybody, None),
    ("POST", "/telemetry/notice/seen"): (administrators, None),
}
ELSEWHERE = {
    ("POST", "/incidents/dialog"): "what a dialog is refused for comes as 200; see test_slash_commands",
}
CHAT = {name: name for name in COMMANDS} | {"check": "check 0 0", "stage": "stage prev", "commander": "commander"}


def test_no_route_and_no_command_is_left_out() -> None:
    assert {(route.method, route.path) for route in ROUTES} == HTTP.keys() | ELSEWHERE.keys()
    assert CHAT.keys() == COMMANDS.keys()
    assert len(ROLES) * 2 * (len(HTTP) + len(CHAT)) >= 300


@pytest.mark.parametrize("name", ROLES)
async def test_what_happens_is_what_the_rules_say(
    name: str, http: aiohttp.ClientSession, alice: Person, sysadmin: Person, address: str
) -> None:
    role = ROLES[name]
    person = await newcomer(http, address, sysadmin, "tester")
    team = (await alice.team())["id"]
    if name != "of another team":
        await sysadmin.post(f"/api/v4/teams/{team}/members", {"team_id": team, "user_id": person.id})
    places = [await _place(alice, person, role, public=public) for public in (True, False)]
    if role.in_channel or name.startswith("just"):
        for place in places:
            await alice.post(f"/api/v4/channels/{place.incident['channel_id']}/members", {"user_id": person.id})
    await _become(name, person, sysadmin, alice, places, team)
    wrong, cells = [], 0
    for place in places:
        for (method, path), (expected, body) in HTTP.items():
            wanted = expected(role, person.id, place) if role.session else 401
            got = await _ask(person, place, method, path, body)
            cells += 1
            if (got in (401, 403, 404)) != bool(wanted) or (wanted and got != wanted):
                wrong.append((method, path, place.public, got, wanted))
        for command in CHAT.values():
            may = role.session and rules.may_edit(role.channel(public=place.public))
            got = await _type(person, place, command)
            cells += 1
            if (got == 200) != may:
                wrong.append(("chat", command, place.public, got, may))
    assert wrong == []
    assert cells == 2 * (len(HTTP) + len(CHAT))


async def _place(alice: Person, person: Person, role: Role, *, public: bool) -> Place:
    """A playbook of enough stages and tasks that all the roles can take some away."""
    stages = [
        {"title": f"S{n}", "items": [{"title": f"T{m}", "command": "/echo x"} for m in range(4)]} for n in range(3)
    ]
    team = (await alice.team())["id"]
    members = [person.id] if role.of_playbook else []
    body = {
        "title": "P",
        "team_id": team,
        "create_public_incident": public,
        "checklists": stages,
        "member_ids": members,
    }
    made = (await alice.post(f"{API}/playbooks", body))["id"]
    playbook = Playbook(
        id=made, team_id=team, title="P", description="", create_public_incident=public, create_at=0, delete_at=0,
        version=1, stages=(), member_ids=(alice.id, *members),
    )  # fmt: skip
    return Place(
        public=public, incident=await alice.start("Tried on", playbook="", playbook_id=made), playbook=playbook
    )


async def _become(name: str, person: Person, sysadmin: Person, alice: Person, places: list[Place], team: str) -> None:
    async def remove_from_channels() -> None:
        for place in places:
            await sysadmin.call("DELETE", f"/api/v4/channels/{place.incident['channel_id']}/members/{person.id}")

    async def hand_over() -> None:
        for place in places:
            await alice.post(f"{API}/incidents/{place.incident['id']}/commander", {"commander_id": person.id})

    changes: dict[str, Callable[[], Awaitable[Any]]] = {
        "commander": hand_over,
        "guest in the channel": lambda: demote(sysadmin, person),
        "guest elsewhere": lambda: demote(sysadmin, person),
        "system administrator": lambda: sysadmin.put(
            f"/api/v4/users/{person.id}/roles", {"roles": "system_admin system_user"}
        ),
        "just removed from the channel": remove_from_channels,
        "just removed from the team": lambda: sysadmin.call("DELETE", f"/api/v4/teams/{team}/members/{person.id}"),
        "just deactivated": lambda: sysadmin.put(f"/api/v4/users/{person.id}/active", {"active": False}),
    }
    if name in changes:
        await changes[name]()
    if name == "nobody":
        person.token = "x" * 26


async def _type(person: Person, place: Place, command: str) -> int:
    body = {
        "channel_id": place.incident["channel_id"],
        "team_id": place.playbook.team_id,
        "command": f"/incident {command}",
    }
    return (await person.call("POST", "/api/v4/commands/execute", body)).status


async def _ask(person: Person, place: Place, method: str, path: str, body: Any) -> int:
    of_playbook = path.startswith("/playbooks")
    names = {
        "id": place.playbook.id if of_playbook else place.incident["id"],
        "channel_id": place.incident["channel_id"],
        "stage": "0",
        "task": "0",
    }
    team = place.playbook.team_id
    if body == "START":
        body = {"name": "Mine", "team_id": team, "commander_user_id": person.id, "playbook_id": place.playbook.id}
    elif body == "SAME":
        body = {"title": "P", "create_public_incident": place.public, "member_ids": list(place.playbook.member_ids)}
    elif path == "/playbooks":
        body = {"team_id": team, **(body or {})} if method == "POST" else None
    query = f"?team_id={team}&channel_id={place.incident['channel_id']}"
    return (await person.call(method, f"{API}{path.format(**names)}{query}", body)).status
