"""A plugin that Mattermost's hooks no longer reach notices it, and ends; one that is only left alone does not."""

import asyncio
import itertools
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plugin.runtime import rpc
from plugin.runtime.api import Api
from plugin.runtime.gob import Opaque
from plugin.runtime.gob.schema import ANY_MAP, BOOL, BYTES, INT, STRING, STRINGS, UINT, Map, SelfEncoding, Struct
from plugin.runtime.hooks import HookServer
from plugin.runtime.models import from_go, to_go
from plugin.runtime.watchdog import WOKEN_KEY, Patience, Starts, Watchdog
from tests.people import until
from tests.wire.test_hooks import EXECUTE, Plugin
from tests.wire.test_plugin_process import ACTIVATE, FAILED, Host, started

REQUEST = Struct("Request", {"Method": STRING, "URL": SelfEncoding("URL", binary=True), "Header": Map(STRING, STRINGS)})
SERVE = Struct("Z_ServeHTTPArgs", {"ResponseWriterStream": UINT, "Request": REQUEST})
CONFIG = Struct(
    "Z_GetConfigReturns",
    {"A": Struct("Config", {"PluginSettings": Struct("PluginSettings", {"EnableHealthCheck": BOOL})})},
)
ENTERED = Struct("Z_GetPluginConfigReturns", {"A": ANY_MAP})
ANSWER = Struct("Z_PluginHTTPReturns", {"Response": Struct("Response", {"StatusCode": INT}), "ResponseBody": BYTES})
SHORT = Patience(quiet=0.05, answer=0.2, questions=3, blocked=60)


def starts(folder: Path, *, now: Callable[[], float] = lambda: 1000.0) -> Starts:
    made = Starts("greeter", folder=folder, now=now)
    made.record()
    return made


class Ways:
    """How a Mattermost answers PluginHTTP, and what else it is asked."""

    health_check = True

    def __init__(self, host: Host, hooks: rpc.Client) -> None:
        self.host = host
        self.hooks = hooks
        self.asked: list[str] = []
        self.saved: list[Any] = []

    async def through(self, arguments: Any) -> rpc.Reply:
        """By the hook, as it should be."""
        number = self.host.broker.next_id()
        self.host.run(self._take(number))
        path = "/" + self.asked[-1].split("/", 2)[2]
        asked = {"Method": "GET", "URL": Opaque(path.encode()), "Header": arguments["Request"]["Header"]}
        await self.hooks.call("ServeHTTP", SERVE, {"ResponseWriterStream": number, "Request": asked})
        return ANSWER, {"Response": {"StatusCode": 204}}

    async def dead(self, _arguments: Any) -> rpc.Reply:
        """Its client of our hooks has stopped: an answer, and nothing has come."""
        return ANSWER, {"Response": {"StatusCode": 500}}

    async def unknown(self, _arguments: Any) -> rpc.Reply:
        """The question itself is refused."""
        raise NotImplementedError

    async def serve(self, number: int, way: str) -> None:
        async def plugin_http(arguments: Any) -> rpc.Reply:
            assert arguments["Request"]["Header"], "a real Mattermost cannot add to a map that is not there"
            self.asked.append(arguments["Request"]["URL"].data.decode())
            return await {"through": self.through, "dead": self.dead, "unknown": self.unknown}[way](arguments)

        async def entered(_arguments: Any) -> rpc.Reply:
            return ENTERED, {"A": to_go(ANY_MAP, {"telemetry": "off", "many": [1, True, None]})}

        async def save(arguments: Any) -> rpc.Reply:
            self.saved.append(from_go(ANY_MAP, arguments["A"]))
            return rpc.NOTHING, {}

        async def config(_arguments: Any) -> rpc.Reply:
            return CONFIG, {"A": {"PluginSettings": {"EnableHealthCheck": self.health_check}}}

        methods = {
            "Plugin.PluginHTTP": plugin_http,
            "Plugin.GetConfig": config,
            "Plugin.GetPluginConfig": entered,
            "Plugin.SavePluginConfig": save,
        }
        await rpc.Server(await self.host.broker.accept(number), methods, failed=FAILED.append).serve()

    async def _take(self, number: int) -> None:
        async def take(_arguments: Any) -> rpc.Reply:
            return rpc.NOTHING, {}

        methods = {f"Plugin.{name}": take for name in ("SyncHeader", "WriteHeader", "Write")}
        await rpc.Server(await self.host.broker.accept(number), methods, failed=FAILED.append).serve()


