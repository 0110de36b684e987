"""A native plugin in the sandbox: started, started again when it dies; its HTTP is on a unix socket."""

import asyncio
import sys
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from plugin.runtime.rpc import RpcError
from plugin.runtime.yamux import Ended
from plugin.sandbox.native import Callee, NativeProcess, PluginDied

_PAUSE_S = 0.5


class NativeHost:
    """`plugin.sandbox.plugin_host.RunningPlugin` in a process of its own."""

    def __init__(
        self,
        command: Sequence[str],
        callee: Callee,
        *,
        environment: dict[str, str],
        http_socket: str,
        plugin_id: str,
        version: str,
        min_server_version: str,
    ) -> None:
        self.plugin_id = plugin_id
        self.version = version
        self.min_server_version = min_server_version
        self.http_socket = http_socket
        self._command = command
        self._callee = callee
        self._environment = environment
        self._process: NativeProcess | None = None
        self._watching: asyncio.Future[None] | None = None
        self._runner: web.AppRunner | None = None
        self.starts = 0

    @property
    def pid(self) -> int:
        """Of the process that runs now."""
        return self._process.pid if self._process else 0

    async def start(self) -> None:
        """Raises PluginDied."""
        await self._start()
        self._watching = asyncio.ensure_future(self._watch())
        app = web.Application(client_max_size=0)
        app.router.add_route("*", "/{path:(?s:.*)}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=2)
        await self._runner.setup()
        await web.UnixSite(self._runner, self.http_socket).start()

    async def stop(self) -> None:
        if self._watching:
            self._watching.cancel()
        if self._runner:
            await self._runner.cleanup()
        if self._process:
            await self._process.stop()

    async def hook(self, name: str, args: list[Any]) -> list[Any]:
        """What a dead plugin would have answered is nothing."""
        try:
            return await self._process.hook(name, args) if self._process else []
        except PluginDied:
            return []

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if self._process is None:
            return web.Response(status=503, text="The plugin does not answer.\n")
        return await self._process.serve_http(request)

    async def _start(self) -> None:
        process = NativeProcess(self._command, self._callee, environment=self._environment)
        try:
            await process.start()
        except BaseException:
            await process.stop()
            raise
        self._process = process
        self.starts += 1

    async def _watch(self) -> None:
        """Mattermost takes up to half a minute to notice a death; here it is noticed at once."""
        while True:
            process = self._process
            if process is None or process.session is None:
                return
            await process.session.over.wait()
            self._process = None
            await process.stop()
            while self._process is None:
                try:
                    await self._start()
                except (PluginDied, Ended, RpcError, OSError) as reason:  # killed while it started, say
                    sys.stderr.write(f"sandbox: the plugin could not be started, once more: {reason}\n")
                    await asyncio.sleep(_PAUSE_S)
