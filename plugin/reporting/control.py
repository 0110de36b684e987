"""Who decides what leaves, and carrying it out: asks settings, Mattermost and administrators, and sets the switch."""

import asyncio
import dataclasses
import secrets
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog
from sqlalchemy import Connection

from plugin.host.access import ServerFacts, plugin_settings, server_facts
from plugin.host.api import HostApi
from plugin.manifest import VERSION
from plugin.reporting.errors import LevelLocked
from plugin.reporting.phone_home import PhoneHomeRecords, Surroundings
from plugin.settings import Ids, Settings, do_not_track, with_entered
from plugin.storage import outbox, telemetry_rows
from plugin.storage.database import Database
from telemetry.consent import Decision, Level, Who, Wishes, decide, locked_by
from telemetry.destination import DataPlane, PhoneHome, refusal_of, without_password
from telemetry.pseudonyms import Pseudonyms, as_they_are
from telemetry.sender import Sender
from telemetry.switch import Plan, Switch
from telemetry.wire import Installation, Writer

log = structlog.get_logger()

CHOICE = "choice"
NOTICED_AT = "noticed_at"
NOTICED_FOR = "noticed_for"
"""The destinations that the notice was about; when there is another, it is to be seen again."""
NOTICE_POSTED = "notice_posted"
INSTALLATION_ID = "installation_id"
SALT = "salt"
_LEVEL = "level"
_IDS = "ids"


class NotConfigured(Exception):
    """Mattermost has not been asked yet."""