async def watched(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, way: str, *, deaths: int = 0, pinged: bool = True
) -> tuple[list[str], Ways]:
    """What the watchdog said until it left, or had asked some times; and what Mattermost was asked."""
    said: list[str] = []
    left = asyncio.Event()
    clock = itertools.count(1000)
    for _ in range(deaths):
        starts(tmp_path, now=lambda: next(clock))
    book = starts(tmp_path, now=lambda: next(clock))
    watchdog = Watchdog("greeter", book, patience=SHORT, leave=left.set, say=said.append)
    served = HookServer(Plugin(), failed=FAILED.append, watchdog=watchdog).serve
    async with started(monkeypatch, served) as (host, control, hooks, _running):
        ways = Ways(host, hooks)
        number = host.broker.next_id()
        host.run(ways.serve(number, way))

        async def settled() -> bool:
            if pinged:  # as often as one looks
                await control.call_service("Control.Ping", BOOL, True)
            else:  # a command brings two pings of its own, which say nothing
                await control.call_service("Control.Ping", BOOL, True)
                await control.call_service("Control.Ping", BOOL, True)
                await hooks.call("ExecuteCommand", EXECUTE, {"B": {"Command": "/hello"}})
                return len(said) > 0 or len(ways.asked) > 0
            return left.is_set() or len(ways.asked) >= 6

        assert await hooks.call("OnActivate", ACTIVATE, {"APIMuxId": number}) == {}
        await until(settled)
    return [*said, *(["left"] if left.is_set() else [])], ways


async def test_a_dead_hook_connection_ends_the_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    said, ways = await watched(monkeypatch, tmp_path, "dead", deaths=1)
    assert said[-1] == "left"
    assert len(ways.asked) == SHORT.questions, "it asks several times before"
    assert ways.saved == []


async def test_a_quiet_night_is_no_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    said, ways = await watched(monkeypatch, tmp_path, "through")
    assert (said, len(ways.asked), ways.saved) == ([], 6, [])
    assert FAILED == []


async def test_who_cannot_ask_knows_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A Mattermost without PluginHTTP."""
    said, ways = await watched(monkeypatch, tmp_path, "unknown")
    assert (said, len(ways.asked)) == ([], 6)


async def test_the_third_death_within_an_hour_is_not_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Mattermost would give the plugin up: it goes on telling the log instead, and is still there."""
    said, _ = await watched(monkeypatch, tmp_path, "dead", deaths=2)
    assert "left" not in said
    assert any("too often" in line for line in said)


