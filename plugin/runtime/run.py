"""A plugin's main function: the handshake at once, then the plugin, until Mattermost says quit or is gone."""

import asyncio
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING

from plugin.runtime.process import NotStartedByMattermost, connection, listen

if TYPE_CHECKING:
    from plugin.runtime.hooks import Plugin


def to_stderr(name: str) -> None:
    """What broke, and where; Mattermost puts a plugin's stderr into its own log."""
    sys.stderr.write(f"{name} failed\n{traceback.format_exc()}")


def run(make: "Callable[[], Plugin]", *, plugin_id: str = "", failed: Callable[[str], None] = to_stderr) -> int:
    """Returns an exit code. `make` is called after the handshake: heavy imports belong in it, or behind it.

    `failed` is told, inside `except`, of a hook that broke. With a `plugin_id` a watchdog sees to it that the process
    ends when Mattermost can no longer reach it, for then Mattermost starts it again; see `plugin.runtime.watchdog`.
    """
    try:
        listener = listen()
    except NotStartedByMattermost as error:
        sys.stderr.write(f"{error}\n")
        return 1
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for Mattermost, which tells us itself
    try:
        asyncio.run(_serve(listener, make, plugin_id, failed))
    except TimeoutError:
        sys.stderr.write("Mattermost did not connect.\n")
        return 1
    return 0


async def _serve(
    listener: socket.socket, make: "Callable[[], Plugin]", plugin_id: str, failed: Callable[[str], None]
) -> None:
    from plugin.runtime.hooks import HookServer  # noqa: PLC0415 - brings aiohttp's server with it
    from plugin.runtime.watchdog import Starts, Watchdog  # noqa: PLC0415

    starts = watchdog = None
    if plugin_id:
        starts = Starts(plugin_id)
        starts.record()
        watchdog = Watchdog(plugin_id, starts)
    plugin = make()
    server = HookServer(plugin, failed=failed, watchdog=watchdog)
    connected = await connection(listener, server.serve, failed=failed)
    await connected.run()
    if starts and connected.told_to_quit:
        starts.stopped()  # at once: 2 seconds after Quit, Mattermost kills
    await plugin.close()
