"""Making an incident's channel so that it can be repeated, and taking it away again."""

from collections.abc import Callable

from incidents import texts
from incidents.model import Head
from incidents.naming import with_suffix
from incidents.ports import ChannelNameTaken, ChannelPlan, Chat, ChatRefused, Store

_NAME_TRIES = 5


class ChannelMaker:
    """Knows a channel as ours by its marker, which holds the incident's id."""

    def __init__(self, *, store: Store, chat: Chat, new_id: Callable[[], str]) -> None:
        self._store = store
        self._chat = chat
        self._new_id = new_id

    async def make(self, head: Head, *, again: bool) -> str:
        """The channel's id. With `again` it looks for a channel that an earlier try made, before it makes one.

        Raises: ChatRefused, ChatUnavailable.
        """
        if again and (found := await self._ours(head, head.channel_name)):
            return found
        name = head.channel_name
        for _ in range(_NAME_TRIES):
            plan = ChannelPlan(
                team_id=head.team_id,
                name=name,
                display_name=head.name,
                public=head.is_public,
                header=texts.header(head.description),
                marker=marker(head),
            )
            try:
                return await self._chat.create_channel(plan)
            except ChannelNameTaken:
                name = with_suffix(head.channel_name, self._new_id)
                # The name is noted before it is tried: a kill right after the channel is made must find it again.
                await self._note_name(head.id, name)
        raise ChatRefused("no free channel name")

    async def unmake(self, head: Head) -> None:
        """Archive the channel if it was made. Raises ChatUnavailable."""
        current = await self._store.read(lambda tx: tx.incidents.head(head.id))
        if current and (found := await self._ours(current, current.channel_name)):
            await self._chat.archive_channel(found)

    async def _ours(self, head: Head, name: str) -> str:
        found = await self._chat.find_channel(head.team_id, name)
        return found.id if found and found.marker == marker(head) else ""

    async def _note_name(self, incident_id: str, name: str) -> None:
        if not await self._store.run(lambda tx: tx.incidents.note_channel_name(incident_id, name)):
            raise ChatRefused("the start was finished or given up by another process")


def marker(head: Head) -> str:
    """Kept as the channel's purpose, where people see it."""
    return f"Incident {head.id}"
