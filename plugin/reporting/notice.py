"""Asks system administrators, once, before anything leaves: a message of the bot; the sidebar has a banner too."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection

from incidents.ports import OutgoingPost
from plugin.host.api import HostApi, checked, found
from plugin.reporting.control import NOTICE_POSTED, Control
from plugin.storage import outbox, telemetry_rows
from plugin.storage.database import Database
from plugin.storage.outbox import SqlPostRows

log = structlog.get_logger()

_MOST_ADMINS = 50

TEXT = """#### What may Incident Response count?

Nothing leaves this server yet. Telemetry would go to {where}, but nobody has said what may leave: from an \
hour after an administrator has seen this message, **usage** would be counted, unless one of you decides otherwise.

- `/incident telemetry off` – nothing leaves, now and later
- `/incident telemetry base` – a nightly record: that there is an installation, and its versions
- `/incident telemetry statistics` – and totals
- `/incident telemetry usage` – and each change as ids, numbers and choices; never a name, a title or a text

`/incident telemetry preview` shows exactly what would leave, `/incident telemetry` what does and why. You can change \
your mind at any time: `off` also deletes what has not left."""


class Notice:
    """Posts the notice, and finds out whether an administrator has seen it."""

    def __init__(
        self,
        *,
        control: Control,
        database: Database,
        api: HostApi,
        bot_id: str,
        now: Callable[[], int],
        new_id: Callable[[], str],
        on_posts: Callable[[], None],
    ) -> None:
        self._control = control
        self._database = database
        self._api = api
        self._bot_id = bot_id
        self._now = now
        self._new_id = new_id
        self._on_posts = on_posts

    async def run(self) -> bool:
        """One look at whether it is time; never more to do at once. Raises HostError, HostGone."""
        control = self._control
        about = control.destinations
        if not control.decision.is_open or not about or control.wishes.noticed_at:
            return False
        posted = _posted(await self._database.look(telemetry_rows.facts), about)
        if posted is None:
            await self._post(about)
        elif await self._is_read(posted):
            await control.noticed()
        return False

    async def _post(self, about: list[str]) -> None:
        wanted = {"active": True, "role": "system_admin", "page": 0, "per_page": _MOST_ADMINS}
        admins = [user for user in await checked(self._api, "GetUsers", wanted) or () if not user.get("is_bot")]
        channels = {}
        for admin in admins:
            channel = await checked(self._api, "GetDirectChannel", self._bot_id, admin["id"])
            channels[channel["id"]] = admin["id"]
        if not channels:
            return

        text = TEXT.format(where=" and ".join(f"`{url}`" for url in self._control.addresses))

        def work(connection: Connection) -> bool:
            if _posted(telemetry_rows.locked_facts(connection), about):
                return False  # another node was faster
            posted = json.dumps({"at": self._now(), "channels": channels, "about": about})
            telemetry_rows.set_fact(connection, NOTICE_POSTED, posted)
            posts = SqlPostRows(connection, now=self._now, new_id=self._new_id)
            for channel_id in channels:
                posts.add(OutgoingPost(channel_id=channel_id, message=text))
            return True

        if await self._database.write(work):
            log.info("telemetry.notice_posted", administrators=len(channels))
            self._on_posts()

    async def _is_read(self, posted: dict[str, Any]) -> bool:
        for channel_id, admin_id in posted["channels"].items():
            if await self._database.look(partial(outbox.is_waiting, channel_id=channel_id)):
                continue  # not posted yet
            member = await found(self._api, "GetChannelMember", channel_id, admin_id)
            latest = await found(self._api, "GetPostsForChannel", channel_id, 0, 20)
            mine = [
                post["create_at"]
                for post in (latest or {}).get("posts", {}).values()
                if post["user_id"] == self._bot_id and post["create_at"] >= posted["at"]
            ]
            if member and mine and member["last_viewed_at"] >= min(mine):
                return True
        return False


def _posted(facts: Mapping[str, str], about: list[str]) -> dict[str, Any] | None:
    """The notice that was posted, if it was about all of these destinations."""
    posted: dict[str, Any] = json.loads(facts.get(NOTICE_POSTED) or "{}")
    return posted if posted and set(posted["about"]).issuperset(about) else None
