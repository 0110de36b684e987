"""The composition root: one function builds everything, top to bottom."""

import asyncio
import secrets
import time
import uuid
from collections.abc import Mapping
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
from plugin.host.access import HostAccess, plugin_settings, server_facts
from plugin.host.api import BoundedApi, HostApi
from plugin.host.bot import ensure_bot, register_command
from plugin.host.chat import HostChat
from plugin.jobs.posts import PostRelay
from plugin.jobs.runner import Job, Runner
from plugin.manifest import VERSION
from plugin.push.lists import ListPush
from plugin.push.live import HostLive
from plugin.services import Services
from plugin.settings import Settings, TelemetryLevel, do_not_track, with_entered
from plugin.storage.database import Database
from plugin.storage.event_queue import SqlEventQueue
from plugin.storage.unit_of_work import SqlStore
from telemetry.sender import Sender
from telemetry.switch import Destination, Switch, is_private_way
from telemetry.wire import Installation

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


async def activate(settings: Settings, database: Database, transport: HostApi) -> Plugin:
    """Build the plugin, finish what an earlier process left, and start its background work.

    Raises StorageError, HostError, HostGone.
    """
    api = BoundedApi(transport)
    effective = settings  # until `configure` has asked, below
    await asyncio.to_thread(database.open)  # a migration can take long, and Mattermost's pings want answers
    switch = Switch()
    queue = SqlEventQueue(database=database, now=now_ms)
    session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), trust_env=True)
    sender = Sender(queue=queue, switch=switch, session=session, now=now_ms)

    async def send() -> bool:
        return await sender.send_once() > 0

    sending = Job(name="telemetry", run=send, every_s=1.0)

    chat = HostChat(api, bot_id=await ensure_bot(api))
    relay = PostRelay(database=database, chat=chat, now=now_ms)
    posting = Job(name="posts", run=relay.run, every_s=0.5)

    access = HostAccess(api)
    store = SqlStore(
        database=database,
        switch=switch,
        now=now_ms,
        new_id=new_id,
        on_posts=posting.wake.set,
        on_events=sending.wake.set,
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
            creators=lambda: effective.playbook_creators,
        ),
        playbooks=PlaybookQueries(store=store, access=access),
        export=ChannelExport(api),
        chat=chat,
        access=access,
        now=now_ms,
    )

    configuring = asyncio.Lock()

    async def configure() -> None:
        nonlocal effective
        async with configuring:  # the last one to ask is the last one to decide
            effective, entered = await _effective(settings, api)
            await _configure_telemetry(settings, effective, entered, api, switch)
            if switch.destination is None:
                await _fall_silent(sender, queue)

    await configure()
    await register_command(api, registration(COMMANDS))
    if await database.join():
        await store.take_over()
        await database.admit()
    unfinished = await recovery()
    runner = Runner()
    runner.start(
        [
            posting,
            sending,
            telling,
            Job(name="privacy", run=compare, every_s=30.0),
            Job(name="recovery", run=recover, every_s=15.0),
            Job(name="membership", run=renew, every_s=5.0),
        ]
    )
    log.info("plugin.activated", version=VERSION, unfinished=unfinished)
    return Plugin(
        web=application(services, database=database, max_body_bytes=settings.max_body_bytes, now=now_ms, new_id=new_id),
        hooks=Hooks(services=services, configuration_changed=configure),
        services=services,
        _database=database,
        _session=session,
        _runner=runner,
    )


async def _fall_silent(sender: Sender, queue: SqlEventQueue) -> None:
    """What is under way is broken off, and what was queued is forgotten."""
    await sender.break_off()
    log.info("telemetry.off", purged=await queue.purge())


def _recovery_failed(incident_id: str, error: Exception) -> None:
    log.error("recovery.failed", incident_id=incident_id, exc_info=error)


async def _effective(settings: Settings, api: HostApi) -> tuple[Settings, Mapping[str, object]]:
    """With what is entered in the System Console; and that itself."""
    entered = await plugin_settings(api)
    effective, refused = with_entered(settings, entered)
    if refused:
        log.warning("settings.refused", settings=refused)
    return effective, entered


async def _configure_telemetry(
    settings: Settings,
    effective: Settings,
    entered: Mapping[str, object],
    api: HostApi,
    switch: Switch,
) -> None:
    """On only if everybody agrees: settings, the administrator in Mattermost, Mattermost's own switch, DO_NOT_TRACK."""
    diagnostic_id, server_version, server_allows = await server_facts(api)
    given = "telemetry" in settings.model_fields_set
    chosen = entered.get("telemetry")
    wished = settings.telemetry if chosen in (None, "") else chosen  # what makes no sense is not usage, and so off
    url, key = effective.rudder_data_plane_url, effective.rudder_write_key.get_secret_value()
    wanted = wished == TelemetryLevel.USAGE and (settings.telemetry is TelemetryLevel.USAGE or not given)
    if wanted and url and not is_private_way(url):
        log.warning("telemetry.url_refused", reason="plain http is for this machine only")
        wanted = False
    if wanted and server_allows and url and key and not do_not_track():
        installation = Installation(id=diagnostic_id, server_version=server_version, plugin_version=VERSION)
        switch.turn_on(Destination(url=url, write_key=key), installation)
        log.info("telemetry.on")
        return
    switch.turn_off()