class Control:
    """Decides anew at each change of configuration, of what administrators have said, and as time goes by."""

    def __init__(
        self,
        *,
        settings: Settings,
        database: Database,
        api: HostApi,
        switch: Switch,
        senders: Sequence[Sender],
        records: PhoneHomeRecords,
        home: str,
        now: Callable[[], int],
    ) -> None:
        self._settings = settings
        self._database = database
        self._api = api
        self._switch = switch
        self._senders = senders
        self._records = records
        self._home = home
        self._started_at = now()
        self._now = now
        self._one_at_a_time = asyncio.Lock()
        self._server: ServerFacts | None = None
        self._changes = self._known_changes = 0
        """How often Mattermost's configuration has changed; how many of them it has been able to tell."""
        self._console = Level.UNDECIDED
        self.effective = settings
        """With what is entered in the System Console."""
        self.decision = Decision(level=Level.OFF, who=Who.NOBODY)
        self.wishes = Wishes()
        self.refused_urls: dict[str, str] = {}
        """Settings whose address is not used, and why."""

    @property
    def destinations(self) -> list[str]:
        """What there is to decide about."""
        data_plane, phone_home = self._destinations()
        return [name for name, there in (("data_plane", data_plane), ("phone_home", phone_home)) if there]

    @property
    def addresses(self) -> list[str]:
        """Where it would go, as they may be shown."""
        return sorted({without_password(one.url) for one in self._destinations() if one})

    async def configure(self) -> None:
        """Ask Mattermost and carry out what follows. Raises HostError, HostGone, DatabaseGone."""
        self._changes += 1
        async with self._one_at_a_time:  # the last one to ask is the last one to decide
            changes = self._changes
            entered = await plugin_settings(self._api)
            self.effective, refused = with_entered(self._settings, entered)
            if refused:
                log.warning("settings.refused", settings=refused)
            self._console = level_said(entered.get("telemetry"))
            self._server = await server_facts(self._api)
            self._known_changes = changes
            self._records.surroundings = Surroundings(
                settings=self.effective,
                home=self._home,
                started_at=self._started_at,
                server_version=self._server.version,
                diagnostic_id=self._server.diagnostic_id,
                sends_email=self._server.sends_email,
            )
            await self._carry_out(self._server)

    async def run(self) -> bool:
        """A round of background work; never more to do at once."""
        await (self.configure() if self._known_changes < self._changes else self.refresh())
        return False

    async def refresh(self) -> None:
        """Carry out what has been said in the database since, by any node or by nobody for an hour."""
        async with self._one_at_a_time:
            if self._server is not None:
                await self._carry_out(self._server)

    async def choose(self, level: Level) -> None:
        """What an administrator has said in chat, on the page or on the command line. Raises LevelLocked."""
        who = locked_by(self.wishes, level)
        if who is not None:
            raise LevelLocked(who)
        await self._database.write(lambda c: store_choice(c, level))
        log.info("telemetry.chosen", allowed=str(level))
        await self.refresh()

    async def noticed(self) -> None:
        """An administrator has seen the notice."""
        about = self.destinations
        if not self.decision.is_open or not about or self.wishes.noticed_at:
            return

        def work(connection: Connection) -> None:
            facts = telemetry_rows.locked_facts(connection)
            if not noticed_at(facts, about):
                telemetry_rows.set_fact(connection, NOTICED_AT, str(self._now()))
                telemetry_rows.set_fact(connection, NOTICED_FOR, " ".join(about))

        await self._database.write(work)
        await self.refresh()

    async def reset(self) -> None:
        """Be somebody else from now on: another installation id, another salt, nothing counted, nothing queued."""

        async with self._one_at_a_time:
            self._switch.turn_off()
            for sender in self._senders:
                await sender.break_off()
            await self._database.write(forget_who_we_are)
            if self._server is not None:
                await self._carry_out(self._server)

    async def _carry_out(self, server: ServerFacts) -> None:
        while not await self._carried_out(server):
            pass  # somebody was deciding at that moment

    async def _carried_out(self, server: ServerFacts) -> bool:
        facts = await self._database.look(telemetry_rows.facts)
        self.wishes = self._wishes(facts, server)
        before, self.decision = self.decision, decide(self.wishes, self._now())
        allowed = self.decision.level.allows(Level.BASE) and self.destinations
        if not allowed:
            await self._fall_silent(facts)
        elif not self._is_current(facts, server) and not await self._turn_on(server):
            return False
        if before != self.decision:
            log.info("telemetry.decided", allowed=str(self.decision.level), decided_by=self.decision.who.name.lower())
        return True

    def _wishes(self, facts: Mapping[str, str], server: ServerFacts) -> Wishes:
        return Wishes(
            do_not_track=do_not_track(),
            environment=self._settings.telemetry,
            server_allows=server.allows_telemetry,
            console=self._console,
            administrator=level_said(facts.get(CHOICE)),
            noticed_at=noticed_at(facts, self.destinations),
        )

    async def _fall_silent(self, facts: Mapping[str, str]) -> None:
        """What is under way is broken off, what was queued is forgotten. Where nothing ever was, nothing is made."""
        self._switch.turn_off()
        for sender in self._senders:
            await sender.break_off()
        if facts.get(telemetry_rows.GATE, telemetry_rows.CLOSED) != telemetry_rows.CLOSED:
            purged = await self._database.write(telemetry_rows.opt_out)
            log.info("telemetry.off", purged=purged)

    def _is_current(self, facts: Mapping[str, str], server: ServerFacts) -> bool:
        plan = self._switch.plan
        if plan is None or facts.get(telemetry_rows.GATE) != plan.permit or facts.get(_LEVEL) != plan.level:
            return False
        wanted = self._plan(facts, server)
        return (plan.level, plan.installation_id, plan.data_plane, plan.phone_home, plan.style) == (
            wanted.level, wanted.installation_id, wanted.data_plane, wanted.phone_home, wanted.style,
        )  # fmt: skip

    async def _turn_on(self, server: ServerFacts) -> bool:
        """False, and nothing done, if by now something else is decided."""
        level, ids = self.decision.level, self.effective.telemetry_ids

        def work(connection: Connection) -> dict[str, str] | None:
            facts = telemetry_rows.locked_facts(connection)
            if decide(self._wishes(facts, server), self._now()) != self.decision:
                return None
            telemetry_rows.add_fact(connection, INSTALLATION_ID, _new_installation_id())
            telemetry_rows.add_fact(connection, SALT, secrets.token_hex(32))
            telemetry_rows.open_gate(connection, self._now())
            # What was queued at a higher level, or with plain ids, may not leave, nor others queue more of it.
            is_less = not level.allows(level_said(facts.get(_LEVEL))) or (facts.get(_IDS) == Ids.RAW != ids)
            if is_less:
                telemetry_rows.purge(connection, (outbox.TELEMETRY, outbox.PHONE_HOME))
                telemetry_rows.permit_anew(connection)
            telemetry_rows.set_fact(connection, _LEVEL, level)
            telemetry_rows.set_fact(connection, _IDS, ids)
            return telemetry_rows.facts(connection)

        known = await self._database.write(work)
        if known is None:
            return False
        plan = self._plan(known, server)
        if plan.data_plane is None:
            await self._database.write(lambda c: telemetry_rows.purge(c, (outbox.TELEMETRY,)))
        if self._switch.plan is not None:  # what is under way was begun under another plan
            for sender in self._senders:
                await sender.break_off()
        self._switch.turn_on(plan)
        return True

    def _plan(self, facts: Mapping[str, str], server: ServerFacts) -> Plan:
        level = self.decision.level
        data_plane, phone_home = self._destinations()
        chosen = self.effective
        raw = chosen.telemetry_ids is Ids.RAW
        salt = facts.get(SALT, "")
        writer = Writer(
            Installation(id=server.diagnostic_id, server_version=server.version, plugin_version=VERSION),
            dialect=chosen.telemetry_dialect,
            naming=chosen.telemetry_naming,
            outside=as_they_are if raw else Pseudonyms(bytes.fromhex(salt)).of,
        )
        return Plan(
            level=level,
            writer=writer,
            style=(chosen.telemetry_dialect, chosen.telemetry_naming, chosen.telemetry_ids, salt, writer.installation),
            installation_id=facts.get(INSTALLATION_ID, ""),
            permit=facts.get(telemetry_rows.GATE, ""),
            data_plane=data_plane if level.allows(Level.USAGE) else None,
            phone_home=phone_home,
        )

    def _destinations(self) -> tuple[DataPlane | None, PhoneHome | None]:
        """Those that have all they need, by a way that nobody can read along."""
        chosen = self.effective
        url, key = chosen.rudder_data_plane_url, chosen.rudder_write_key.get_secret_value()
        addresses = {"rudder_data_plane_url": url, "phone_home_url": chosen.phone_home_url}
        refused = {name: why for name, address in addresses.items() if address and (why := refusal_of(address))}
        if url and not key:
            refused.setdefault("rudder_data_plane_url", "the write key is not set")
        if refused != self.refused_urls:
            self.refused_urls = refused
            for name, why in refused.items():
                log.warning("telemetry.url_refused", setting=name, reason=why)
        data_plane = phone_home = None
        if url and "rudder_data_plane_url" not in refused:
            data_plane = DataPlane(url=url, write_key=key, dialect=chosen.telemetry_dialect)
        if chosen.phone_home_url and "phone_home_url" not in refused:
            phone_home = PhoneHome(url=chosen.phone_home_url)
        return data_plane, phone_home

    def plan_of(self, level: Level, facts: Mapping[str, str]) -> Plan:
        """What would leave at a level: for looking at it before. Ids are those of a salt that is thrown away.

        Raises NotConfigured.
        """
        if self._server is None:
            raise NotConfigured
        shown = {SALT: facts.get(SALT) or secrets.token_hex(32), INSTALLATION_ID: facts.get(INSTALLATION_ID) or _NO_ID}
        return dataclasses.replace(self._plan(shown, self._server), level=level)


