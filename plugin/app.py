"""The composition root: one function builds everything, top to bottom."""

import asyncio
import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

import aiohttp
import structlog
from aiohttp import web

from incidents.changing import Changer
from incidents.commander import Commander
from incidents.details import Details
from incidents.gate import Gate
from incidents.lifecycle import Lifecycle
from incidents.privacy import Privacy
from incidents.queries import IncidentQueries
from incidents.recovery import Recovery
from incidents.stages import Stages
from incidents.start import StartIncident
from incidents.task_editing import TaskEditing
from incidents.tasks import Tasks
from incidents.watching import Watching
from playbooks.editing import PlaybookEditing
from playbooks.queries import PlaybookQueries
from plugin.api.application import application
from plugin.commands.registry import registration
from plugin.commands.table import COMMANDS
from plugin.export.stream import ChannelExport
from plugin.hooks import Hooks
from plugin.host.access import HostAccess
from plugin.host.api import BoundedApi, HostApi
from plugin.host.bot import ensure_bot, register_command
from plugin.host.chat import HostChat
from plugin.jobs.posts import PostRelay
from plugin.jobs.runner import Job, Runner
from plugin.jobs.tidying import Tidying
from plugin.manifest import VERSION
from plugin.push.lists import ListPush
from plugin.push.live import HostLive
from plugin.reporting.control import Control
from plugin.reporting.desk import Desk
from plugin.reporting.notice import Notice
from plugin.reporting.phone_home import PhoneHomeRecords
from plugin.reporting.report import Report
from plugin.services import Services
from plugin.settings import Settings
from plugin.storage.database import Database
from plugin.storage.event_queue import SqlEventQueue, SqlMessages
from plugin.storage.outbox import PHONE_HOME, TELEMETRY
from plugin.storage.unit_of_work import SqlStore
from telemetry.send import Telemetry
from telemetry.sender import Sender
from telemetry.switch import Switch

log = structlog.get_logger()

_ID_ALPHABET = "ybndrfg8ejkmcpqxot1uwisza345h769"


def now_ms() -> int:
    """Ms since the epoch."""
    return time.time_ns() // 1_000_000


def new_id() -> str:
    """26 characters of Mattermost's own alphabet, 130 random bits."""
    bits = secrets.randbits(130)
    return "".join(_ID_ALPHABET[(bits >> shift) & 31] for shift in range(0, 130, 5))


def new_event_id() -> str:
    """A UUIDv7: unique, and in order of time."""
    bits = (now_ms() << 80) | secrets.randbits(80)
    bits = bits & ~(0xF << 76) | (0x7 << 76)
    bits = bits & ~(0x3 << 62) | (0x2 << 62)
    return str(uuid.UUID(int=bits))


@dataclass(slots=True, kw_only=True)
class Plugin:
    """The running plugin: what a host calls, and what has to be closed."""

    web: web.Application
    hooks: Hooks
    services: Services
    _database: Database
    _session: aiohttp.ClientSession
    _runner: Runner

    async def close(self) -> None:
        """Stop background work, then let go of files and sockets. What is not done yet is done at the next start."""
        await self._runner.stop()
        await self._session.close()
        self._database.close()


