"""The sandbox as Mattermost is for a native plugin: starts its process, calls its hooks, answers its API calls."""

import asyncio
import json
import string
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web

from plugin.runtime import models, rpc
from plugin.runtime.api import METHODS, Fails, Method
from plugin.runtime.broker import Broker
from plugin.runtime.gob.schema import (
    BOOL,
    BYTES,
    INT,
    INTERFACE,
    STRING,
    STRINGS,
    UINT,
    Map,
    SelfEncoding,
    Struct,
    Type,
)
from plugin.runtime.gob.values import Interface, Opaque
from plugin.runtime.hooks import HOOKS
from plugin.runtime.models import from_go, to_go
from plugin.runtime.process import COOKIE
from plugin.runtime.yamux import Ended, Session, Stream

HANDSHAKE_S = 3
HEALTH_CHECK_S = 30
Callee = Callable[[str, list[Any]], Awaitable[list[Any]]]

_ACTIVATE = Struct("Z_OnActivateArgs", {"APIMuxId": UINT})
_REQUEST = Struct(
    "Request",
    {"Method": STRING, "URL": SelfEncoding("URL", binary=True), "Header": Map(STRING, STRINGS), "Host": STRING},
)
_SERVE = Struct("Z_ServeHTTPArgs", {"ResponseWriterStream": UINT, "Request": _REQUEST, "RequestBodyStream": UINT})
_HTTP_REPLY = Struct(
    "Z_PluginHTTPReturns", {"Response": Struct("Response", {"StatusCode": INT}), "ResponseBody": BYTES}
)
_HOOK_ARGUMENTS = {
    name: Struct(f"Z_{name}Args", dict(zip(string.ascii_uppercase, hook.arguments, strict=False)))
    for name, hook in HOOKS.items()
}


class PluginDied(Exception):
    """The process could not be started, or is gone."""


