"""The hooks that Mattermost calls. A plugin's own take and answer JSON values, by the names of the Go interface."""

import string
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from aiohttp import web

from plugin.runtime import models, rpc
from plugin.runtime.api import Api
from plugin.runtime.gob import Encoder
from plugin.runtime.gob.schema import INTERFACE, STRINGS, Struct, Type
from plugin.runtime.gob.values import Interface
from plugin.runtime.http import HttpBridge
from plugin.runtime.models import from_go, to_go
from plugin.runtime.process import Connection
from plugin.runtime.watchdog import PROBE_PATH, Watchdog, is_probe
from plugin.runtime.yamux import Ended, Stream


@dataclass(frozen=True, slots=True)
class Hook:
    """Kinds of the arguments and of the results, in order."""

    arguments: Sequence[Type]
    results: Sequence[Type] = ()


_POSTED = Hook((models.CONTEXT, models.POST))
_MEMBER = Hook((models.CONTEXT, models.CHANNEL_MEMBER, models.USER))
HOOKS: dict[str, Hook] = {
    "OnDeactivate": Hook((), (INTERFACE,)),
    "OnConfigurationChange": Hook((), (INTERFACE,)),
    "ExecuteCommand": Hook((models.CONTEXT, models.COMMAND_ARGS), (models.COMMAND_RESPONSE, models.APP_ERROR)),
    "MessageHasBeenPosted": _POSTED,
    "ChannelHasBeenCreated": Hook((models.CONTEXT, models.CHANNEL)),
    "UserHasJoinedChannel": _MEMBER,
    "UserHasLeftChannel": _MEMBER,
}
"""Hooks that a plugin may have besides OnActivate and ServeHTTP, which are served here."""

_RESULTS = {
    name: Struct(f"Z_{name}Returns", dict(zip(string.ascii_uppercase, hook.results, strict=False)))
    for name, hook in HOOKS.items()
}
_ERROR = Struct("Z_ErrorReturns", {"A": INTERFACE})


BROKEN = ({"response_type": "ephemeral", "text": "That failed. An administrator finds the reason in the log."}, None)
"""ExecuteCommand's results when the plugin's own break."""


class Plugin(Protocol):
    """What a plugin author writes."""

    @property
    def hooks(self) -> Mapping[str, Callable[..., Awaitable[Sequence[Any]]]]:
        """Its hooks by name, out of `HOOKS`: each takes the arguments and answers the results, as JSON values."""

    async def activate(self, api: Api) -> web.Application | None:
        """Called once; the application answers ServeHTTP. What it raises keeps the plugin from being enabled."""

    async def close(self) -> None:
        """Called once, at the very end."""


class HookServer:
    """Serves the hooks of a plugin on the stream that was dispensed for them."""

    def __init__(self, plugin: Plugin, *, failed: Callable[[str], None], watchdog: Watchdog | None = None) -> None:
        """`failed` is told, inside `except`, of a hook that broke."""
        self._plugin = plugin
        self._watchdog = watchdog
        self._failed = failed
        self._http: HttpBridge | None = None
        self._probed: HttpBridge | None = None
        self.active = False

    async def serve(self, connection: Connection, stream: Stream) -> None:
        """Until the stream ends."""
        methods: dict[str, rpc.Handler] = {
            "Plugin.Implemented": self._implemented,
            "Plugin.OnActivate": lambda arguments: self._activate(connection, arguments),
            "Plugin.ServeHTTP": lambda arguments: self._serve_http(connection, arguments),
        }
        for name, hook in HOOKS.items():
            if name in self._plugin.hooks:
                methods[f"Plugin.{name}"] = self._handler(name, hook)
        await rpc.Server(stream, methods, failed=self._failed).serve()

    async def _implemented(self, _arguments: Any) -> rpc.Reply:
        return STRINGS, sorted({"OnActivate", "OnDeactivate", "ServeHTTP", *self._plugin.hooks})

    async def _activate(self, connection: Connection, arguments: Any) -> rpc.Reply:
        """A failure must be an answer: an RPC error would count as success."""
        try:
            api = rpc.Client(await connection.broker.dial(arguments["APIMuxId"]))
            connection.spawn(api.run())
            if arguments.get("DriverMuxId"):
                await connection.broker.dial(arguments["DriverMuxId"])  # from 6.0 on; it has to be dialled
            application = await self._plugin.activate(Api(api))
            self._http = await HttpBridge.of(application) if application is not None else None
        except Exception as error:  # noqa: BLE001 - told to the administrator
            self._failed("Plugin.OnActivate")
            return _ERROR, {"A": Interface("*plugin.ErrorString", {"Err": str(error) or type(error).__name__})}
        self._probed = await HttpBridge.of(_alive())
        self.active = True
        if self._watchdog:
            connection.spawn(self._watchdog.run(api, lambda: connection.pings))
        return _ERROR, {}

    async def _serve_http(self, connection: Connection, arguments: Any) -> rpc.Reply:
        if self._watchdog:
            self._watchdog.heard()
        http = self._probed if is_probe(arguments["Request"]) else self._http
        if http is None:
            raise RuntimeError("a request before the activation")
        with suppress(Ended):  # who asked is gone, or Mattermost is
            await http.serve(connection.broker, arguments)
        return rpc.NOTHING, {}

    def _handler(self, name: str, hook: Hook) -> rpc.Handler:
        async def handle(arguments: Any) -> rpc.Reply:
            letters = zip(string.ascii_uppercase, hook.arguments, strict=False)
            given = [from_go(kind, arguments.get(letter)) for letter, kind in letters]
            if self._watchdog:
                self._watchdog.heard(command=name == "ExecuteCommand")
            try:
                return self._answer(name, hook, await self._plugin.hooks[name](*given))
            except Exception:
                if name != "ExecuteCommand":
                    raise
                self._failed(name)  # raised on, the person would be told "command not found"
                return self._answer(name, hook, BROKEN)

        return handle

    @staticmethod
    def _answer(name: str, hook: Hook, results: Sequence[Any]) -> rpc.Reply:
        """Raises GobError for what does not fit."""
        answered = zip(string.ascii_uppercase, hook.results, results, strict=False)
        reply = _RESULTS[name], {letter: _result(kind, value) for letter, kind, value in answered}
        Encoder().encode_all((reply,))
        return reply


def _alive() -> web.Application:
    """Answers the watchdog's question, which has done its work by arriving."""

    async def alive(_request: web.Request) -> web.Response:
        return web.Response(status=204)

    app = web.Application()
    app.router.add_get(PROBE_PATH, alive)
    return app


def _result(kind: Type, value: Any) -> Any:
    if kind is INTERFACE:  # a Go error, given as its text
        return None if value is None else Interface("*plugin.ErrorString", {"Err": str(value)})
    return to_go(kind, value)
