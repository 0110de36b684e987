"""Never a zombie: notices that Mattermost's hooks no longer reach us, and that Mattermost would not notice our death.

After one reply that Go cannot decode, Mattermost's hook connection is dead for good, while its pings still pass, so
that it never starts the plugin anew (plugin protocol, section 6). From here that looks like a quiet night: no hook
comes. So, when none has come for a while, we send ourselves a request through Mattermost (`PluginHTTP`), which arrives
as a hook. When several have not come, the process exits, for then Mattermost starts it again. A plugin that dies three
times within an hour is given up, so an exit of ours is at most the second death in one.

Mattermost notices deaths by a ping every 30 seconds. After a restart of its own, 5.35 sends none until its
configuration is changed for the first time (its app/server.go starts the health check before there are plugins): a
plugin that dies then stays dead. So, when the pings stay away, we note the time in our own part of the configuration.

An event loop that stands still says where, in the log. Mattermost ends that connection by itself after 30 to 45 seconds
(section 2), and starts the plugin again.
"""

import asyncio
import faulthandler
import os
import sys
import tempfile
import time
from collections.abc import Callable
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
_MOST_DEATHS = 1
"""Within an hour, before which we exit by ourselves."""
_ROUNDS = 3
"""Without a ping, after which nobody looks after us."""
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
    """Of an event loop that does not turn, before it is said where."""


class Starts:
    """When this Mattermost has started this plugin and not stopped it since: all but the last have died.

    In a file, for a process cannot remember its deaths.
    """

    def __init__(self, plugin_id: str, *, folder: Path | None = None, now: Callable[[], float] = time.time) -> None:
        name = f"mattermost-plugin-{os.getuid()}-{os.getppid()}-{plugin_id}.starts"
        self._file = (folder or Path(tempfile.gettempdir())) / name
        self._now = now
        self._own: float | None = None

    def record(self) -> None:
        """This start. A file that cannot be written is no reason not to start; then we never exit by ourselves."""
        own = self._now()
        if self._write([*self._others(), own]):
            self._own = own

    def stopped(self) -> None:
        """This process ends because Mattermost wants it to."""
        self._write(self._others())
        self._own = None

    def allow_exit(self) -> bool:
        """Whether one more death within this hour does no harm."""
        return self._own is not None and len(self._others()) <= _MOST_DEATHS

    def _write(self, times: list[float]) -> bool:
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
            with os.fdopen(os.open(self._file, flags, 0o600), "w") as file:
                file.write("".join(f"{at}\n" for at in times))
        except OSError:
            return False
        return True

    def _others(self) -> list[float]:
        """The starts of the last hour that ended in a death."""
        try:
            with os.fdopen(os.open(self._file, os.O_RDONLY | os.O_NOFOLLOW)) as file:
                times = [float(line) for line in file]
        except (OSError, ValueError):
            return []
        return [at for at in times if at != self._own and self._now() - at < _HOUR_S]


class Watchdog:
    """One for the process. `heard` is called at every hook; `run` once the plugin is active, and not before.

    Until then no hook can come, and Mattermost looks after nothing.
    """

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
        self._quiet_rounds = 0
        """Without a ping of the health check."""

    def heard(self, *, command: bool = False) -> None:
        """A hook has come."""
        self._commands += command
        self._arrived.set()

    async def run(self, api: rpc.Client, pings: Callable[[], int]) -> None:
        """Until it is cancelled, or the API's connection ends. `pings` tells how many have come so far."""
        beating = asyncio.ensure_future(self._beat())
        try:
            await self._watch(api, pings)
        except Ended:
            return
        finally:
            beating.cancel()
            faulthandler.cancel_dump_traceback_later()

    async def _watch(self, api: rpc.Client, pings: Callable[[], int]) -> None:
        in_vain, looked, woken = 0, self._health_checks(pings), False
        while True:
            self._arrived.clear()
            await asyncio.sleep(self._patience.quiet)
            before, looked = looked, self._health_checks(pings)
            self._quiet_rounds = 0 if looked > before else self._quiet_rounds + 1
            if not self._looked_after and not woken:
                woken = True
                await self._wake(api)
            if self._arrived.is_set() or await self._comes_through(api):
                in_vain = 0
                continue
            in_vain += 1
            self._say(f"no hook comes through, asked {in_vain} times")
            if in_vain >= self._patience.questions:
                self._exit()

    def _health_checks(self, pings: Callable[[], int]) -> int:
        """A slash command comes with two pings, which say nothing of whether Mattermost looks after us."""
        return pings() - 2 * self._commands

    @property
    def _looked_after(self) -> bool:
        """Whether Mattermost would notice our death; a round is as long as its own, so that one can fall between."""
        return self._quiet_rounds < _ROUNDS

    async def _wake(self, api: rpc.Client) -> None:
        """See that Mattermost looks after us, if its administrator wants it to. Raises Ended."""
        try:
            config = (await api.call("GetConfig", rpc.NOTHING, {})).get("A") or {}
            if not (config.get("PluginSettings") or {}).get("EnableHealthCheck"):
                self._say("the health check of plugins is switched off: if this process dies, nobody starts it again")
                return
            self._say("Mattermost's health check of plugins does not run; a change of the configuration starts it")
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
        """A loop that stands still cannot say so itself: the timer is a thread's that needs nothing of Python's."""
        while True:
            faulthandler.dump_traceback_later(self._patience.blocked)
            await asyncio.sleep(self._patience.blocked / 5)

    def _exit(self) -> None:
        if not self._looked_after:
            self._say("no hook comes through, and nobody would start the plugin again: disable and enable it")
        elif self._starts.allow_exit():
            self._say("no hook comes through: exiting, so that Mattermost starts the plugin again")
            self._leave()
        else:
            self._say("no hook comes through, and it has died too often in this hour to exit: disable and enable it")


def is_probe(request: dict[str, Any]) -> bool:
    """Whether a request of ServeHTTP is our own question."""
    address = request.get("URL")
    return isinstance(address, Opaque) and address.data.decode(errors="replace").partition("?")[0] == PROBE_PATH
