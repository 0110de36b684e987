"""Live lists: who asked to hear of a team's incidents from outside their channels, for the next minute."""

import asyncio
from collections.abc import Callable, Iterable, Sequence

from incidents.errors import IncidentForbidden
from incidents.model import Head
from incidents.ports import Access, Store
from incidents.rules import may_list, may_view

LEASE_MS = 60_000
_AT_ONCE = 20


class Watching:
    """Without such a lease nobody outside a channel hears of its incident."""

    def __init__(self, *, store: Store, access: Access, now: Callable[[], int]) -> None:
        self._store = store
        self._access = access
        self._now = now

    async def watch(self, person_id: str, team_id: str) -> int:
        """Until when (ms) they hear of the team's incidents; to be renewed before. Raises IncidentForbidden."""
        if not may_list(await self._access.in_team(person_id, team_id)):
            raise IncidentForbidden("You may not see the incidents of this team.")
        now = self._now()
        await self._store.run(lambda tx: tx.watchers.watch(person_id, team_id, until=now + LEASE_MS, now=now))
        return now + LEASE_MS

    async def stop(self, person_id: str, team_id: str) -> None:
        """They need not hear of it any more."""
        await self._store.run(lambda tx: tx.watchers.forget(person_id, team_id))

    async def listeners(self, heads: Iterable[Head]) -> Sequence[tuple[str, Head]]:
        """Who has to be told of which of these: those who watch, may see it, and do not hear of it in its channel."""
        changed = list(heads)
        teams = {head.team_id for head in changed}
        now = self._now()
        watchers = await self._store.look(lambda tx: tx.watchers.of(teams, now))
        pairs = [(person_id, head) for head in changed for person_id, team_id in watchers if team_id == head.team_id]
        told = []
        for start in range(0, len(pairs), _AT_ONCE):
            some = pairs[start : start + _AT_ONCE]
            answers = await asyncio.gather(*(self._has_to_hear(*pair) for pair in some), return_exceptions=True)
            # A doubt is a no: who is not told asks again when their lease ends.
            told += [pair for pair, answer in zip(some, answers, strict=True) if answer is True]
        return told

    async def _has_to_hear(self, person_id: str, head: Head) -> bool:
        standing = await self._access.in_channel(person_id, head.channel_id)
        return may_view(standing) and not standing.reads_channel
