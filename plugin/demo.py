"""The demo: the sandbox with the plugin inside it, in one process, on two SQLite files."""

import asyncio
import fcntl
import signal
import sqlite3
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import IO, Any

import structlog
from aiohttp import web
from pydantic import SecretStr

from plugin.app import Plugin, activate
from plugin.demo_playbooks import PLAYBOOKS
from plugin.host.in_process import InProcessApi
from plugin.manifest import API_ROOT, MIN_SERVER_VERSION, PLUGIN_ID, VERSION
from plugin.sandbox.bundle import BundleRefused, unpack
from plugin.sandbox.native import PluginDied
from plugin.sandbox.native_host import NativeHost
from plugin.sandbox.plugin_api import PluginApi
from plugin.sandbox.seed import PASSWORD, PEOPLE, seed_accounts
from plugin.sandbox.server import application
from plugin.sandbox.store import StoreTooNew
from plugin.sandbox.world import World
from plugin.settings import Settings, as_environment, do_not_track
from plugin.storage.database import Database
from telemetry.consent import Level
from telemetry.testing import FakeCollector

WEB = Path(__file__).resolve().parent.parent / "webapp_stub" / "dist"
TELEMETRY_PAGE = "/telemetry"
"""Shows what telemetry would send."""
_SUN_PATH = 100
"""A unix socket's path has to be shorter than 108 bytes."""

log = structlog.get_logger()


class DemoError(Exception):
    """The demo can't start; `str()` is one line for whoever typed the command."""


class InProcessPlugin:
    """The plugin as the sandbox sees it, `plugin.sandbox.plugin_host.RunningPlugin`."""

    plugin_id = PLUGIN_ID
    version = VERSION
    min_server_version = MIN_SERVER_VERSION

    def __init__(self, http_socket: str) -> None:
        self.http_socket = http_socket
        self.running: Plugin | None = None

    async def hook(self, name: str, args: list[Any]) -> list[Any]:
        return await self.running.hooks.call(name, args) if self.running else []


@asynccontextmanager
async def demo(
    settings: Settings, *, host: str, port: int, data: Path, native: bool = False, bundle: Path | None = None
) -> AsyncIterator[str]:
    """Everything up, and down again; yields the address. State stays in `data`.

    `native` starts the plugin as Mattermost does, in a process of its own, over the plugin protocol; a `bundle` is
    unpacked for that, else it is the code that this is.

    Raises DemoError, StorageError.
    """
    async with AsyncExitStack() as stack:
        stack.enter_context(_locked(data))
        world = _world(data / "mattermost.sqlite", site_url=f"http://{host}:{port}")
        stack.push_async_callback(world.close)
        app = application(world, WEB / "page")
        app.add_routes(FakeCollector().routes(TELEMETRY_PAGE))
        bound = await _serve(stack, app, host, port)
        world.site_url = f"http://{host}:{bound}"
        settings = _shown_here(settings, bound)
        seed_accounts(world)
        if native or bundle:
            await _start_native(stack, world, settings, data, bundle)
        else:
            await _start_inside(stack, world, settings, data)
        await _seed_playbooks(world)
        world.ready = True
        yield world.site_url


def _is_shown_here(settings: Settings) -> bool:
    decided = {"telemetry", "rudder_data_plane_url", "rudder_write_key", "phone_home_url"} & settings.model_fields_set
    return not decided and not do_not_track()


def _shown_here(settings: Settings, port: int) -> Settings:
    """With the demo's own data plane, unless somebody has set anything about telemetry; nothing leaves the machine."""
    if not _is_shown_here(settings):
        return settings
    own = f"http://127.0.0.1:{port}{TELEMETRY_PAGE}"
    given = {"telemetry": Level.USAGE, "rudder_data_plane_url": own, "rudder_write_key": SecretStr("demo")}
    return settings.model_copy(update=given)


async def _start_inside(stack: AsyncExitStack, world: World, settings: Settings, data: Path) -> None:
    """In this process: the same calls and hooks, only the transport is a function call."""
    inside = InProcessPlugin(_socket_path(stack, data))
    world.plugins.attach(inside, WEB / "plugin" / "main.js")
    inside.running = await activate(settings, _database(settings, data), InProcessApi(PluginApi(world).call))
    stack.push_async_callback(inside.running.close)
    runner = web.AppRunner(inside.running.web, access_log=None, shutdown_timeout=2)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.UnixSite(runner, inside.http_socket).start()


