"""All the parts of the sandbox's server, wired together."""

from pathlib import Path

from plugin.sandbox.channels import Channels
from plugin.sandbox.commands import Commands
from plugin.sandbox.hub import Hub
from plugin.sandbox.integrations import Integrations
from plugin.sandbox.people import People
from plugin.sandbox.permissions import Permissions
from plugin.sandbox.plugin_host import PluginHost
from plugin.sandbox.posts import Posts
from plugin.sandbox.store import Store, new_id
from plugin.sandbox.teams import Teams
from plugin.sandbox.triggers import Triggers


class World:
    """Plain attributes; handlers take what they need."""

    def __init__(self, database: Path, *, site_url: str) -> None:
        self.site_url = site_url
        self.store = Store(database)
        self.permissions = Permissions(self.store)
        self.people = People(self.store)
        self.hub = Hub(members=self._members, team_members=self._team_members, user_of=self._user_of)
        self.posts = Posts(self.store, self.hub)
        self.channels = Channels(self.store, self.hub, self.posts)
        self.teams = Teams(self.store, self.hub, self.channels)
        self.triggers = Triggers()
        self.plugins = PluginHost()
        self.integrations = Integrations(self.plugins)
        self.commands = Commands(self)
        self.ready = False
        if self.store.fact("diagnostic_id") is None:
            self.store.set_fact("diagnostic_id", new_id())
            self.store.set_fact("enable_diagnostics", True)
            self.store.set_fact("plugin_settings", {})

    async def close(self) -> None:
        """Close sockets and files."""
        await self.hub.close()
        await self.integrations.close()
        await self.plugins.close()
        self.store.close()

    def _members(self, channel_id: str) -> set[str]:
        return self.channels.member_ids(channel_id)

    def _team_members(self, team_id: str) -> set[str]:
        rows = self.store.all("SELECT user_id FROM team_members WHERE team_id = ? AND delete_at = 0", team_id)
        return {row["user_id"] for row in rows}

    def _user_of(self, token: str) -> str:
        session = self.people.session(token)
        return str(session["user_id"]) if session else ""
