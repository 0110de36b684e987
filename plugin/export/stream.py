"""An incident's channel as CSV, page by page."""

from collections.abc import AsyncIterator
from typing import Any

from incidents.gate import EditPass
from plugin.export import channel, table
from plugin.host.api import HostApi, checked, found


class ChannelExport:
    """The use case of the export; whoever has an EditPass is in the channel, or a system administrator."""

    def __init__(self, api: HostApi) -> None:
        self._api = api

    async def rows(self, allowed: EditPass, *, newest_first: bool) -> AsyncIterator[bytes]:
        """The file in pieces, its head first. Raises HostError, HostGone, also in the middle."""
        channel_id = allowed.head.channel_id
        link = await self._link(channel_id)
        with_email = await self._shows_emails(allowed.person_id)
        authors: dict[str, Any] = {}
        yield table.lines([table.COLUMNS])
        async for page in channel.posts(self._api, channel_id, newest_first=newest_first):
            for user_id in {post["user_id"] for post in page} - authors.keys():
                authors[user_id] = await found(self._api, "GetUser", user_id)
            yield table.lines(
                [table.row(post, authors[post["user_id"]], with_email=with_email, link=link) for post in page]
            )

    async def _link(self, channel_id: str) -> str:
        config = (await self._api.call("GetConfig"))[0]
        site = str(config["ServiceSettings"].get("SiteURL") or "").rstrip("/")
        team_id = (await checked(self._api, "GetChannel", channel_id))["team_id"]
        return f"{site}/{(await checked(self._api, 'GetTeam', team_id))['name']}/pl/"

    async def _shows_emails(self, person_id: str) -> bool:
        """To system administrators, and to all where Mattermost shows them to all."""
        config = (await self._api.call("GetConfig"))[0]
        if (config.get("PrivacySettings") or {}).get("ShowEmailAddress"):
            return True
        return bool((await self._api.call("HasPermissionTo", person_id, {"id": "manage_system"}))[0])
