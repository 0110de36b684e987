"""`incidents.ports.Access` over the plugin API: what Mattermost says about people, asked anew each time."""

import asyncio
import itertools
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from incidents.ports import ChannelStanding
from playbooks.ports import TeamStanding
from plugin.host.api import HostApi, checked, found

_CHANNELS_A_PAGE = 200
_MOST_KNOWN = 10_000
_PUBLIC_TTL_S = 5.0
"""Lists ask about many channels; a channel is rarely made private."""


class HostAccess:
    """Facts about people in teams and channels."""

    def __init__(self, api: HostApi) -> None:
        self._api = api
        self._public: dict[str, tuple[float, bool]] = {}

    async def in_team(self, person_id: str, team_id: str) -> TeamStanding:
        active, exists, *facts = await asyncio.gather(  # at once: for a native plugin each is a way to Mattermost
            self._is_active(person_id),
            self._team_exists(team_id),
            self._may(person_id, "manage_system"),
            self._may_in_team(person_id, team_id, "manage_team"),
            self._is_member(person_id, team_id),
            self._may_in_team(person_id, team_id, "list_team_channels"),
            self._may_in_team(person_id, team_id, "create_public_channel"),
            self._may_in_team(person_id, team_id, "create_private_channel"),
        )
        system_admin, team_admin, is_member, sees_team, public, private = (active and exists and fact for fact in facts)
        return TeamStanding(
            person_id=person_id,
            team_id=team_id,
            system_admin=system_admin,
            team_admin=team_admin,
            is_member=is_member,
            sees_team=sees_team,
            may_create_public_channel=public,
            may_create_private_channel=private,
        )

    async def in_channel(self, person_id: str, channel_id: str) -> ChannelStanding:
        active, reads = await asyncio.gather(
            self._is_active(person_id), self._may_in_channel(person_id, channel_id, "read_channel")
        )
        if active and reads:
            return ChannelStanding(system_admin=False, reads_channel=True, channel_is_public=False, sees_team=True)
        channel = await found(self._api, "GetChannel", channel_id) if active else None
        if channel is None:
            return ChannelStanding(system_admin=False, reads_channel=False, channel_is_public=False, sees_team=False)
        return ChannelStanding(
            system_admin=await self._may(person_id, "manage_system"),
            reads_channel=False,
            channel_is_public=channel["type"] == "O",
            sees_team=await self._may_in_team(person_id, channel["team_id"], "list_team_channels"),
        )

    async def is_public(self, channel_id: str) -> bool:
        known = self._public.get(channel_id)
        if known is None or known[0] < time.monotonic():
            channel = await found(self._api, "GetChannel", channel_id)
            known = (time.monotonic() + _PUBLIC_TTL_S, channel is not None and channel["type"] == "O")
            if len(self._public) >= _MOST_KNOWN:
                self._public.clear()
            self._public[channel_id] = known
        return known[1]

    async def public_channels(self, team_id: str) -> Collection[str]:
        public: set[str] = set()
        for page in itertools.count():
            channels = await found(self._api, "GetPublicChannelsForTeam", team_id, page, _CHANNELS_A_PAGE) or ()
            public.update(channel["id"] for channel in channels)
            if len(channels) < _CHANNELS_A_PAGE:
                break
        return public

    async def channels_of(self, person_id: str, team_id: str) -> Mapping[str, str]:
        channels = await found(self._api, "GetChannelsForTeamForUser", team_id, person_id, True)
        return {channel["id"]: channel["name"] for channel in channels or ()}

    async def team_name(self, team_id: str) -> str:
        """The team's URL name; empty if there is no such team."""
        team = await found(self._api, "GetTeam", team_id) if team_id else None
        return str(team["name"]) if team else ""

    async def is_system_admin(self, person_id: str) -> bool:
        """Whether they may manage the system."""
        return await self._is_active(person_id) and await self._may(person_id, "manage_system")

    async def is_phone(self, session_id: str) -> bool:
        """Whether a session is one of Mattermost's mobile apps."""
        session = await found(self._api, "GetSession", session_id) if session_id else None
        return bool(session and session.get("device_id"))

    async def _is_active(self, person_id: str) -> bool:
        user = await found(self._api, "GetUser", person_id) if person_id else None
        return user is not None and not user["delete_at"]

    async def _is_member(self, person_id: str, team_id: str) -> bool:
        member = await found(self._api, "GetTeamMember", team_id, person_id)
        return member is not None and not member["delete_at"]

    async def _team_exists(self, team_id: str) -> bool:
        return bool(await self.team_name(team_id))

    async def _may(self, person_id: str, permission: str) -> bool:
        return bool((await self._api.call("HasPermissionTo", person_id, {"id": permission}))[0])

    async def _may_in_team(self, person_id: str, team_id: str, permission: str) -> bool:
        return bool((await self._api.call("HasPermissionToTeam", person_id, team_id, {"id": permission}))[0])

    async def _may_in_channel(self, person_id: str, channel_id: str, permission: str) -> bool:
        return bool((await self._api.call("HasPermissionToChannel", person_id, channel_id, {"id": permission}))[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFacts:
    """Of the Mattermost that we run in; `allows_telemetry`: its administrator lets it send its own."""

    diagnostic_id: str
    version: str
    allows_telemetry: bool
    sends_email: bool


async def server_facts(api: HostApi) -> ServerFacts:
    """Asked anew. Raises HostGone."""
    config = (await api.call("GetConfig"))[0]
    return ServerFacts(
        diagnostic_id=str((await api.call("GetDiagnosticId"))[0]),
        version=str((await api.call("GetServerVersion"))[0]),
        allows_telemetry=bool(config["LogSettings"].get("EnableDiagnostics")),
        sends_email=bool((config.get("EmailSettings") or {}).get("SendEmailNotifications")),
    )


async def plugin_settings(api: HostApi) -> dict[str, object]:
    """The plugin's own settings as an administrator has entered them in Mattermost; names in lower case."""
    entered = await checked(api, "LoadPluginConfiguration")
    return {str(name).lower(): value for name, value in entered.items()} if isinstance(entered, dict) else {}
