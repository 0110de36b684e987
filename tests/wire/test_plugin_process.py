"""The handshake, control streams, broker and both directions of net/rpc, against a stand-in for Mattermost."""

import asyncio
import io
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from plugin.runtime import rpc
from plugin.runtime.broker import Broker
from plugin.runtime.gob.schema import BOOL, INT, STRING, UINT, Struct
from plugin.runtime.process import COOKIE, Connection, NotStartedByMattermost, connection, listen
from plugin.runtime.yamux import Ended, Session, Stream

ECHO = Struct("Z_EchoArgs", {"A": STRING, "B": INT})
ACTIVATE = Struct("Z_OnActivateArgs", {"APIMuxId": UINT})


class Host:
    """Mattermost's side of the connection."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.broker = Broker(session)
        self._tasks: list[asyncio.Future[Any]] = []

    def run(self, work: Any) -> None:
        self._tasks.append(asyncio.ensure_future(work))

    async def client(self, stream: Stream) -> rpc.Client:
        client = rpc.Client(stream)
        self.run(client.run())
        return client

    async def hand_streams_over(self) -> None:
        while True:
            await self.broker.arrived(await self.session.accept())

    async def end(self) -> None:
        self.session.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def serve(plugin: Connection, stream: Stream) -> None:
    """The hooks of the plugin under test."""

    async def echo(arguments: Any) -> rpc.Reply:
        return ECHO, {"A": arguments["A"] * arguments["B"]}

    async def breaks(_arguments: Any) -> rpc.Reply:
        raise RuntimeError("secret")

    async def does_not_fit(_arguments: Any) -> rpc.Reply:
        return ECHO, {"A": 5}

    async def calls_back(arguments: Any) -> rpc.Reply:
        api = rpc.Client(await plugin.broker.dial(arguments["APIMuxId"]))
        plugin.spawn(api.run())
        return ECHO, {"A": (await api.call("Greet", ECHO, {"A": "plugin"}))["A"]}

    methods = {"Echo": echo, "Breaks": breaks, "DoesNotFit": does_not_fit, "OnActivate": calls_back}
    named = {f"Plugin.{name}": method for name, method in methods.items()}
    await rpc.Server(stream, named, failed=FAILED.append).serve()


FAILED: list[str] = []


@asynccontextmanager
async def started(
    monkeypatch: pytest.MonkeyPatch, served: Any = None
) -> AsyncIterator[tuple[Host, rpc.Client, rpc.Client, Any]]:
    """A plugin and its host: the host, clients of control and hooks, and the plugin's run."""
    FAILED.clear()
    monkeypatch.setenv(*COOKIE)
    out = io.StringIO()
    listener = listen(out=out)
    core, app, network, path, protocol, cert = out.getvalue().split("|")
    assert (core, app, network, protocol, cert) == ("1", "1", "unix", "netrpc", "\n")

    async def plugin() -> None:
        await (await connection(listener, served or serve, failed=FAILED.append)).run()

    running = asyncio.ensure_future(plugin())
    near = socket.socket(socket.AF_UNIX)
    near.connect(path)
    session = Session(*await asyncio.open_connection(sock=near), client=True)
    host = Host(session)
    host.run(session.run())
    try:
        async with asyncio.timeout(10):
            control = await host.client(await session.open())
            await session.open()
            await session.open()
            host.run(host.hand_streams_over())
            number = await control.call_service("Dispenser.Dispense", STRING, "hooks")
            hooks = await host.client(await host.broker.dial(number))
            yield host, control, hooks, running
    finally:
        await host.end()
        await running
        assert not Path(path).parent.exists()


async def test_calls_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    async with started(monkeypatch) as (host, control, hooks, _running):
        assert (await hooks.call("Echo", ECHO, {"A": "ab", "B": 3}))["A"] == "ababab"
        assert await control.call_service("Control.Ping", BOOL, True) == {}

        async def greet(arguments: Any) -> rpc.Reply:
            return ECHO, {"A": f"hello {arguments['A']}"}

        async def serve_api(number: int) -> None:
            stream = await host.broker.accept(number)
            await rpc.Server(stream, {"Plugin.Greet": greet}, failed=FAILED.append).serve()

        number = host.broker.next_id()
        host.run(serve_api(number))
        assert (await hooks.call("OnActivate", ACTIVATE, {"APIMuxId": number}))["A"] == "hello plugin"


async def test_many_calls_at_once_find_their_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    async with started(monkeypatch) as (_host, _control, hooks, _running):
        texts = [f"text {number} " * (number % 7 * 3000 + 1) for number in range(60)]
        answers = await asyncio.gather(*(hooks.call("Echo", ECHO, {"A": text, "B": 1}) for text in texts))
        assert [answer["A"] for answer in answers] == texts


async def test_what_breaks_is_answered_and_the_connection_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception, a reply that does not fit, a method that is not there: none of them ends the hooks."""
    async with started(monkeypatch) as (_host, _control, hooks, _running):
        for method, told in (("Breaks", "failed"), ("DoesNotFit", "does not fit"), ("Nothing", "can't find method")):
            with pytest.raises(rpc.RpcError, match=told) as error:
                await hooks.call(method, ECHO, {"A": "x", "B": 1})
            assert "secret" not in str(error.value)
        assert FAILED == ["Plugin.Breaks", "Plugin.DoesNotFit"]
        assert (await hooks.call("Echo", ECHO, {"A": "still", "B": 1}))["A"] == "still"


async def test_quit_is_answered_and_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async with started(monkeypatch) as (_host, control, hooks, running):
        await control.call_service("Control.Quit", BOOL, True)
        await running
        with pytest.raises(Ended):
            await hooks.call("Echo", ECHO, {"A": "x", "B": 1})


async def test_it_ends_with_its_host(monkeypatch: pytest.MonkeyPatch) -> None:
    async with started(monkeypatch) as (host, _control, _hooks, running):
        host.session.close()
        await running


def test_whoever_starts_it_by_hand_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(COOKIE[0], raising=False)
    with pytest.raises(NotStartedByMattermost, match="System Console"):
        listen()


def test_a_long_temporary_folder_is_no_obstacle(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A unix socket's path has to be shorter than 108 bytes."""
    long = tmp_path / ("x" * 90)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    monkeypatch.setenv(*COOKIE)
    out = io.StringIO()
    listener = listen(out=out)
    path = Path(out.getvalue().split("|")[3])
    assert len(str(path)) < 108
    listener.close()
    path.unlink()
    path.parent.rmdir()
    assert list(long.iterdir()) == []


async def test_who_is_never_connected_to_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mattermost may have died in between; nothing is left behind."""
    monkeypatch.setattr("plugin.runtime.process._CONNECT_S", 0.01)
    monkeypatch.setenv(*COOKIE)
    out = io.StringIO()
    listener = listen(out=out)
    with pytest.raises(TimeoutError):
        await connection(listener, serve, failed=FAILED.append)
    assert not Path(out.getvalue().split("|")[3]).parent.exists()