def store_choice(connection: Connection, level: Level) -> None:
    """What an administrator has said. Off holds from here on, for all nodes; taken back, the notice comes anew."""
    telemetry_rows.locked_facts(connection)
    telemetry_rows.set_fact(connection, CHOICE, level)
    telemetry_rows.forget(connection, [NOTICED_AT, NOTICED_FOR, NOTICE_POSTED])
    if level is Level.OFF:
        telemetry_rows.opt_out(connection)


def noticed_at(facts: Mapping[str, str], destinations: Sequence[str]) -> int:
    """When an administrator saw a notice that was about all of them (ms); 0 for not yet."""
    covers = set(facts.get(NOTICED_FOR, "").split()).issuperset(destinations)
    return int(facts.get(NOTICED_AT) or 0) if covers else 0


def forget_who_we_are(connection: Connection) -> None:
    """Nothing queued, nothing counted, no name: the next who turns telemetry on makes others."""
    telemetry_rows.opt_out(connection)
    telemetry_rows.forget_identity(connection, [INSTALLATION_ID, SALT])


_NO_ID = str(uuid.UUID(int=0))


def _new_installation_id() -> str:
    return str(uuid.UUID(bytes=secrets.token_bytes(16), version=4))


def level_said(said: Any) -> Level:
    """What makes no sense is off; nothing is undecided."""
    if said in (None, ""):
        return Level.UNDECIDED
    try:
        return Level(said)
    except ValueError:
        return Level.OFF
