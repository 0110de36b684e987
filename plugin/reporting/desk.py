"""What a system administrator can do about telemetry, whichever way they ask: chat, HTTP, or the command line."""

from collections.abc import AsyncIterator
from typing import Any

from plugin.host.access import HostAccess
from plugin.reporting.control import Control
from plugin.reporting.errors import NotAdministrator
from plugin.reporting.report import Report
from telemetry.consent import Level


class Desk:
    """Every method but `wants_notice` raises NotAdministrator."""

    def __init__(self, *, access: HostAccess, control: Control, report: Report) -> None:
        self._access = access
        self._control = control
        self._report = report

    async def check(self, person_id: str) -> None:
        """Only that they may."""
        if not await self._access.is_system_admin(person_id):
            raise NotAdministrator

    async def status(self, person_id: str) -> dict[str, Any]:
        """Who has decided what, where it goes, how much waits, what became of the rest."""
        await self.check(person_id)
        return await self._report.status()

    async def preview(self, person_id: str, level: Level | None = None) -> dict[str, Any]:
        """What would leave at a level; without one at that which holds, or at `usage`."""
        await self.check(person_id)
        return await self._report.preview(level)

    async def sent(self, person_id: str, *, after: int, limit: int) -> list[dict[str, Any]]:
        """Requests that have left, oldest first: those behind the number `after`, or with -1 the newest."""
        await self.check(person_id)
        return await self._report.sent(after=after, limit=limit)

    async def everything(self, person_id: str) -> AsyncIterator[bytes]:
        """What has left in seven days, what waits, what was refused: one JSON document."""
        await self.check(person_id)
        return await self._report.everything()

    async def choose(self, person_id: str, level: Level) -> dict[str, Any]:
        """Decide; returns the status then. Raises LevelLocked."""
        await self.check(person_id)
        await self._control.choose(level)
        return await self._report.status()

    async def reset(self, person_id: str) -> dict[str, Any]:
        """Be another installation from now on, as seen from outside; returns the status then."""
        await self.check(person_id)
        await self._control.reset()
        return await self._report.status()

    async def wants_notice(self, person_id: str) -> bool:
        """Whether this person is to be asked what may leave. For anybody."""
        is_open = self._control.decision.is_open and bool(self._control.destinations)
        return is_open and await self._access.is_system_admin(person_id)

    async def noticed(self, person_id: str) -> None:
        """The person has seen the notice."""
        await self.check(person_id)
        await self._control.noticed()