class NativeProcess:
    """One life of the plugin's process."""

    def __init__(self, command: Sequence[str], callee: Callee, *, environment: dict[str, str]) -> None:
        """`callee` carries out API calls: name and arguments to results, the error last, as JSON values."""
        self._command = command
        self._callee = callee
        self._environment = {**environment, COOKIE[0]: COOKIE[1], "PLUGIN_PROTOCOL_VERSIONS": "1"}
        self._tasks: list[asyncio.Future[Any]] = []
        self._process: asyncio.subprocess.Process | None = None
        self._broker: Broker | None = None
        self._hooks: rpc.Client | None = None
        self._control: rpc.Client | None = None
        self.session: Session | None = None

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    async def start(self) -> None:
        """Raises PluginDied."""
        self._process = await asyncio.create_subprocess_exec(
            *self._command, stdout=asyncio.subprocess.PIPE, stderr=None, env=self._environment
        )
        if self._process.stdout is None:
            raise PluginDied("no stdout")
        try:
            line = await asyncio.wait_for(self._process.stdout.readline(), HANDSHAKE_S)
        except TimeoutError as error:
            raise PluginDied(f"no handshake within {HANDSHAKE_S} s") from error
        parts = line.decode().strip().split("|")
        if parts[:3] != ["1", "1", "unix"] or parts[4:5] != ["netrpc"]:
            raise PluginDied("not a handshake")
        self.session = Session(*await asyncio.open_unix_connection(parts[3]), client=True)
        self._run(self.session.run())
        control = self._control = await self._client(await self.session.open())
        await self.session.open()
        await self.session.open()
        self._broker = Broker(self.session)
        self._run(self._hand_over(self.session, self._broker))
        self._run(_look_after(control))
        number = await control.call_service("Dispenser.Dispense", STRING, "hooks")
        self._hooks = await self._client(await self._broker.dial(number))
        await self._hooks.call("Implemented", rpc.NOTHING, {})
        api = self._broker.next_id()
        self._run(self._serve_api(api))
        reply = await self._hooks.call("OnActivate", _ACTIVATE, {"APIMuxId": api})
        if reply.get("A"):
            raise PluginDied(f"the activation failed: {models.error_of(reply['A'])}")

    async def stop(self) -> None:
        """OnDeactivate, and the end of the connection."""
        if self._hooks and self._control and self.session and not self.session.over.is_set():
            try:
                async with asyncio.timeout(5):
                    await self._hooks.call("OnDeactivate", rpc.NOTHING, {})
                    await self._control.call_service("Control.Quit", BOOL, True)
            except (Ended, rpc.RpcError, TimeoutError):
                pass
        if self.session:
            self.session.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._process and self._process.returncode is None:
            try:
                await asyncio.wait_for(self._process.wait(), 5)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()

    async def hook(self, name: str, args: list[Any]) -> list[Any]:
        """Raises PluginDied."""
        if self._hooks is None:
            raise PluginDied("not started")
        hook = HOOKS[name]
        letters = zip(string.ascii_uppercase, hook.arguments, args, strict=False)
        given = {letter: to_go(kind, value) for letter, kind, value in letters}
        try:
            reply = await self._hooks.call(name, _HOOK_ARGUMENTS[name], given)
        except Ended as error:
            raise PluginDied("the plugin is gone") from error
        results = zip(string.ascii_uppercase, hook.results, strict=False)
        return [_result(kind, reply.get(letter)) for letter, kind in results]

    # -- HTTP

    async def serve_http(self, request: web.Request) -> web.StreamResponse:
        """Hand a request over by ServeHTTP, bodies streamed both ways."""
        if self._broker is None or self._hooks is None:
            raise web.HTTPServiceUnavailable
        answer = _Answer(request)
        answers, body = self._broker.next_id(), self._broker.next_id() if request.body_exists else 0
        serving = asyncio.ensure_future(self._serve_answer(answers, answer))
        feeding = asyncio.ensure_future(self._feed(body, request)) if body else None
        headers: dict[str, list[str]] = {}
        for name, value in request.headers.items():
            headers.setdefault(name.title(), []).append(value)
        asked = {"Method": request.method, "URL": Opaque(request.raw_path.encode()), "Header": headers}
        try:
            await self._hooks.call(
                "ServeHTTP",
                _SERVE,
                {"ResponseWriterStream": answers, "Request": asked, "RequestBodyStream": body},
            )
            await serving
        except rpc.RpcError:
            if answer.response is None:
                return web.Response(status=500, text="The plugin failed.\n")
        except Ended:
            if answer.response is None:
                return web.Response(status=503, text="The plugin does not answer.\n")
        finally:
            for task in filter(None, (serving, feeding)):
                task.cancel()
        return await answer.ended(whole=not self._gone())

    async def request(self, method: str, path: str) -> tuple[int, bytes]:
        """A request of the sandbox's own, without a body: status and body of the answer. Raises PluginDied."""
        if self._hooks is None:
            raise PluginDied("not started")
        answers, collected = self._required_broker().next_id(), _Collected()
        serving = asyncio.ensure_future(self._serve_answer(answers, collected))
        asked = {"Method": method, "URL": Opaque(path.encode()), "Header": {}}
        try:
            await self._hooks.call("ServeHTTP", _SERVE, {"ResponseWriterStream": answers, "Request": asked})
            await serving
        except (Ended, rpc.RpcError):
            return 500, b""
        finally:
            serving.cancel()
        return collected.status, bytes(collected.body)

    def _gone(self) -> bool:
        return self.session is None or self.session.over.is_set()

    async def _serve_answer(self, number: int, answer: "_Answer | _Collected") -> None:
        stream = await self._required_broker().accept(number)
        await rpc.Server(stream, answer.methods, failed=_ignored).serve()

    async def _feed(self, number: int, request: web.Request) -> None:
        stream = await self._required_broker().accept(number)
        while (wanted := await _varint(stream)) is not None:
            while wanted > 0 and (chunk := await request.content.read(min(wanted, 65_536))):
                wanted -= len(chunk)
                await stream.write(chunk)
            if wanted:
                await stream.close()
                return

    # -- the plugin's calls

    async def _serve_api(self, number: int) -> None:
        stream = await self._required_broker().accept(number)
        methods = {f"Plugin.{name}": self._api_method(name, method) for name, method in METHODS.items()}
        methods["Plugin.PluginHTTP"] = self._plugin_http
        await rpc.Server(stream, methods, failed=_ignored).serve()

    def _api_method(self, name: str, method: Method) -> rpc.Handler:
        returns = _returns(name, method)

        async def call(arguments: Any) -> rpc.Reply:
            letters = zip(string.ascii_uppercase, method.arguments, strict=False)
            results = await self._callee(name, [from_go(kind, arguments.get(letter)) for letter, kind in letters])
            if name == "LoadPluginConfiguration":  # crosses as the text that Go's client library decodes
                results = [json.dumps(results[0])]
            error = results.pop() if method.fails is not Fails.NEVER else None
            named = zip(string.ascii_uppercase, method.results, results, strict=False)
            reply = {letter: to_go(kind, value) for letter, kind, value in named}
            if error:
                reply[string.ascii_uppercase[len(method.results)]] = _failure(method, error)
            return returns, reply

        return call

    async def _plugin_http(self, arguments: Any) -> rpc.Reply:
        """A plugin asks a plugin; there is but this one. Its address begins with the id of the one that is asked."""
        if self._hooks is None or "Header" not in arguments["Request"]:
            raise PluginDied("a real Mattermost would end here: it adds to the request's headers")
        path = "/" + arguments["Request"]["URL"].data.decode().split("/", 2)[2]
        status, body = await self.request(arguments["Request"]["Method"], path)
        return _HTTP_REPLY, {"Response": {"StatusCode": status}, "ResponseBody": body}

    # -- parts

    def _required_broker(self) -> Broker:
        if self._broker is None:
            raise PluginDied("not started")
        return self._broker

    def _run(self, work: Any) -> None:
        self._tasks.append(asyncio.ensure_future(work))

    async def _client(self, stream: Stream) -> rpc.Client:
        client = rpc.Client(stream)
        self._run(client.run())
        return client

    async def _hand_over(self, session: Session, broker: Broker) -> None:
        while True:
            self._run(broker.arrived(await session.accept()))


