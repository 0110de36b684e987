"""Never a zombie: notices that Mattermost's hooks no longer reach us, or that the event loop stands still.

After one reply that Go cannot decode, Mattermost's hook connection is dead for good, while its pings still pass, so
that it never starts the plugin anew (plugin protocol, section 6). From here that looks like a quiet night: no hook
comes. So, when none has come for a while, we send ourselves a request through Mattermost (`PluginHTTP`), which arrives
as a hook. When several have not come, the process exits, for then Mattermost starts it again; a loop that stands still
has no other way either.
A plugin that dies three times within an hour is given up, so an exit of ours is at most the second death in one.

Mattermost notices deaths by a ping every 30 seconds. After a restart of its own, 5.35 sends none until its
configuration is changed for the first time (its app/server.go starts the health check before there are plugins): a
plugin that dies then stays dead. So, when the pings stay away, we note the time in our own part of the configuration.
"""

import asyncio
import faulthandler
import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plugin.runtime import rpc
from plugin.runtime.gob.schema import ANY_MAP, BYTES, STRING, STRINGS, Map, SelfEncoding, Struct
from plugin.runtime.gob.values import GobError, Opaque
from plugin.runtime.models import from_go, to_go
from plugin.runtime.yamux import Ended

PROBE_PATH = "/.well-known/hooks-alive"
_HOUR_S = 3600.0
_SAVE = Struct("Z_SavePluginConfigArgs", {"A": ANY_MAP})
WOKEN_KEY = "healthcheckwokenat"
"""In the plugin's configuration: seconds since the epoch, as text."""
_MOST_STARTS = 2
"""Within an hour, this one included, after which we do not exit by ourselves."""
_REQUEST = Struct(
    "Request",
    {"Method": STRING, "URL": SelfEncoding("URL", binary=True), "Header": Map(STRING, STRINGS), "Host": STRING},
)
_PLUGIN_HTTP = Struct("Z_PluginHTTPArgs", {"Request": _REQUEST, "RequestBody": BYTES})


@dataclass(frozen=True, slots=True)
class Patience:
    """All in seconds."""

    quiet: float = 30.0
    """Without a hook, before we ask for one; and between two of these questions."""
    answer: float = 10.0
    """For the hook that was asked for."""
    questions: int = 3
    """In vain, one after the other, before the exit."""
    blocked: float = 25.0
    """Of an event loop that does not turn. Mattermost itself ends the connection between 30 and 45 seconds."""


class Starts:
    """When this Mattermost has started this plugin and not stopped it since: all but the last have died.

    In a file, for a process cannot remember its deaths.
    """

    def __init__(self, plugin_id: str, *, folder: Path | None = None, now: Callable[[], float] = time.time) -> None:
        name = f"mattermost-plugin-{os.getuid()}-{os.getppid()}-{plugin_id}.starts"
        self._file = (folder or Path(tempfile.gettempdir())) / name
        self._now = now

    def record(self) -> None:
        """This start. A file that cannot be written is no reason not to start; then we never exit by ourselves."""
        self._write([*self._recent(), self._now()])

    def stopped(self) -> None:
        """This process ends because Mattermost wants it to."""
        self._write(self._recent()[:-1])

    def allow_exit(self) -> bool:
        """Whether one more death within this hour does no harm."""
        return 1 <= len(self._recent()) <= _MOST_STARTS

    def _write(self, times: list[float]) -> None:
        with suppress(OSError):
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
            with os.fdopen(os.open(self._file, flags, 0o600), "w") as file:
                file.write("".join(f"{at}\n" for at in times))

    def _recent(self) -> list[float]:
        try:
            with os.fdopen(os.open(self._file, os.O_RDONLY | os.O_NOFOLLOW)) as file:
                times = [float(line) for line in file]
        except (OSError, ValueError):
            return []
        return [at for at in times if self._now() - at < _HOUR_S]


