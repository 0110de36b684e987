"""Go's net/rpc on a stream: one gob encoder and one decoder for each direction, many calls in flight.

A request is gob(Request) gob(arguments), a response gob(Response) gob(reply); with an error the reply is empty.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from plugin.runtime.gob import Decoder, Encoder, GobError
from plugin.runtime.gob.decode import MAX_MESSAGE
from plugin.runtime.gob.schema import STRING, UINT, Struct, Type
from plugin.runtime.yamux import Ended, Stream

REQUEST = Struct("Request", {"ServiceMethod": STRING, "Seq": UINT})
RESPONSE = Struct("Response", {"ServiceMethod": STRING, "Seq": UINT, "Error": STRING})
NOTHING = Struct("InvalidRequest")
SERVICE = "Plugin"

Reply = tuple[Type, Any]
Handler = Callable[[Any], Awaitable[Reply]]
"""Takes the arguments as they were decoded, answers the reply's schema and value."""


class RpcError(Exception):
    """The other side answered an error; `str()` is its text."""


class Values:
    """Reads values from a stream, one after the other."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._decoder = Decoder()

    async def next(self) -> Any:
        """Raises Ended, GobError."""
        while True:
            message = await self._stream.read_exactly(await self._length())
            complete, value = self._decoder.feed(message)
            if complete:
                return value

    async def _length(self) -> int:
        first = (await self._stream.read_exactly(1))[0]
        length = first
        if first >= 0x80:
            if 256 - first > 8:
                raise GobError("a length of more than 8 bytes")
            length = int.from_bytes(await self._stream.read_exactly(256 - first), "big")
        if length > MAX_MESSAGE:
            raise GobError("message too long")
        return length


class Server:
    """Answers the calls of one stream, each as it comes, in any order."""

    def __init__(self, stream: Stream, methods: Mapping[str, Handler], *, failed: Callable[[str], None]) -> None:
        """`methods` by full name, "Plugin.OnActivate"; `failed` is told, inside `except`, of a method that broke."""
        self._stream = stream
        self._methods = methods
        self._failed = failed
        self._encoder = Encoder()
        self._running: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        """Until the stream ends. Raises GobError when it is broken."""
        values = Values(self._stream)
        try:
            while True:
                request, arguments = await values.next(), await values.next()
                call = self._call(request.get("ServiceMethod", ""), request.get("Seq", 0), arguments)
                task = asyncio.create_task(call)  # noqa: TID251 - ended with the stream, below
                self._running.add(task)
                task.add_done_callback(self._running.discard)
        except Ended:
            return
        finally:
            for task in self._running:
                task.cancel()

    async def _call(self, name: str, number: int, arguments: Any) -> None:
        method = self._methods.get(name)
        error = ""
        reply: Reply = (NOTHING, {})
        if method is None:
            error = f"rpc: can't find method {name}"  # Mattermost looks for exactly these words
        else:
            try:
                reply = await method(arguments)
            except Exception:  # noqa: BLE001 - whatever breaks, the caller gets an answer
                self._failed(name)
                error = "the plugin failed; see its log"
        try:
            await self._stream.write(self._answer(name, number, error, reply))
        except Ended:
            return

    def _answer(self, name: str, number: int, error: str, reply: Reply) -> bytes:
        """A reply that does not fit its schema must never be written: it would end the connection for good."""
        head = {"ServiceMethod": name, "Seq": number}
        if not error:
            try:
                return self._encoder.encode_all(((RESPONSE, head), reply))
            except GobError:
                self._failed(name)
                error = "the plugin's reply does not fit; see its log"
        return self._encoder.encode_all(((RESPONSE, {**head, "Error": error}), (NOTHING, {})))


def _seen(writing: "asyncio.Future[None]") -> None:
    """What went wrong is told to the caller, if there still is one."""
    if not writing.cancelled():
        writing.exception()


class Client:
    """Calls the other side's methods; `run` has to be running."""

    def __init__(self, stream: Stream, *, before: Callable[[], Awaitable[None]] | None = None) -> None:
        """`before` takes from the stream what comes before the first answer."""
        self._stream = stream
        self._before = before
        self._encoder = Encoder()
        self._number = 0
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._over = False

    async def run(self) -> None:
        """Read answers until the stream ends."""
        values = Values(self._stream)
        try:
            if self._before:
                await self._before()
            while True:
                response, body = await values.next(), await values.next()
                self._answered(response, body)
        except (Ended, GobError, TimeoutError):
            return
        finally:
            self._over = True
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_exception(Ended("the connection is gone"))

    async def call(self, method: str, kind: Type, arguments: Any) -> Any:
        """The reply, as it was decoded. Raises RpcError, Ended; GobError if the arguments do not fit."""
        return await self.call_service(f"{SERVICE}.{method}", kind, arguments)

    async def call_service(self, name: str, kind: Type, arguments: Any) -> Any:
        """The same for a method of any service, "Control.Ping"."""
        if self._over:
            raise Ended("the connection is gone")
        number = self._number
        data = self._encoder.encode_all(((REQUEST, {"ServiceMethod": name, "Seq": number}), (kind, arguments)))
        self._number += 1
        waiting = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            # Whoever gives up must not leave half a message behind: it would be the end of all later calls.
            writing = asyncio.ensure_future(self._stream.write(data))
            writing.add_done_callback(_seen)
            await asyncio.shield(writing)
            return await waiting
        finally:
            self._waiting.pop(number, None)

    def _answered(self, response: Any, body: Any) -> None:
        waiting = self._waiting.get(response.get("Seq", 0))
        if waiting is None or waiting.done():
            return
        if error := response.get("Error"):
            waiting.set_exception(RpcError(error))
        else:
            waiting.set_result(body)