class _Collected:
    """An answer that is kept, for another plugin."""

    def __init__(self) -> None:
        self.status = 200
        self.body = bytearray()
        self.methods: dict[str, rpc.Handler] = {
            "Plugin.SyncHeader": self._sync_header,
            "Plugin.WriteHeader": self._write_header,
            "Plugin.Write": self._write,
        }

    async def _sync_header(self, _arguments: Any) -> rpc.Reply:
        return rpc.NOTHING, {}

    async def _write_header(self, arguments: Any) -> rpc.Reply:
        self.status = int(arguments)
        return rpc.NOTHING, {}

    async def _write(self, arguments: Any) -> rpc.Reply:
        self.body += arguments
        return rpc.NOTHING, {}


class _Answer:
    """The browser's answer, as the plugin writes it."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self._headers: dict[str, list[str]] = {}
        self._status = 200
        self.response: web.StreamResponse | None = None
        self.methods: dict[str, rpc.Handler] = {
            "Plugin.Header": self._header,
            "Plugin.SyncHeader": self._sync_header,
            "Plugin.WriteHeader": self._write_header,
            "Plugin.Write": self._write,
        }

    async def ended(self, *, whole: bool) -> web.StreamResponse:
        """An answer that was cut off is not ended as if it were whole."""
        response = await self._started()
        if whole:
            await response.write_eof()
        elif self._request.transport:
            self._request.transport.close()
        return response

    async def _started(self) -> web.StreamResponse:
        if self.response is None:
            self.response = web.StreamResponse(status=self._status)
            for name, values in self._headers.items():
                for value in values:
                    self.response.headers.add(name, value)
            await self.response.prepare(self._request)
        return self.response

    async def _header(self, _arguments: Any) -> rpc.Reply:
        return Map(STRING, STRINGS), self._headers

    async def _sync_header(self, arguments: Any) -> rpc.Reply:
        self._headers = dict(arguments)
        return rpc.NOTHING, {}

    async def _write_header(self, arguments: Any) -> rpc.Reply:
        self._status = int(arguments)
        await self._started()
        return rpc.NOTHING, {}

    async def _write(self, arguments: Any) -> rpc.Reply:
        await (await self._started()).write(arguments)
        return rpc.NOTHING, {}


def _returns(name: str, method: Method) -> Struct:
    kinds: list[Type] = list(method.results)
    if method.fails is Fails.APP_ERROR:
        kinds.append(models.APP_ERROR)
    elif method.fails is Fails.ERROR:
        kinds.append(INTERFACE)
    return Struct(f"Z_{name}Returns", dict(zip(string.ascii_uppercase, kinds, strict=False)))


def _failure(method: Method, error: dict[str, Any]) -> Any:
    converted = to_go(models.APP_ERROR, error)
    return converted if method.fails is Fails.APP_ERROR else Interface("*model.AppError", converted)


def _result(kind: Type, value: Any) -> Any:
    return models.error_of(value) if kind in (INTERFACE, models.APP_ERROR) else from_go(kind, value)


async def _look_after(control: rpc.Client) -> None:
    """Mattermost's health check; a death is noticed by the end of the connection, so its answer tells nothing here."""
    while True:
        await asyncio.sleep(HEALTH_CHECK_S)
        await control.call_service("Control.Ping", BOOL, True)


async def _varint(stream: Stream) -> int | None:
    """How many bytes the plugin wants; None when it wants no more."""
    value = shift = 0
    while True:
        try:
            (byte,) = await stream.read_exactly(1)
        except Ended:
            return None
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value >> 1
        shift += 7


def _ignored(_name: str) -> None:
    """The sandbox's own mistakes come back to the plugin as errors, and from there into its log."""
