"""What an administrator can look at: what is decided, what leaves, what has left."""

from collections.abc import AsyncIterator, Callable
from typing import Any

from plugin.reporting.control import CHOICE, INSTALLATION_ID, Control, noticed_at
from plugin.reporting.everything import everything
from plugin.reporting.phone_home import MINUTE, PhoneHomeRecords
from plugin.storage import telemetry_looks, telemetry_rows
from plugin.storage.database import Database
from telemetry.consent import GRACE_MS, Level
from telemetry.destination import without_password
from telemetry.preview import examples
from telemetry.sender import Sender
from telemetry.wire import iso


class Report:
    """Reads only."""

    def __init__(
        self,
        *,
        control: Control,
        records: PhoneHomeRecords,
        database: Database,
        data_plane: Sender,
        phone_home: Sender,
        now: Callable[[], int],
    ) -> None:
        self._control = control
        self._records = records
        self._database = database
        self._senders = {"data_plane": data_plane, "phone_home": phone_home}
        self._now = now

    async def status(self) -> dict[str, Any]:
        """Who has decided what, where it goes, how much waits, what became of the rest."""
        control = self._control
        await control.refresh()
        facts = await self._database.look(telemetry_rows.facts)
        state = await self._database.read(telemetry_looks.queue_state)
        noticed = noticed_at(facts, control.destinations)
        chosen = control.effective
        urls = {"data_plane": chosen.rudder_data_plane_url, "phone_home": chosen.phone_home_url}
        return {
            "level": str(control.decision.level),
            "decided_by": control.decision.who.name.lower(),
            "undecided": control.decision.is_open,
            "said": {
                "DO_NOT_TRACK": control.wishes.do_not_track,
                "environment": str(control.wishes.environment),
                "mattermost_allows": control.wishes.server_allows,
                "system_console": str(control.wishes.console),
                "administrator": facts.get(CHOICE, str(Level.UNDECIDED)),
            },
            "notice": {"seen_at": noticed, "counts_from": noticed + GRACE_MS if noticed else 0},
            "installation_id": facts.get(INSTALLATION_ID, ""),
            "ids": str(chosen.telemetry_ids),
            "naming": str(chosen.telemetry_naming),
            "dialect": str(chosen.telemetry_dialect),
            "phone_home_minute": int(facts[MINUTE]) if MINUTE in facts else None,
            "destinations": {
                name: {"url": without_password(url), **self._destination(name, url)} for name, url in urls.items()
            },
            **state,
            "counts": await self._database.read(telemetry_rows.counts),
        }

    async def preview(self, level: Level | None = None) -> dict[str, Any]:
        """What would leave at a level: each event with made-up values, the nightly record with real ones."""
        control = self._control
        wanted = level or (control.decision.level if control.decision.level.allows(Level.BASE) else Level.USAGE)
        if not wanted.allows(Level.BASE):
            return {"level": str(wanted), "events": [], "phone_home": None}
        plan = control.plan_of(wanted, await self._database.look(telemetry_rows.facts))
        events = examples(plan.writer, self._now()) if wanted.allows(Level.USAGE) else []
        record = await self._records.record(plan, iso(self._now())[:10])
        return {"level": str(wanted), "events": events, "phone_home": record}

    async def sent(self, *, after: int = telemetry_looks.NEWEST, limit: int = 10) -> list[dict[str, Any]]:
        """Requests that have left, whole, oldest first: those behind a number, or the newest."""
        return await self._database.read(lambda c: telemetry_looks.sent(c, after=after, limit=limit))

    async def everything(self) -> AsyncIterator[bytes]:
        """All of it: what has left in seven days, what waits, what was refused; one JSON document."""
        return everything(await self.status(), self._database.read)

    def _destination(self, name: str, url: str) -> dict[str, Any]:
        setting = {"data_plane": "rudder_data_plane_url", "phone_home": "phone_home_url"}[name]
        pause = self._senders[name].pause
        left_alone = pause if pause and pause.until > self._now() else None
        return {
            "set": bool(url),
            "refused": self._control.refused_urls.get(setting, ""),
            "left_alone_until": left_alone.until if left_alone else 0,
            "last_status": left_alone.status if left_alone else 0,
        }
