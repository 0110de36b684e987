"""Tells those who watch a list from outside of what changed in it; a moment later, and all of that moment at once."""

import asyncio
from collections.abc import Callable

from incidents.model import Head
from incidents.watching import Watching

_MOMENT_S = 0.2


class ListPush:
    """A job: ticks pay nothing for it."""

    def __init__(self, *, watching: Watching, wake: Callable[[], None]) -> None:
        self._watching = watching
        self._wake = wake
        self._changed: dict[str, Head] = {}

    def note(self, head: Head) -> None:
        """This incident has a new version."""
        known = self._changed.get(head.id)
        if known is None or known.version < head.version:  # pushes can finish out of order
            self._changed[head.id] = head
        self._wake()

    async def due(self) -> list[tuple[str, Head]]:
        """Wait a moment for more, then (person, head as it is now) for everybody who has to be told."""
        if not self._changed:
            return []
        await asyncio.sleep(_MOMENT_S)
        changed, self._changed = self._changed, {}
        return list(await self._watching.listeners(changed.values()))
