"""Makes the bot's posts: in order per channel, each exactly once."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

import structlog

from incidents.ports import ChatRefused, ChatUnavailable
from incidents.texts import merged
from plugin.storage import outbox
from plugin.storage.database import Database
from plugin.storage.outbox import DuePost

log = structlog.get_logger()

_FIRST_PAUSE_MS = 500
_LONGEST_PAUSE_MS = 60_000


class Poster(Protocol):
    """The bot's hands. Both calls raise ChatRefused, ChatUnavailable."""

    async def post(self, channel_id: str, message: str, row_ids: Sequence[str]) -> str:
        """Make a post that carries the rows' ids; returns its id."""

    async def find_post(self, channel_id: str, row_ids: Collection[str], since: int) -> tuple[str, list[str]] | None:
        """The post that carries any of these rows, with all that it carries; `since` is ms."""


class PostRelay:
    """A row that was tried before has an open outcome: its post is looked for in the channel before it is made."""

    def __init__(self, *, database: Database, chat: Poster, now: Callable[[], int]) -> None:
        self._database = database
        self._chat = chat
        self._now = now

    async def run(self) -> bool:
        """One round; True when there may be more to do at once."""
        if not await self._database.read(lambda connection: outbox.posts_are_due(connection, self._now())):
            return False
        batches = await self._database.write(lambda connection: outbox.claim_posts(connection, self._now()))
        await asyncio.gather(*(self._deliver(batch) for batch in batches))
        return bool(batches)

    async def _deliver(self, batch: list[DuePost]) -> None:
        channel_id = batch[0].post.channel_id
        ids = [row.id for row in batch]
        try:
            if batch[0].attempts and (earlier := await self._chat.find_post(channel_id, ids, batch[0].created_at)):
                post_id, carried = earlier
                await self._settle([row for row in batch if row.id in carried], post_id)
                await self._put_back([row for row in batch if row.id not in carried], pause_ms=0)
                return
            message = merged(batch[0].post.heading, [row.post.message for row in batch])
            await self._settle(batch, await self._chat.post(channel_id, message, ids))
        except ChatRefused:
            # The channel is archived or gone: nothing behind this row could ever be posted either.
            log.warning("post.refused", channel_id=channel_id, rows=len(ids), exc_info=True)
            await self._database.write(lambda connection: outbox.drop(connection, ids))
        except ChatUnavailable:
            pause = min(_LONGEST_PAUSE_MS, _FIRST_PAUSE_MS * 2 ** min(batch[0].attempts, 10))
            await self._put_back(batch, pause_ms=pause)

    async def _settle(self, rows: list[DuePost], post_id: str) -> None:
        await self._database.write(lambda connection: outbox.posted(connection, rows, post_id))

    async def _put_back(self, rows: list[DuePost], *, pause_ms: int) -> None:
        if rows:
            due_at = self._now() + pause_ms
            ids = [row.id for row in rows]
            await self._database.write(lambda connection: outbox.put_back(connection, ids, due_at))
