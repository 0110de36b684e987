"""Channels are made private, or public, in Mattermost, and nobody tells: now and then all of them are compared."""

from collections.abc import Collection, Sequence

from incidents.ports import Access, Publicity, Store

_LOOKS = 200
"""How many channels are asked for one by one in a round; archived ones are in no list."""


class Privacy:
    """Keeps what lists know of channels true. Lists look again at what they show; totals rely on this."""

    def __init__(self, *, store: Store, access: Access) -> None:
        self._store = store
        self._access = access
        self._archived: list[str] = []
        """Public, and in no list: each round looks at some of them again."""

    async def __call__(self) -> None:
        """One round. Raises what the host raises."""
        for team_id in await self._store.look(lambda tx: tx.incidents.teams()):
            await self._compare(team_id)

    async def _compare(self, team_id: str) -> None:
        listed = await self._access.public_channels(team_id)
        known = await self._store.look(lambda tx: tx.incidents.publicity(team_id))
        opened = [one.incident_id for one in known if not one.is_public and one.channel_id in listed]
        doubtful = [one for one in known if one.is_public and one.channel_id not in listed]
        closed = await self._closed(doubtful)
        for ids, public in ((opened, True), (closed, False)):
            if ids:
                await self._set(ids, public=public)

    async def _closed(self, doubtful: Sequence[Publicity]) -> list[str]:
        seen = set(self._archived)
        turns = sorted(doubtful, key=lambda one: one.channel_id in seen)[:_LOOKS]
        closed = []
        for one in turns:
            if await self._access.is_public(one.channel_id):
                self._archived = [*(c for c in self._archived if c != one.channel_id), one.channel_id]
            else:
                closed.append(one.incident_id)
        return closed

    async def _set(self, incident_ids: Collection[str], *, public: bool) -> None:
        await self._store.run(lambda tx: tx.incidents.set_public(incident_ids, public=public))
