"""Every hook and every API call, against a stand-in for Mattermost: what is said arrives, both ways."""

import asyncio
import string
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from aiohttp import web

from plugin.runtime import models, rpc
from plugin.runtime.api import METHODS, Api, Fails
from plugin.runtime.gob import Interface
from plugin.runtime.gob.schema import (
    BOOL,
    BYTES,
    FLOAT,
    INT,
    INTERFACE,
    REGISTERED,
    STRING,
    UINT,
    Basic,
    Map,
    SelfEncoding,
    Slice,
    Struct,
    Type,
)
from plugin.runtime.hooks import HOOKS, HookServer
from plugin.runtime.models import from_go, to_go
from tests.wire.test_plugin_process import ACTIVATE, FAILED, Host, started

_BASIC: dict[int, Any] = {
    STRING.id: "Küche brennt",
    INT.id: -7,
    UINT.id: 7,
    BOOL.id: True,
    FLOAT.id: 1.5,
    BYTES.id: b"bytes",
    INTERFACE.id: "anything",
}


def sample(kind: Type, depth: int = 3) -> Any:
    """A value with something in every field, as Go has it; models that hold themselves end somewhere."""
    if isinstance(kind, Basic):
        return _BASIC[kind.id]
    if isinstance(kind, Slice):
        return [sample(kind.elem, depth)] if depth else []
    if isinstance(kind, Map):
        return {"key": sample(kind.elem, depth)}
    if isinstance(kind, Struct):
        fields = kind.fields if depth else {}
        return {name: sample(inner, depth - 1) for name, inner in fields.items() if name != "AutocompleteData"}
    assert isinstance(kind, SelfEncoding), kind
    return b""


def as_json(kind: Type) -> Any:
    """The same as the plugin sees it."""
    return from_go(kind, sample(kind))


class Plugin:
    """Has every hook, and keeps what they were called with."""

    def __init__(self) -> None:
        self.api: Api | None = None
        self.called: dict[str, list[Any]] = {}
        self.hooks: dict[str, Callable[..., Awaitable[Sequence[Any]]]] = {name: self._hook(name) for name in HOOKS}

    async def activate(self, api: Api) -> web.Application | None:
        self.api = api
        return None

    async def close(self) -> None:
        """Nothing to put away."""

    def _hook(self, name: str) -> Callable[..., Awaitable[Sequence[Any]]]:
        async def call(*given: Any) -> Sequence[Any]:
            self.called[name] = list(given)
            return ["went wrong" if kind is INTERFACE else as_json(kind) for kind in HOOKS[name].results]

        return call


def positional(name: str, kinds: Sequence[Type]) -> Struct:
    return Struct(name, dict(zip(string.ascii_uppercase, kinds, strict=False)))


async def activated(host: Host, hooks: rpc.Client, methods: dict[str, rpc.Handler]) -> None:
    number = host.broker.next_id()

    async def serve() -> None:
        await rpc.Server(await host.broker.accept(number), methods, failed=FAILED.append).serve()

    host.run(serve())
    assert await hooks.call("OnActivate", ACTIVATE, {"APIMuxId": number}) == {}


@pytest.mark.parametrize("name", sorted(HOOKS))
async def test_hook(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin, hook = Plugin(), HOOKS[name]
    async with started(monkeypatch, HookServer(plugin, failed=FAILED.append).serve) as (host, _control, hooks, _run):
        await activated(host, hooks, {})
        given = {letter: sample(kind) for letter, kind in zip(string.ascii_uppercase, hook.arguments, strict=False)}
        reply = await hooks.call(name, positional(f"Z_{name}Args", hook.arguments), given)
    assert plugin.called[name] == [as_json(kind) for kind in hook.arguments]
    for letter, kind in zip(string.ascii_uppercase, hook.results, strict=False):
        if kind is INTERFACE:
            assert reply[letter] == Interface("*plugin.ErrorString", {"Err": "went wrong"})
        else:
            assert from_go(kind, reply[letter]) == as_json(kind)
    assert FAILED == []


async def test_a_call_that_is_given_up_leaves_no_half_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """Larger than the window, to a Mattermost that does not read for a while."""
    plugin, heard = Plugin(), list[str]()

    async def keep(arguments: Any) -> rpc.Reply:
        heard.append(arguments["A"])
        return rpc.NOTHING, {}

    async with started(monkeypatch, HookServer(plugin, failed=FAILED.append).serve) as (host, _control, hooks, _run):
        number = host.broker.next_id()
        accepting = asyncio.ensure_future(host.broker.accept(number))
        await hooks.call("OnActivate", ACTIVATE, {"APIMuxId": number})
        assert plugin.api
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(plugin.api.call("KVSet", "large", "x" * 1_000_000), 0.1)
        host.run(rpc.Server(await accepting, {"Plugin.KVSet": keep}, failed=FAILED.append).serve())
        assert await plugin.api.call("KVSet", "small", "y") == [None]
    assert heard == ["large", "small"]


@pytest.mark.parametrize("name", sorted(METHODS))
async def test_api_call(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin, method = Plugin(), METHODS[name]
    heard: list[Any] = []

    async def answer(arguments: Any) -> rpc.Reply:
        letters = zip(string.ascii_uppercase, method.arguments, strict=False)
        heard.extend(from_go(kind, arguments[letter]) for letter, kind in letters)
        values = {letter: sample(kind) for letter, kind in zip(string.ascii_uppercase, method.results, strict=False)}
        return positional(f"Z_{name}Returns", method.results), values

    async with started(monkeypatch, HookServer(plugin, failed=FAILED.append).serve) as (host, _control, hooks, _run):
        await activated(host, hooks, {f"Plugin.{name}": answer})
        assert plugin.api
        results = await plugin.api.call(name, *(as_json(kind) for kind in method.arguments))
    assert heard == [as_json(kind) for kind in method.arguments]
    none = [] if method.fails is Fails.NEVER else [None]
    assert results == [as_json(kind) for kind in method.results] + none
    assert FAILED == []


@pytest.mark.parametrize("name", sorted(name for name, method in METHODS.items() if method.fails is not Fails.NEVER))
async def test_api_call_that_fails(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An AppError, or an error of Go's; later servers add a code to the latter."""
    plugin, method = Plugin(), METHODS[name]
    app_error = method.fails is Fails.APP_ERROR
    text = {"id": "app.no", "message": "Not now.", "status_code": 403}
    kind: Type = models.APP_ERROR if app_error else INTERFACE
    coded = Struct("ErrorString", {"Err": STRING, "Code": INT})
    monkeypatch.setitem(REGISTERED, "*plugin.ErrorString", coded)
    value = to_go(models.APP_ERROR, text) if app_error else Interface("*plugin.ErrorString", {"Err": "No.", "Code": 3})
    letter = string.ascii_uppercase[len(method.results)]

    async def answer(_arguments: Any) -> rpc.Reply:
        return Struct(f"Z_{name}Returns", {letter: kind}), {letter: value}

    async with started(monkeypatch, HookServer(plugin, failed=FAILED.append).serve) as (host, _control, hooks, _run):
        await activated(host, hooks, {f"Plugin.{name}": answer})
        assert plugin.api
        *_, error = await plugin.api.call(name, *(as_json(kind) for kind in method.arguments))
    assert (error["message"], error["status_code"]) == (("Not now.", 403) if app_error else ("No.", 500))
