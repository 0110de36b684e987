"""Activation and hooks as later Mattermosts call them, and what becomes of a plugin that fails."""

import asyncio
from typing import Any

import pytest
from aiohttp import web

from plugin.runtime import rpc
from plugin.runtime.api import Api
from plugin.runtime.gob import Interface
from plugin.runtime.gob.schema import STRING, UINT, Struct
from plugin.runtime.hooks import HookServer
from tests.wire.test_plugin_process import FAILED, Host, started

ACTIVATE = Struct("Z_OnActivateArgs", {"APIMuxId": UINT, "DriverMuxId": UINT})
COMMAND = Struct("CommandArgs", {"UserId": STRING, "Command": STRING, "SomethingNew": STRING})
EXECUTE = Struct("Z_ExecuteCommandArgs", {"B": COMMAND})


class Plugin:
    def __init__(self, failure: Exception | None = None, application: web.Application | None = None) -> None:
        self._failure = failure
        self._application = application
        self.hooks = {"ExecuteCommand": self.execute}

    async def activate(self, _api: Api) -> web.Application | None:
        if self._failure:
            raise self._failure
        return self._application

    async def execute(self, _context: Any, command: dict[str, Any]) -> list[Any]:
        if command["command"] == "/break":
            raise RuntimeError("secret")
        if command["command"] == "/wrong":
            return [{"text": 5}, None]
        if command["command"] == "/refuse":
            return [None, {"id": "no", "message": "Not now.", "status_code": 403}]
        return [{"text": f"{command['user_id']} said {command['command']}"}, None]

    async def close(self) -> None:
        """Nothing to put away."""


async def activated(host: Host, hooks: rpc.Client, dialled: list[int]) -> Any:
    """OnActivate as from 6.0 on, with a stream for the database driver, which has to be dialled too."""

    async def accept(number: int) -> None:
        await host.broker.accept(number)
        dialled.append(number)

    api, driver = host.broker.next_id(), host.broker.next_id()
    accepting = asyncio.gather(accept(api), accept(driver))
    reply = await hooks.call("OnActivate", ACTIVATE, {"APIMuxId": api, "DriverMuxId": driver})
    await accepting
    return reply


async def test_both_streams_are_dialled_and_hooks_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fields that we do not know are no harm; one that is missing is zero."""
    dialled: list[int] = []
    served = HookServer(Plugin(), failed=FAILED.append).serve
    async with started(monkeypatch, served) as (host, _control, hooks, _running):
        assert await activated(host, hooks, dialled) == {}
        assert sorted(dialled) == [1, 2]
        asked = {"B": {"UserId": "u", "Command": "/hello", "SomethingNew": "x"}}
        assert (await hooks.call("ExecuteCommand", EXECUTE, asked))["A"]["Text"] == "u said /hello"
        refused = await hooks.call("ExecuteCommand", EXECUTE, {"B": {"Command": "/refuse"}})
        assert (refused["B"]["Message"], refused["B"]["StatusCode"], refused.get("A")) == ("Not now.", 403, None)
        assert "ExecuteCommand" in await hooks.call("Implemented", rpc.NOTHING, {})


async def test_a_hook_that_breaks_does_not_end_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does a reply that Go could not decode: it is never written. The person is told, by neither name nor cause."""
    served = HookServer(Plugin(), failed=FAILED.append).serve
    async with started(monkeypatch, served) as (host, _control, hooks, _running):
        await activated(host, hooks, [])
        for command in ("/break", "/wrong"):
            told = await hooks.call("ExecuteCommand", EXECUTE, {"B": {"Command": command}})
            assert (told["A"]["ResponseType"], told.get("B")) == ("ephemeral", None)
            assert "failed" in told["A"]["Text"]
            assert "secret" not in str(told)
        assert FAILED == ["ExecuteCommand", "ExecuteCommand"]
        still = await hooks.call("ExecuteCommand", EXECUTE, {"B": {"UserId": "u", "Command": "/hello"}})
        assert still["A"]["Text"] == "u said /hello"


async def test_an_activation_that_fails_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """An RPC error would count as success."""
    served = HookServer(Plugin(ValueError("no database")), failed=FAILED.append).serve
    async with started(monkeypatch, served) as (host, _control, hooks, _running):
        reply = await activated(host, hooks, [])
        assert reply["A"] == Interface("*plugin.ErrorString", {"Err": "no database"})


async def test_an_application_that_does_not_start_is_an_answer_too(monkeypatch: pytest.MonkeyPatch) -> None:
    async def breaks(_app: web.Application) -> None:
        raise ValueError("no room")

    app = web.Application()
    app.on_startup.append(breaks)
    served = HookServer(Plugin(application=app), failed=FAILED.append).serve
    async with started(monkeypatch, served) as (host, _control, hooks, _running):
        reply = await activated(host, hooks, [])
        assert reply["A"] == Interface("*plugin.ErrorString", {"Err": "no room"})