async def _start_native(
    stack: AsyncExitStack, world: World, settings: Settings, data: Path, bundle: Path | None
) -> None:
    """In a process of its own, over Mattermost's plugin protocol."""
    command, version, web_bundle = [sys.executable, "-m", "plugin", "native"], VERSION, WEB / "plugin" / "main.js"
    if bundle:
        try:
            unpacked = await asyncio.to_thread(unpack, bundle, data / "plugins", plugin_id=PLUGIN_ID)
        except BundleRefused as error:
            raise DemoError(str(error)) from error
        command, version, web_bundle = [str(unpacked.executable)], unpacked.version, unpacked.web
    url = settings.database_url or f"sqlite:///{(data / 'incident-response.sqlite').resolve()}"
    chosen = as_environment(settings.model_copy(update={"database_url": url}))
    host = NativeHost(
        command,
        PluginApi(world).call,
        environment=chosen,
        http_socket=_socket_path(stack, data),
        plugin_id=PLUGIN_ID,
        version=version,
        min_server_version=MIN_SERVER_VERSION,
    )
    world.plugins.attach(host, web_bundle)
    try:
        await host.start()
    except PluginDied as error:
        raise DemoError(f"The plugin could not be started: {error}.") from error
    stack.push_async_callback(host.stop)


async def run(
    settings: Settings, *, host: str, port: int, data: Path, native: bool = False, bundle: Path | None = None
) -> None:
    """Run until SIGINT or SIGTERM. Raises DemoError, StorageError."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with demo(settings, host=host, port=port, data=data, native=native, bundle=bundle) as address:
        people = ", ".join(["sysadmin", *PEOPLE])
        print(f"Incident response demo on {address}", file=sys.stderr)  # noqa: T201
        shown = f"{address}{TELEMETRY_PAGE}" if _is_shown_here(settings) else "as your own settings or DO_NOT_TRACK say"
        print(f"What telemetry would send: {shown}", file=sys.stderr)  # noqa: T201
        print(f"Accounts: {people}; the password of all: {PASSWORD}", file=sys.stderr)  # noqa: T201
        await stop.wait()


def _database(settings: Settings, data: Path) -> Database:
    if settings.database_url:
        return Database(settings.database_url, schema=settings.database_schema)
    return Database.file(data / "incident-response.sqlite")


def _world(path: Path, *, site_url: str) -> World:
    try:
        return World(path, site_url=site_url)
    except (sqlite3.Error, StoreTooNew) as error:
        raise DemoError(f"The file {path.name} in the data folder can't be used: {error}.") from error


async def _serve(stack: AsyncExitStack, app: web.Application, host: str, port: int) -> int:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    site = web.TCPSite(runner, host, port, reuse_address=True)
    try:
        await site.start()
    except (OSError, OverflowError) as error:
        raise DemoError(f"The address {host}:{port} can't be used: {_reason(error)}. Choose another PORT.") from error
    bound: int = runner.addresses[0][1]
    return bound


def _reason(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)


def _locked(data: Path) -> IO[str]:
    """The data folder belongs to one process at a time; the kernel lets go of the lock when that process ends."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock = (data / "lock").open("w")
    except OSError as error:
        raise DemoError(f"The data folder {data} can't be written: {error.strerror}.") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise DemoError(f"The data folder {data} is in use by another demo.") from error
    return lock


def _socket_path(stack: AsyncExitStack, data: Path) -> str:
    path = data.resolve() / "plugin.sock"
    if len(str(path)) > _SUN_PATH:
        path = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="incident-"))) / "plugin.sock"
    path.unlink(missing_ok=True)
    return str(path)


async def _seed_playbooks(world: World) -> None:
    """As their owner, through the plugin's own API; once."""
    if world.store.fact("playbooks_seeded"):
        return
    team = world.teams.by_name("sre")
    ids = {row["username"]: row["id"] for row in world.store.all("SELECT id, username FROM users")}
    for playbook in PLAYBOOKS:
        body = {**playbook, "team_id": team["id"], "member_ids": [ids[name] for name in playbook["members"]]}
        answer = await world.plugins.post_json(f"{API_ROOT}/playbooks", body, ids["alice"], once=playbook["title"])
        if "id" not in answer:
            raise DemoError(f"A playbook of the demo was refused: {answer.get('message')}")
    world.store.set_fact("playbooks_seeded", True)
