"""The plugin API: Mattermost's calls by name, with JSON values, each answering its results and last an AppError."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from plugin.sandbox import shapes
from plugin.sandbox.dialogs import open_dialog
from plugin.sandbox.errors import AppError

if TYPE_CHECKING:
    from plugin.sandbox.world import World

Method = Callable[..., Any]


class PluginApi:
    """One object for the one plugin in here."""

    def __init__(self, world: "World") -> None:
        self._world = world
        # Name -> method that answers one result and may raise AppError.
        self._methods: dict[str, Method] = {
            "AddChannelMember": self._add_channel_member,
            "AddUserToChannel": self._add_user_to_channel,
            "CreateBot": self._create_bot,
            "CreateChannel": self._create_channel,
            "CreatePost": self._create_post,
            "CreateTeamMember": self._create_team_member,
            "GetChannel": lambda channel_id: shapes.channel(world.channels.get(channel_id)),
            "GetChannelByName": self._channel_by_name,
            "GetChannelMember": lambda channel, user: shapes.channel_member(world.channels.member(channel, user)),
            "GetChannelsForTeamForUser": self._channels_of,
            "GetChannelStats": lambda channel_id: world.channels.stats(world.channels.get(channel_id)["id"]),
            "GetDirectChannel": lambda one, other: shapes.channel(world.channels.direct(one, [other])),
            "GetPost": lambda post_id: world.posts.json(world.posts.get(post_id)),
            "GetPostsAfter": lambda *asked: self._posts_beside(*asked, before=False),
            "GetPostsBefore": lambda *asked: self._posts_beside(*asked, before=True),
            "GetPostsForChannel": self._posts_for_channel,
            "GetPublicChannelsForTeam": self._public_channels,
            "GetSession": self._session,
            "GetTeam": lambda team_id: shapes.team(world.teams.get(team_id)),
            "GetTeamStats": world.teams.stats,
            "GetTeamMember": lambda team_id, user_id: shapes.team_member(world.teams.member(team_id, user_id)),
            "GetUser": lambda user_id: shapes.user(world.people.get(user_id)),
            "GetUsers": lambda asked: [shapes.user(row) for row in world.people.some(**asked)],
            "GetUserByUsername": self._user_by_name,
            "KVGet": self._kv_get,
            "SearchChannels": lambda team_id, term: [
                shapes.channel(row) for row in world.channels.search(team_id, term)
            ],
            "SearchUsers": lambda asked: [
                shapes.user(row)
                for row in world.people.like(asked["term"], channel_id=asked["in_channel_id"], limit=asked["limit"])
            ],
            "LoadPluginConfiguration": lambda: world.store.fact("plugin_settings"),
        }
        # Name -> method that answers nothing but may raise AppError.
        self._actions: dict[str, Method] = {
            "DeleteChannel": lambda channel_id: world.channels.archive(world.channels.get(channel_id), None),
            "KVSet": self._kv_set,
            "OpenInteractiveDialog": lambda request: open_dialog(world, request),
            "RegisterCommand": self._register_command,
        }
        # Name -> method that cannot fail.
        self._facts: dict[str, Method] = {
            "GetConfig": self._config,
            "GetDiagnosticId": lambda: world.store.fact("diagnostic_id"),
            "GetLicense": lambda: None,
            "GetUnsanitizedConfig": self._config,
            "GetServerVersion": lambda: shapes.VERSION,
            "HasPermissionTo": lambda user, permission: world.permissions.system(user, permission["id"]),
            "HasPermissionToChannel": lambda user, channel, permission: world.permissions.channel(
                user, channel, permission["id"]
            ),
            "HasPermissionToTeam": lambda user, team, permission: world.permissions.team(user, team, permission["id"]),
            "PublishWebSocketEvent": self._publish,
            "SendEphemeralPost": world.posts.ephemeral,
        }

    async def call(self, name: str, args: list[Any]) -> list[Any]:
        """Carry out a call. Raises KeyError for a name that the plugin API does not have."""
        if name in self._facts:
            return [self._facts[name](*args)]
        try:
            if name == "ExecuteSlashCommand":
                return [await self._execute(*args), None]
            if name in self._actions:
                self._actions[name](*args)
                return [None]
            return [self._methods[name](*args), None]
        except AppError as error:
            return [error.json()] if name in self._actions else [None, error.json()]

    async def _execute(self, args: dict[str, Any]) -> dict[str, Any]:
        """As that person; Mattermost shows the response as if they had typed the command."""
        return await self._world.commands.execute(self._world.people.get(args["user_id"]), "", args)

    # -- people

    def _create_bot(self, bot: dict[str, Any]) -> dict[str, Any]:
        row = self._world.people.create(
            bot["username"],
            first_name=bot.get("display_name", ""),
            bot_description=bot.get("description", ""),
            owner_id=self._world.plugins.plugin_id,
        )
        return shapes.bot(row)

    def _user_by_name(self, username: str) -> dict[str, Any]:
        row = self._world.people.by_name(username)
        if not row:
            raise AppError("app.user.missing_account.const", 404)
        return shapes.user(row)

    def _search_users(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        found = self._world.people.like(asked["term"], channel_id=asked["in_channel_id"], limit=asked["limit"])
        return [shapes.user(row) for row in found]

    def _search_channels(self, team_id: str, term: str) -> list[dict[str, Any]]:
        return [shapes.channel(row) for row in self._world.channels.search(team_id, term)]

    def _session(self, session_id: str) -> dict[str, Any]:
        row = self._world.people.session_by_id(session_id)
        if not row:
            raise AppError("app.session.get.app_error", 404)
        return {"id": row["id"], "user_id": row["user_id"], "device_id": row["device_id"], "props": {}}

    def _create_team_member(self, team_id: str, user_id: str) -> dict[str, Any]:
        return shapes.team_member(self._world.teams.add_member(self._world.teams.get(team_id)["id"], user_id))

    # -- channels

    def _create_channel(self, channel: dict[str, Any]) -> dict[str, Any]:
        """Unlike the REST call it makes a channel without members."""
        self._world.teams.get(channel["team_id"])
        row = self._world.channels.insert(
            team_id=channel["team_id"],
            channel_type=channel["type"],
            name=channel["name"],
            display_name=channel["display_name"],
            header=channel.get("header", ""),
            purpose=channel.get("purpose", ""),
            creator_id=channel.get("creator_id", ""),
        )
        return shapes.channel(row)

    def _channel_by_name(self, team_id: str, name: str, include_deleted: bool) -> dict[str, Any]:
        return shapes.channel(self._world.channels.by_name(team_id, name, deleted=include_deleted))

    def _channels_of(self, team_id: str, user_id: str, include_deleted: bool) -> list[dict[str, Any]]:
        rows = self._world.channels.of_user(team_id, user_id, deleted=include_deleted)
        return [shapes.channel(row) for row in rows]

    def _public_channels(self, team_id: str, page: int, per_page: int) -> list[dict[str, Any]]:
        return [shapes.channel(row) for row in self._world.channels.public(team_id, page=page, per_page=per_page)]

    def _add_channel_member(self, channel_id: str, user_id: str) -> dict[str, Any]:
        return shapes.channel_member(self._world.channels.add_member(channel_id, user_id))

    def _add_user_to_channel(self, channel_id: str, user_id: str, as_user_id: str) -> dict[str, Any]:
        return shapes.channel_member(self._world.channels.add_member(channel_id, user_id, adder_id=as_user_id))

    # -- posts

    def _create_post(self, post: dict[str, Any]) -> dict[str, Any]:
        return self._world.posts.json(self._world.posts.create(post["user_id"], post, system=True))

    def _posts_for_channel(self, channel_id: str, page: int, per_page: int) -> dict[str, Any]:
        return self._world.posts.page(channel_id, page=page, per_page=per_page, threads=False)

    def _posts_beside(self, channel_id: str, post_id: str, page: int, per_page: int, *, before: bool) -> dict[str, Any]:
        return self._world.posts.around(channel_id, post_id, before=before, page=page, per_page=per_page)

    # -- the plugin's own

    def _publish(self, event: str, payload: dict[str, Any], broadcast: dict[str, Any]) -> None:
        self._world.hub.publish(
            f"custom_{self._world.plugins.plugin_id}_{event}",
            payload,
            user_id=broadcast.get("user_id", ""),
            channel_id=broadcast.get("channel_id", ""),
            team_id=broadcast.get("team_id", ""),
        )

    def _register_command(self, command: dict[str, Any]) -> None:
        self._world.plugins.commands[command["trigger"].lower()] = command

    def _kv_get(self, key: str) -> Any:
        row = self._world.store.one("SELECT value FROM plugin_kv WHERE key = ?", key)
        return json.loads(row["value"]) if row else None

    def _kv_set(self, key: str, value: Any) -> None:
        self._world.store.execute("INSERT OR REPLACE INTO plugin_kv (key, value) VALUES (?, ?)", key, json.dumps(value))

    def _config(self) -> dict[str, Any]:
        return {
            "ServiceSettings": {"SiteURL": self._world.site_url},
            "PrivacySettings": {"ShowEmailAddress": False},
            "EmailSettings": {"SendEmailNotifications": False},
            "LogSettings": {"EnableDiagnostics": self._world.store.fact("enable_diagnostics")},
        }
