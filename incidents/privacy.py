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
        self._looked: dict[str, int] = {}
        """The round in which a channel was last asked for by itself."""
        self._round = 0

    async def __call__(self) -> None:
        """One round. Raises what the host raises."""
        self._round += 1
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
        """Those that are private; the ones that were not asked for longest have their turn first."""
        closed = []
        for one in sorted(doubtful, key=lambda one: self._looked.get(one.channel_id, 0))[:_LOOKS]:
            if await self._access.is_public(one.channel_id):
                self._looked[one.channel_id] = self._round
            else:
                self._looked.pop(one.channel_id, None)
                closed.append(one.incident_id)
        return closed

    async def _set(self, incident_ids: Collection[str], *, public: bool) -> None:
        await self._store.run(lambda tx: tx.incidents.set_public(incident_ids, public=public))
