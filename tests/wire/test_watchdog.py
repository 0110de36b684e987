"""A plugin that Mattermost's hooks no longer reach notices it, and ends; one that is only left alone does not."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plugin.runtime import rpc
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
ENTERED = Struct("Z_GetPluginConfigReturns", {"A": ANY_MAP})
ANSWER = Struct("Z_PluginHTTPReturns", {"Response": Struct("Response", {"StatusCode": INT}), "ResponseBody": BYTES})
SHORT = Patience(quiet=0.05, answer=0.2, questions=3, blocked=60)


def starts(folder: Path, *, now: Callable[[], float] = lambda: 1000.0) -> Starts:
    made = Starts("greeter", folder=folder, now=now)
    made.record()
    return made


class Ways:
    """How a Mattermost answers PluginHTTP."""

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

        methods = {
            "Plugin.PluginHTTP": plugin_http,
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
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, way: str, *, lives: int = 1
) -> tuple[list[str], int]:
    """What the watchdog said until it left, or had asked five times; and how often it asked."""
    said: list[str] = []
    left = asyncio.Event()
    book = starts(tmp_path)
    for _ in range(lives - 1):
        book.record()
    watchdog = Watchdog("greeter", book, patience=SHORT, leave=left.set, say=said.append)
    served = HookServer(Plugin(), failed=FAILED.append, watchdog=watchdog).serve
    async with started(monkeypatch, served) as (host, control, hooks, _running):
        ways = Ways(host, hooks)
        number = host.broker.next_id()
        host.run(ways.serve(number, way))
        await control.call_service("Control.Ping", BOOL, True)
        assert await hooks.call("OnActivate", ACTIVATE, {"APIMuxId": number}) == {}

        async def settled() -> bool:
            return left.is_set() or len(ways.asked) >= 5

        await until(settled)
        asked = len(ways.asked)
    return [*said, *(["left"] if left.is_set() else [])], asked


async def test_a_dead_hook_connection_ends_the_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    said, asked = await watched(monkeypatch, tmp_path, "dead")
    assert said[-1] == "left"
    assert asked == SHORT.questions, "it asks several times before"


async def test_a_quiet_night_is_no_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert await watched(monkeypatch, tmp_path, "through") == ([], 5)
    assert FAILED == []


async def test_who_cannot_ask_knows_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A Mattermost without PluginHTTP."""
    assert await watched(monkeypatch, tmp_path, "unknown") == ([], 5)


async def test_the_third_death_within_an_hour_is_not_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Mattermost would give the plugin up: it goes on telling the log instead, and is still there."""
    said, _ = await watched(monkeypatch, tmp_path, "dead", lives=3)
    assert "left" not in said
    assert any("disable and enable" in line for line in said)


@pytest.mark.parametrize(("pings", "commands", "woken"), [(0, 0, 1), (2, 1, 1), (3, 1, 0), (1, 0, 0)])
async def test_without_a_health_check_it_changes_its_configuration(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, pings: int, commands: int, woken: int
) -> None:
    """Once, for then Mattermost starts to look after it; what is entered stays. A command brings two pings itself."""
    said: list[str] = []
    watchdog = Watchdog("greeter", starts(tmp_path), patience=SHORT, leave=lambda: None, say=said.append)
    served = HookServer(Plugin(), failed=FAILED.append, watchdog=watchdog).serve
    async with started(monkeypatch, served) as (host, control, hooks, _running):
        ways = Ways(host, hooks)
        number = host.broker.next_id()
        host.run(ways.serve(number, "through"))
        for _ in range(pings):
            await control.call_service("Control.Ping", BOOL, True)
        await hooks.call("OnActivate", ACTIVATE, {"APIMuxId": number})
        for _ in range(commands):
            await hooks.call("ExecuteCommand", EXECUTE, {"B": {"Command": "/hello"}})

        async def long_enough() -> bool:
            return len(ways.asked) >= 12

        await until(long_enough)
        assert len(ways.saved) == len(said) == woken
        for saved in ways.saved:
            assert saved.pop(WOKEN_KEY).isdigit()
            assert saved == {"telemetry": "off", "many": [1, True, None]}


def test_starts_are_remembered_for_an_hour(tmp_path: Path) -> None:
    clock = [1000.0]
    book = starts(tmp_path, now=lambda: clock[0])
    assert book.allow_exit()
    book.record()
    assert book.allow_exit()
    book.record()
    assert not book.allow_exit()
    book.stopped()
    assert book.allow_exit(), "who is told to stop has not died"
    book.record()
    assert not book.allow_exit()
    clock[0] += 3601
    book.record()
    assert book.allow_exit()


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
    assert not real.allow_exit()


BLOCKED = """
import asyncio, sys
from pathlib import Path
from plugin.runtime.watchdog import Patience, Starts, Watchdog

async def main():
    starts = Starts("greeter", folder=Path(sys.argv[1]))
    starts.record()
    watchdog = Watchdog("greeter", starts, patience=Patience(blocked=0.5))
    beating = asyncio.ensure_future(watchdog._beat())
    await asyncio.sleep(1)  # a loop that turns is left alone
    print("turned", flush=True)
    def somewhere():
        while True:
            pass
    somewhere()

asyncio.run(main())
"""


def test_a_loop_that_stands_still_is_ended_and_says_where(tmp_path: Path) -> None:
    """By a thread that needs nothing of ours, also when no Python code runs any more."""
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED, tmp_path], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.stdout == "turned\n"
    assert done.returncode == 1
    assert "somewhere" in done.stderr