async def test_without_a_health_check_it_changes_its_configuration(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Once, for then Mattermost starts to look after it; what is entered stays."""
    said, ways = await watched(monkeypatch, tmp_path, "through", pinged=False)
    assert any("health check" in line for line in said)
    (saved,) = ways.saved
    assert saved.pop(WOKEN_KEY).isdigit()
    assert saved == {"telemetry": "off", "many": [1, True, None]}


async def test_an_administrator_who_wants_no_health_check_gets_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The configuration stays as it is."""
    monkeypatch.setattr(Ways, "health_check", False)
    said, ways = await watched(monkeypatch, tmp_path, "through", pinged=False)
    assert any("switched off" in line for line in said)
    assert ways.saved == []


async def test_who_would_not_be_started_again_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Dead hooks and nobody who looks after it: it says so, and does not make it worse."""
    said: list[str] = []
    left: list[None] = []
    watchdog = Watchdog("greeter", starts(tmp_path), patience=SHORT, leave=lambda: left.append(None), say=said.append)
    served = HookServer(Plugin(), failed=FAILED.append, watchdog=watchdog).serve
    async with started(monkeypatch, served) as (host, _control, hooks, _running):
        ways = Ways(host, hooks)
        number = host.broker.next_id()
        host.run(ways.serve(number, "dead"))
        await hooks.call("OnActivate", ACTIVATE, {"APIMuxId": number})

        async def asked() -> bool:
            return len(ways.asked) >= 6

        await until(asked)
    assert left == []
    assert any("nobody would start" in line for line in said)


async def test_nothing_is_watched_before_the_activation_is_done(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Until then Mattermost knows no such plugin: it could neither ask nor look after it."""
    ready = asyncio.Event()

    class Slow(Plugin):
        async def activate(self, api: Api) -> None:
            await ready.wait()
            await super().activate(api)

    said: list[str] = []
    watchdog = Watchdog("greeter", starts(tmp_path), patience=SHORT, leave=lambda: None, say=said.append)
    served = HookServer(Slow(), failed=FAILED.append, watchdog=watchdog).serve
    async with started(monkeypatch, served) as (host, _control, hooks, _running):
        ways = Ways(host, hooks)
        number = host.broker.next_id()
        host.run(ways.serve(number, "dead"))
        activating = asyncio.ensure_future(hooks.call("OnActivate", ACTIVATE, {"APIMuxId": number}))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(activating), 10 * SHORT.quiet)
        assert (ways.asked, ways.saved, said) == ([], [], [])
        ready.set()
        await activating


def test_deaths_are_remembered_for_an_hour(tmp_path: Path) -> None:
    """Not the start of this process, however long ago, nor those that were told to stop."""
    clock = [1000.0]
    lives = [Starts("greeter", folder=tmp_path, now=lambda: clock[0]) for _ in range(4)]
    for life in lives[:2]:
        clock[0] += 1
        life.record()
    assert lives[1].allow_exit(), "one has died"
    clock[0] += 1
    lives[1].stopped()
    lives[2].record()
    assert lives[2].allow_exit(), "one has died, one was told to stop"
    clock[0] += 1
    lives[3].record()
    assert not lives[3].allow_exit(), "two have died"
    clock[0] += 3601
    assert lives[3].allow_exit(), "that was long ago"
    clock[0] += 360_000
    assert lives[3].allow_exit()


def test_a_file_that_cannot_be_written_keeps_it_alive(tmp_path: Path) -> None:
    """Somebody's link in the way, say: without a memory it never exits by itself."""
    book = Starts("greeter", folder=tmp_path / "none")
    book.record()
    assert not book.allow_exit()
    real = starts(tmp_path)
    assert real.allow_exit()
    (file,) = tmp_path.glob("*.starts")
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    assert not starts(tmp_path).allow_exit()


BLOCKED = """
import asyncio, sys, time
from pathlib import Path
from plugin.runtime.watchdog import Patience, Starts, Watchdog

async def main():
    watchdog = Watchdog("greeter", Starts("greeter", folder=Path(sys.argv[1])), patience=Patience(blocked=0.5))
    beating = asyncio.ensure_future(watchdog._beat())
    await asyncio.sleep(1)  # a loop that turns is left alone
    print("turned", flush=True)
    def somewhere():
        end = time.monotonic() + 1.5
        while time.monotonic() < end:
            pass
    somewhere()

asyncio.run(main())
"""


def test_a_loop_that_stands_still_says_where(tmp_path: Path) -> None:
    """By a thread that needs nothing of Python's; who only was slow goes on."""
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED, tmp_path], capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.stdout, done.returncode) == ("turned\n", 0)
    assert "somewhere" in done.stderr
