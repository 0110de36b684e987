"""`incidents.ports.Chat`, and what commands and dialogs need of Mattermost, over the plugin API."""

import asyncio
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import structlog

from incidents.ports import ChannelNameTaken, ChannelPlan, ChatRefused, ChatUnavailable, FoundChannel, QuotedPost
from plugin.host.api import HostApi, HostError, HostGone, Json, checked, found

log = structlog.get_logger()

_NAME_TAKEN = ("store.sql_channel.save_channel.exists.app_error", "store.sql_channel.save_channel.previously.app_error")
_NAMES_TTL_S = 60.0
_MOST_NAMES = 10_000
_POSTS_A_PAGE = 200
_SUGGESTIONS = 25
_CLOCK_SLACK_MS = 60_000
"""How far Mattermost's clock may be behind ours when a post is looked for by its time."""
PROPS_KEY = "incident_response_outbox"


class HostChat:
    """The bot's hands in Mattermost."""

    def __init__(self, api: HostApi, *, bot_id: str) -> None:
        self._api = api
        self._bot_id = bot_id
        self._names: dict[str, tuple[float, str]] = {}
        self._teams_of_bot: set[str] = set()

    # -- channels

    async def create_channel(self, plan: ChannelPlan) -> str:
        channel = {
            "team_id": plan.team_id,
            "type": "O" if plan.public else "P",
            "name": plan.name,
            "display_name": plan.display_name,
            "header": plan.header,
            "purpose": plan.marker,
            "creator_id": self._bot_id,
        }
        with _translated():
            return str((await checked(self._api, "CreateChannel", channel))["id"])

    async def find_channel(self, team_id: str, name: str) -> FoundChannel | None:
        with _translated():
            channel = await found(self._api, "GetChannelByName", team_id, name, False)
        return FoundChannel(id=channel["id"], marker=channel["purpose"]) if channel else None

    async def gather(self, channel_id: str, team_id: str, commander_id: str) -> None:
        commander = checked(self._api, "AddChannelMember", channel_id, commander_id)
        with _translated():
            # At once, for Mattermost takes its time for each; and both to their end, whatever becomes of the other.
            outcomes = await asyncio.gather(
                commander, self._bring_bot(channel_id, team_id, commander_id), return_exceptions=True
            )
            for outcome in outcomes:
                if isinstance(outcome, BaseException):
                    raise outcome

    async def _bring_bot(self, channel_id: str, team_id: str, commander_id: str) -> None:
        """In the commander's name, so that the bot's own first post is the announcement."""
        if team_id in self._teams_of_bot:
            try:
                await checked(self._api, "AddUserToChannel", channel_id, self._bot_id, commander_id)
            except HostError:
                self._teams_of_bot.discard(team_id)  # somebody has removed it from the team, say: once more, with that
            else:
                return
        await checked(self._api, "CreateTeamMember", team_id, self._bot_id)
        await checked(self._api, "AddUserToChannel", channel_id, self._bot_id, commander_id)
        self._teams_of_bot.add(team_id)

    async def archive_channel(self, channel_id: str) -> None:
        with _translated():
            await found(self._api, "DeleteChannel", channel_id)

    # -- posts

    async def post(self, channel_id: str, message: str, row_ids: Sequence[str]) -> str:
        """Post as the bot; the rows' ids travel in the post's props. Returns the post's id.

        Raises: ChatRefused, ChatUnavailable.
        """
        post = {
            "channel_id": channel_id,
            "user_id": self._bot_id,
            "message": message,
            "props": {PROPS_KEY: list(row_ids)},
        }
        with _translated():
            return str((await checked(self._api, "CreatePost", post))["id"])

    async def find_post(self, channel_id: str, row_ids: Collection[str], since: int) -> tuple[str, list[str]] | None:
        """The bot's post that carries any of these rows, with the rows that it carries. `since` is ms.

        Raises: ChatRefused, ChatUnavailable.
        """
        page = 0
        while True:
            with _translated():
                listed = await checked(self._api, "GetPostsForChannel", channel_id, page, _POSTS_A_PAGE)
            posts = [listed["posts"][post_id] for post_id in listed["order"]]
            for post in posts:
                carried = post["props"].get(PROPS_KEY) or []
                if post["user_id"] == self._bot_id and not set(row_ids).isdisjoint(carried):
                    return post["id"], list(carried)
            if len(posts) < _POSTS_A_PAGE or posts[-1]["create_at"] < since - _CLOCK_SLACK_MS:
                return None
            page += 1

    async def read_post(self, person_id: str, post_id: str) -> QuotedPost | None:
        with _translated():
            post = await found(self._api, "GetPost", post_id)
            if post is None:
                return None
            channel_id = post["channel_id"]
            allowed = await self._api.call("HasPermissionToChannel", person_id, channel_id, {"id": "read_channel"})
            channel = await found(self._api, "GetChannel", channel_id) if allowed[0] else None
            if channel is None:
                return None
            team = await found(self._api, "GetTeam", channel["team_id"]) if channel["team_id"] else None
            site = await self.site_url()
        # A direct message is of no team; Mattermost finds the reader's own behind _redirect.
        team_name = team["name"] if team else "_redirect"
        return QuotedPost(message=post["message"], permalink=f"{site}/{team_name}/pl/{post_id}")

    async def tell(self, person_id: str, channel_id: str, message: str, *, root_id: str = "") -> None:
        """A message from the bot that only this person sees. Never raises: what it tells of has happened anyway."""
        post = {"channel_id": channel_id, "user_id": self._bot_id, "message": message, "root_id": root_id}
        try:
            await self._api.call("SendEphemeralPost", person_id, post)
        except HostGone:
            log.warning("chat.not_told")

    # -- dialogs

    async def open_dialog(self, trigger_id: str, url: str, dialog: dict[str, Json]) -> None:
        """Open an interactive dialog; Mattermost allows 3 s after the command. Raises HostError, HostGone."""
        await checked(self._api, "OpenInteractiveDialog", {"trigger_id": trigger_id, "url": url, "dialog": dialog})

    async def announce(self, person_id: str, team_id: str, name: str, message: str) -> bool:
        """Post as the bot in the team's channel of that URL name; False if that person may not post there."""
        with _translated():
            channel = await found(self._api, "GetChannelByName", team_id, name, False)
            if channel is None:
                return False
            allowed = await self._api.call("HasPermissionToChannel", person_id, channel["id"], {"id": "create_post"})
            if not allowed[0]:
                return False
            await checked(
                self._api,
                "CreatePost",
                {"channel_id": channel["id"], "user_id": self._bot_id, "message": message},
            )
        return True

    # -- commands

    async def run_command(self, person_id: str, channel_id: str, command: str) -> None:
        with _translated():
            channel = await checked(self._api, "GetChannel", channel_id)
            args = {"user_id": person_id, "channel_id": channel_id, "team_id": channel["team_id"], "command": command}
            await checked(self._api, "ExecuteSlashCommand", args)

    # -- facts

    async def channel_facts(self, channel_id: str) -> dict[str, Json]:
        """`channel_name, channel_display_name, team_name, num_members` (without the bot)`, total_posts`."""
        with _translated():
            channel = await checked(self._api, "GetChannel", channel_id)
            team = await checked(self._api, "GetTeam", channel["team_id"])
            stats = await checked(self._api, "GetChannelStats", channel_id)
            bot = await found(self._api, "GetChannelMember", channel_id, self._bot_id)
        return {
            "channel_name": channel["name"],
            "channel_display_name": channel["display_name"],
            "team_name": team["name"],
            "num_members": stats["member_count"] - (1 if bot else 0),
            "total_posts": channel["total_msg_count"],
        }

    async def person_by_name(self, username: str) -> str | None:
        """The id of whoever has that username."""
        user = await found(self._api, "GetUserByUsername", username)
        return str(user["id"]) if user else None

    async def members_like(self, channel_id: str, term: str) -> list[str]:
        """Usernames of some members of the channel that are found by that term."""
        wanted = {"term": term, "in_channel_id": channel_id, "limit": _SUGGESTIONS}
        with _translated():
            users = await checked(self._api, "SearchUsers", wanted)
        return [str(user["username"]) for user in users or () if user["id"] != self._bot_id and not user["delete_at"]][
            :_SUGGESTIONS
        ]

    async def channels_like(
        self, person_id: str, team_id: str, term: str, *, with_public: bool
    ) -> list[dict[str, Json]]:
        """Some channels of the team whose URL name begins so, the person's own and public ones: `name`, `title`."""
        with _translated():
            own = await checked(self._api, "GetChannelsForTeamForUser", team_id, person_id, False)
            public = await checked(self._api, "SearchChannels", team_id, term) if with_public else ()
        found = {
            channel["name"]: {"name": channel["name"], "title": channel["display_name"]}
            for channel in [*(own or ()), *(public or ())]
            if channel["team_id"] == team_id and channel["name"].startswith(term) and not channel["delete_at"]
        }
        return list(found.values())[:_SUGGESTIONS]

    # -- names

    async def usernames(self, person_ids: Collection[str]) -> dict[str, str]:
        names = {}
        for person_id in set(person_ids):
            known = self._names.get(person_id)
            if known is None or known[0] < time.monotonic():
                with _translated():
                    user = await found(self._api, "GetUser", person_id)
                if user is None:
                    continue
                if len(self._names) >= _MOST_NAMES:
                    self._names.clear()
                known = self._names[person_id] = (time.monotonic() + _NAMES_TTL_S, str(user["username"]))
            names[person_id] = known[1]
        return names

    async def site_url(self) -> str:
        """Mattermost's own address without a slash at the end; empty if the administrator has not set it."""
        config: Any = (await self._api.call("GetConfig"))[0]
        return str(config["ServiceSettings"].get("SiteURL") or "").rstrip("/")


@contextmanager
def _translated() -> Iterator[None]:
    """Mattermost's errors -> those of the port."""
    try:
        yield
    except HostGone as error:
        raise ChatUnavailable from error
    except HostError as error:
        if error.id in _NAME_TAKEN:
            raise ChannelNameTaken(str(error)) from error
        raise (ChatRefused if error.refused else ChatUnavailable)(str(error)) from error
