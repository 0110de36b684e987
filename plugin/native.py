"""The native home: Mattermost starts this program, and speaks its plugin protocol with it.

The handshake has to be on stdout within 3 seconds, so it is printed before anything heavy is imported.
"""

import asyncio
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plugin.runtime.process import NotStartedByMattermost, listen

if TYPE_CHECKING:
    from aiohttp import web

    from plugin.app import Plugin
    from plugin.runtime.api import Api
    from plugin.settings import Settings

DATA = Path("data") / "incident-response"
"""Below Mattermost's working directory, where its own data is; an upgrade replaces the plugin's folder."""


def main() -> int:
    """Until Mattermost says quit, or is gone. Returns an exit code."""
    try:
        listener = listen()
    except NotStartedByMattermost as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return asyncio.run(_run(listener))


async def _run(listener: socket.socket) -> int:
    import structlog  # noqa: PLC0415 - after the handshake

    from plugin import logs  # noqa: PLC0415
    from plugin.runtime.hooks import HookServer  # noqa: PLC0415
    from plugin.runtime.process import connection  # noqa: PLC0415
    from plugin.settings import load  # noqa: PLC0415

    settings = load()
    logs.configure(settings)
    log = structlog.get_logger()

    def failed(name: str) -> None:
        log.exception("hook.failed", hook=name)

    plugin = NativePlugin(settings)
    server = HookServer(plugin, failed=failed)
    await (await connection(listener, server.serve, failed=failed)).run()
    await plugin.close()
    return 0


class NativePlugin:
    """`plugin.runtime.hooks.Plugin`: the hooks of ours, and the application behind ServeHTTP."""

    def __init__(self, settings: "Settings") -> None:
        self._settings = settings
        self._running: Plugin | None = None
        self.hooks: dict[str, Callable[..., Awaitable[Sequence[Any]]]] = {
            name: self._hook(name) for name in ("ExecuteCommand", "OnConfigurationChange")
        } | {"OnDeactivate": self._deactivate}

    async def activate(self, api: "Api") -> "web.Application":
        from plugin.app import activate  # noqa: PLC0415
        from plugin.host.native import NativeApi  # noqa: PLC0415
        from plugin.storage.database import Database  # noqa: PLC0415

        url, schema = self._settings.database_url, self._settings.database_schema
        database = Database(url, schema=schema) if url else Database.file(DATA / "incident-response.sqlite")
        self._running = await activate(self._settings, database, NativeApi(api))
        self._running.web.freeze()
        await self._running.web.startup()
        return self._running.web

    async def close(self) -> None:
        """What is not done yet is done at the next start."""
        if self._running:
            running, self._running = self._running, None
            await running.close()

    def _hook(self, name: str) -> Callable[..., Awaitable[Sequence[Any]]]:
        async def call(*args: Any) -> Sequence[Any]:
            return await self._running.hooks.call(name, list(args)) if self._running else []

        return call

    async def _deactivate(self) -> Sequence[Any]:
        await self.close()
        return [None]
