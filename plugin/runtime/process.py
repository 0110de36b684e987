"""A plugin process as go-plugin starts it: the handshake, the first three streams, ping and quit.

Mattermost waits 3 seconds for the line that `listen` prints: call it before anything heavy is imported.
"""

import asyncio
import os
import socket
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from plugin.runtime import rpc
from plugin.runtime.broker import Broker
from plugin.runtime.gob.schema import UINT
from plugin.runtime.yamux import Ended, Session, Stream

COOKIE = ("MATTERMOST_PLUGIN", "Securely message teams, anywhere.")
"""Set by Mattermost; whoever starts the program by hand is told what it is."""
HOOKS = "hooks"
_SUN_PATH = 100
"""A unix socket's path has to be shorter than 108 bytes."""
_CONNECT_S = 60

Serve = Callable[["Connection", Stream], Awaitable[None]]
"""Serves the hooks on the stream that was dispensed for them."""


class NotStartedByMattermost(Exception):
    """The cookie is missing: `str()` is one line for whoever started it."""


def listen(*, out: Any = None) -> socket.socket:
    """A unix socket of our own, and the handshake line on stdout. Raises NotStartedByMattermost."""
    name, value = COOKIE
    if os.environ.get(name) != value:  # noqa: TID251 - part of the protocol, not a setting
        raise NotStartedByMattermost("This is a Mattermost plugin: upload it in the System Console, do not start it.")
    path = Path(tempfile.mkdtemp(prefix="plugin-")) / "s"  # a name that nobody else has, and few characters
    if len(str(path)) > _SUN_PATH:
        path.parent.rmdir()
        path = Path(tempfile.mkdtemp(prefix="plugin-", dir="/tmp")) / "s"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(1)
    stdout = out or sys.stdout
    stdout.write(f"1|1|unix|{path}|netrpc|\n")
    stdout.flush()
    return listener


class Connection:
    """The one connection from Mattermost."""

    def __init__(self, session: Session, broker: Broker, serve_hooks: Serve, failed: Callable[[str], None]) -> None:
        self.broker = broker
        self.session = session
        self._serve_hooks = serve_hooks
        self._failed = failed
        self._tasks: set[asyncio.Task[Any]] = set()
        self.pings = 0
        """That Mattermost has sent: every 30 seconds, and before and after each slash command."""
        self.quit = asyncio.Event()
        """Set a moment after Control.Quit."""
        self.told_to_quit = False

    def spawn(self, work: Awaitable[Any]) -> None:
        """Run beside; cancelled with the connection."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def run(self) -> None:
        """Until Mattermost says quit, or is gone."""
        self.spawn(self.session.run())
        self.spawn(self._accept())
        ends = [asyncio.ensure_future(self.quit.wait()), asyncio.ensure_future(self.session.over.wait())]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            end.cancel()
        self.session.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, *ends, return_exceptions=True)

    async def _accept(self) -> None:
        with suppress(Ended):
            control = await self.session.accept()
            self.spawn(rpc.Server(control, self._control(), failed=self._failed).serve())
            await self.session.accept()  # stdout and stderr: kept open, unused, for stderr itself goes to the log
            await self.session.accept()
            while True:
                self.spawn(self.broker.arrived(await self.session.accept()))

    def _control(self) -> dict[str, rpc.Handler]:
        return {"Control.Ping": self._ping, "Control.Quit": self._quit, "Dispenser.Dispense": self._dispense}

    async def _ping(self, _arguments: Any) -> rpc.Reply:
        self.pings += 1
        return rpc.NOTHING, {}

    async def _quit(self, _arguments: Any) -> rpc.Reply:
        self.told_to_quit = True  # Mattermost may close the connection as soon as it has the answer
        asyncio.get_running_loop().call_later(0.1, self.quit.set)  # the answer first
        return rpc.NOTHING, {}

    async def _dispense(self, name: Any) -> rpc.Reply:
        if name != HOOKS:
            raise ValueError("only hooks are dispensed")
        number = self.broker.next_id()
        self.spawn(self._serve_dispensed(number))
        return UINT, number

    async def _serve_dispensed(self, number: int) -> None:
        with suppress(Ended, TimeoutError):
            await self._serve_hooks(self, await self.broker.accept(number))


def _remove(listener: socket.socket) -> None:
    path = Path(listener.getsockname())
    listener.close()
    path.unlink(missing_ok=True)
    path.parent.rmdir()


async def connection(listener: socket.socket, serve_hooks: Serve, *, failed: Callable[[str], None]) -> Connection:
    """Wait for Mattermost, which connects once; the socket's file is taken away then. Raises TimeoutError."""
    loop = asyncio.get_running_loop()
    listener.setblocking(False)
    try:
        async with asyncio.timeout(_CONNECT_S):
            accepted, _ = await loop.sock_accept(listener)
    finally:
        _remove(listener)
    session = Session(*await asyncio.open_connection(sock=accepted), client=False)
    return Connection(session, Broker(session), serve_hooks, failed)