async def activate(settings: Settings, database: Database, transport: HostApi, *, home: str = "sandbox") -> Plugin:
    """Build the plugin, finish what an earlier process left, and start its background work.

    `home` is one of `telemetry.phone_home.HOMES`.
    Raises StorageError, HostError, HostGone.
    """
    api = BoundedApi(transport)
    await asyncio.to_thread(database.open)  # a migration can take long, and Mattermost's pings want answers
    session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
    counting = _counting(settings, database, api, session, home)
    control = counting.control

    bot_id = await ensure_bot(api)
    chat = HostChat(api, bot_id=bot_id)
    relay = PostRelay(database=database, chat=chat, now=now_ms)
    posting = Job(name="posts", run=relay.run, every_s=0.5)

    access = HostAccess(api)
    store = SqlStore(
        database=database,
        switch=counting.switch,
        now=now_ms,
        new_id=new_id,
        on_posts=posting.wake.set,
        on_events=counting.on_events,
    )

    async def tell_watchers() -> bool:
        for person_id, head in await lists.due():
            await live.watched(person_id, head)
        return False

    telling = Job(name="lists", run=tell_watchers, every_s=60.0)
    watching = Watching(store=store, access=access, now=now_ms)
    lists = ListPush(watching=watching, wake=telling.wake.set)
    live = HostLive(api, noted=lists.note)
    start = StartIncident(
        store=store, access=access, chat=chat, live=live, now=now_ms, new_id=new_id, new_event_id=new_event_id
    )
    recovery = Recovery(store=store, chat=chat, start=start, live=live, now=now_ms, failed=_recovery_failed)

    async def recover() -> bool:
        await recovery()
        return False

    privacy = Privacy(store=store, access=access)

    async def compare() -> bool:
        await privacy()
        return False

    async def renew() -> bool:
        await database.renew()
        return False

    changer = Changer(store=store, live=live, now=now_ms, new_event_id=new_event_id)
    stages = Stages(changer=changer, chat=chat)
    services = Services(
        gate=Gate(store=store, access=access),
        start=start,
        lifecycle=Lifecycle(changer=changer, chat=chat),
        commander=Commander(changer=changer, chat=chat, access=access),
        details=Details(changer=changer, chat=chat, stages=stages),
        stages=stages,
        tasks=Tasks(store=store, chat=chat, live=live, now=now_ms, new_event_id=new_event_id),
        task_editing=TaskEditing(
            store=store,
            chat=chat,
            access=access,
            live=live,
            now=now_ms,
            new_id=new_id,
            new_event_id=new_event_id,
        ),
        incidents=IncidentQueries(store=store, access=access),
        watching=watching,
        playbook_editing=PlaybookEditing(
            store=store,
            access=access,
            now=now_ms,
            new_id=new_id,
            new_event_id=new_event_id,
            creators=lambda: control.effective.playbook_creators,
        ),
        playbooks=PlaybookQueries(store=store, access=access),
        export=ChannelExport(api),
        chat=chat,
        access=access,
        now=now_ms,
        telemetry=counting.telemetry,
        desk=Desk(access=access, control=control, report=counting.report),
    )

    notice = Notice(
        control=control,
        database=database,
        api=api,
        bot_id=bot_id,
        now=now_ms,
        new_id=new_id,
        on_posts=posting.wake.set,
    )
    for sender in counting.senders:
        await sender.load()
    await control.configure()
    await register_command(api, registration(COMMANDS))
    if await database.join():
        await store.take_over()
        await database.admit()
    unfinished = await recovery()
    runner = Runner()
    runner.start(
        [
            posting,
            *counting.jobs,
            Job(name="notice", run=notice.run, every_s=10.0),
            telling,
            Job(name="privacy", run=compare, every_s=30.0),
            Job(name="recovery", run=recover, every_s=15.0),
            Job(name="membership", run=renew, every_s=5.0),
        ]
    )
    log.info("plugin.activated", version=VERSION, unfinished=unfinished)
    return Plugin(
        web=application(services, database=database, max_body_bytes=settings.max_body_bytes, now=now_ms, new_id=new_id),
        hooks=Hooks(services=services, configuration_changed=control.configure),
        services=services,
        _database=database,
        _session=session,
        _runner=runner,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counting:
    """The parts of telemetry that others touch; `on_events` is told how many bytes were queued."""

    switch: Switch
    control: Control
    report: Report
    telemetry: Telemetry
    senders: tuple[Sender, Sender]
    on_events: Callable[[int], None]
    jobs: list[Job]


def _counting(
    settings: Settings, database: Database, api: HostApi, session: aiohttp.ClientSession, home: str
) -> _Counting:
    switch = Switch()
    to_data_plane = Sender(
        queue=SqlEventQueue(database=database, kind=TELEMETRY, permit=lambda: switch.permit, now=now_ms),
        destination=lambda: switch.plan.data_plane if switch.plan else None,
        session=session,
        now=now_ms,
    )
    to_phone_home = Sender(
        queue=SqlEventQueue(database=database, kind=PHONE_HOME, permit=lambda: switch.permit, now=now_ms),
        destination=lambda: switch.plan.phone_home if switch.plan else None,
        session=session,
        now=now_ms,
    )
    records = PhoneHomeRecords(database=database, api=api, switch=switch, now=now_ms)
    control = Control(
        settings=settings,
        database=database,
        api=api,
        switch=switch,
        senders=(to_data_plane, to_phone_home),
        records=records,
        home=home,
        now=now_ms,
    )

    async def send() -> bool:
        return await to_data_plane.send_once() > 0

    async def phone_home() -> bool:
        return await records.run() or await to_phone_home.send_once() > 0

    sending = Job(name="telemetry", run=send, every_s=1.0)
    tidying = Tidying(database=database, now=now_ms)
    cleaning = Job(name="tidying", run=tidying.run, every_s=60.0)

    def on_events(queued: int) -> None:
        sending.wake.set()
        if tidying.is_due_after(queued):
            cleaning.wake.set()

    return _Counting(
        switch=switch,
        control=control,
        report=Report(
            control=control,
            records=records,
            database=database,
            data_plane=to_data_plane,
            phone_home=to_phone_home,
            now=now_ms,
        ),
        telemetry=Telemetry(
            switch=switch,
            messages=SqlMessages(database=database, now=now_ms, on_events=on_events),
            now=now_ms,
            new_event_id=new_event_id,
        ),
        senders=(to_data_plane, to_phone_home),
        on_events=on_events,
        jobs=[
            sending,
            cleaning,
            Job(name="phone_home", run=phone_home, every_s=30.0),
            Job(name="consent", run=control.run, every_s=2.0),
        ],
    )


def _recovery_failed(incident_id: str, error: Exception) -> None:
    log.error("recovery.failed", incident_id=incident_id, exc_info=error)