class Watchdog:
    """One for the process. `heard` is called at every hook."""

    def __init__(
        self,
        plugin_id: str,
        starts: Starts,
        *,
        patience: Patience | None = None,
        leave: Callable[[], None] = lambda: os._exit(1),
        say: Callable[[str], None] = lambda text: print(f"[WARN] {text}", file=sys.stderr, flush=True),  # noqa: T201 - Mattermost's log
    ) -> None:
        self._plugin_id = plugin_id
        self._starts = starts
        self._patience = patience or Patience()
        self._leave = leave
        self._say = say
        self._arrived = asyncio.Event()
        self._commands = 0

    def heard(self, *, command: bool = False) -> None:
        """A hook has come."""
        self._commands += command
        self._arrived.set()

    async def run(self, api: rpc.Client, pings: Callable[[], int]) -> None:
        """Until it is cancelled, or the API's connection ends. `pings` tells how many have come so far."""
        beating = asyncio.ensure_future(self._beat())
        try:
            await asyncio.gather(self._watch(api), self._watch_over(api, pings))
        except Ended:
            return
        finally:
            beating.cancel()
            faulthandler.cancel_dump_traceback_later()

    async def _watch(self, api: rpc.Client) -> None:
        in_vain = 0
        while True:
            self._arrived.clear()
            await asyncio.sleep(self._patience.quiet)
            if self._arrived.is_set() or await self._comes_through(api):
                in_vain = 0
                continue
            in_vain += 1
            self._say(f"no hook comes through, asked {in_vain} times")
            if in_vain >= self._patience.questions:
                self._exit()

    async def _watch_over(self, api: rpc.Client, pings: Callable[[], int]) -> None:
        """See that Mattermost would notice our death. A slash command comes with two pings, which say nothing of it."""
        await asyncio.sleep(2 * self._patience.quiet + self._patience.answer)
        if pings() > 2 * self._commands:
            return
        self._say("Mattermost's health check of plugins does not run; a change of the configuration starts it")
        try:
            current = from_go(ANY_MAP, (await api.call("GetPluginConfig", rpc.NOTHING, {})).get("A")) or {}
            changed = {**current, WOKEN_KEY: str(int(time.time()))}
            refused = (await api.call("SavePluginConfig", _SAVE, {"A": to_go(ANY_MAP, changed)})).get("A")
        except (rpc.RpcError, GobError):
            refused = True
        if refused:
            self._say("the configuration could not be changed; if this process dies, disable and enable the plugin")

    async def _comes_through(self, api: rpc.Client) -> bool:
        """Ask Mattermost to ask us. Raises Ended."""
        asking = asyncio.ensure_future(self._ask(api))
        arriving = asyncio.ensure_future(self._arrived.wait())
        try:
            await asyncio.wait((asking, arriving), timeout=self._patience.answer, return_when=asyncio.FIRST_COMPLETED)
            if asking.done():
                return asking.result() or self._arrived.is_set()
            return self._arrived.is_set()
        finally:
            asking.cancel()
            arriving.cancel()

    async def _ask(self, api: rpc.Client) -> bool:
        """True if the question itself could not be put: that says nothing about the hooks. Raises Ended."""
        # Never without a header: Mattermost adds one, and Go cannot add to a map that is not there.
        request = {
            "Method": "GET",
            "URL": Opaque(f"/{self._plugin_id}{PROBE_PATH}".encode()),
            "Header": {"User-Agent": ["plugin-watchdog"]},
        }
        try:
            await api.call("PluginHTTP", _PLUGIN_HTTP, {"Request": request})
        except (rpc.RpcError, GobError):
            return True
        return False

    async def _beat(self) -> None:
        """A loop that stands still cannot save itself: the timer below is a thread's that needs nothing of ours."""
        while True:
            faulthandler.dump_traceback_later(self._patience.blocked, exit=self._starts.allow_exit())
            await asyncio.sleep(self._patience.blocked / 5)

    def _exit(self) -> None:
        if self._starts.allow_exit():
            self._say("no hook comes through: exiting, so that Mattermost starts the plugin again")
            self._leave()
        else:
            self._say("no hook comes through; too many starts in this hour to exit: disable and enable it")


def is_probe(request: dict[str, Any]) -> bool:
    """Whether a request of ServeHTTP is our own question."""
    address = request.get("URL")
    return isinstance(address, Opaque) and address.data.decode(errors="replace").partition("?")[0] == PROBE_PATH
