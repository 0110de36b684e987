"""ServeHTTP: a request that Mattermost hands over, through an aiohttp application, streamed both ways.

The body is a stream on which we say how much we want (a signed varint) and then get that much; the answer is net/rpc
calls on another stream: SyncHeader, WriteHeader, Write.
"""

import asyncio
from collections.abc import Awaitable
from typing import Any

from aiohttp import HttpVersion11, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_parser import RawRequestMessage
from aiohttp.streams import EMPTY_PAYLOAD, StreamReader
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from plugin.runtime import rpc
from plugin.runtime.broker import Broker
from plugin.runtime.gob import Opaque
from plugin.runtime.gob.schema import BYTES, INT, STRING, STRINGS, Map
from plugin.runtime.yamux import Ended, Stream

_HEADERS = Map(STRING, STRINGS)
_ALL = 1 << 40
"""Asked for once, it means: all of the body, then close."""
_BODY_LIMIT = 1 << 16
_PIECE = 1 << 16


def varint(value: int) -> bytes:
    """Go's signed varint."""
    value = value << 1 if value >= 0 else ~(value << 1)
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


class _Writer(AbstractStreamWriter):
    """What aiohttp writes an answer to; each write is a call that is waited for, for their order counts."""

    def __init__(self, client: rpc.Client) -> None:
        self._client = client
        self._loop = asyncio.get_running_loop()
        self.buffer_size = self.output_size = 0
        self.length = 0
        self.ended = False

    async def write_headers(self, status_line: str, headers: "CIMultiDict[str]") -> None:
        status = int(status_line.split(" ", 2)[1])
        listed: dict[str, list[str]] = {}
        for name, value in headers.items():
            if name.lower() not in ("transfer-encoding", "connection"):  # Mattermost frames the answer itself
                listed.setdefault(name.title(), []).append(value)
        await self._client.call("SyncHeader", _HEADERS, listed)
        if status != 200:  # which it is when nothing else is said
            await self._client.call("WriteHeader", INT, status)

    async def write(self, chunk: Any, *, drain: bool = True, LIMIT: int = 0x10000) -> None:  # noqa: N803, ARG002 - aiohttp's names
        data = bytes(chunk)
        for start in range(0, len(data), _PIECE):
            await self._client.call("Write", BYTES, data[start : start + _PIECE])

    async def write_eof(self, chunk: bytes = b"") -> None:
        if self.ended:
            return
        self.ended = True
        await self.write(chunk)

    async def drain(self) -> None:
        """Every write has been taken already."""

    def enable_compression(self, encoding: str = "deflate", strategy: int | None = None) -> None:
        raise NotImplementedError("answers are compressed by whoever stands in front of Mattermost")

    def enable_chunking(self) -> None:
        """Mattermost frames the answer itself."""


class _Protocol(asyncio.BaseProtocol):
    """As much of aiohttp's protocol object as a request and its body ask for."""

    def __init__(self) -> None:
        self.flowing = asyncio.Event()
        self.flowing.set()
        self.transport: asyncio.Transport | None = None
        self.ssl_context = None
        self.peername = self.sockname = None
        self.connected = True
        self.max_field_size, self.max_headers = 8190, 128

    def pause_reading(self) -> None:
        self.flowing.clear()

    def resume_reading(self, resume_parser: bool = True) -> None:  # noqa: ARG002 - aiohttp's signature
        self.flowing.set()


class HttpBridge:
    """An aiohttp application behind ServeHTTP."""

    def __init__(self, application: web.Application) -> None:
        self._application = application

    @classmethod
    async def of(cls, application: web.Application) -> "HttpBridge":
        """Around an application that is started here, as aiohttp's own server would."""
        application.freeze()
        await application.startup()
        return cls(application)

    async def serve(self, broker: Broker, arguments: Any) -> None:
        """One request, to its end. All streams that are named have to be dialled, also those that nobody wants."""
        answers, acknowledged = await broker.begin(arguments["ResponseWriterStream"])
        body_id = arguments.get("RequestBodyStream", 0)
        body = await broker.dial(body_id) if body_id else None
        client = rpc.Client(answers, before=acknowledged)
        reading = asyncio.ensure_future(client.run())
        feeding: asyncio.Future[None] | None = None
        try:
            payload: StreamReader = EMPTY_PAYLOAD
            if body is not None:
                protocol: Any = _Protocol()
                payload = StreamReader(protocol, _BODY_LIMIT, loop=asyncio.get_running_loop())
                feeding = asyncio.ensure_future(_feed(body, payload, protocol.flowing))
            writer = _Writer(client)
            await self._answer(self._request(arguments["Request"], payload, writer), writer)
        finally:
            if feeding:
                feeding.cancel()
                await asyncio.gather(feeding, return_exceptions=True)
            if body is not None:
                await _quietly(body.close())
            await _quietly(answers.close())
            reading.cancel()

    async def _answer(self, request: web.Request, writer: _Writer) -> None:
        try:
            response = await self._application._handle(request)  # noqa: SLF001 - what aiohttp's own server calls
        except web.HTTPException as refusal:
            response = refusal
        await response.prepare(request)
        await response.write_eof()
        await writer.write_eof()

    def _request(self, asked: dict[str, Any], payload: StreamReader, writer: AbstractStreamWriter) -> web.Request:
        headers: CIMultiDict[str] = CIMultiDict()
        for name, values in (asked.get("Header") or {}).items():
            for value in values:
                headers.add(name, value)
        if "Host" not in headers:
            headers["Host"] = asked.get("Host", "")
        address = asked.get("URL")
        path = (address.data.decode() if isinstance(address, Opaque) else "") or "/"
        message = RawRequestMessage(
            asked.get("Method", "GET") or "GET", path, HttpVersion11, CIMultiDictProxy(headers),
            tuple((name.encode(), value.encode()) for name, value in headers.items()), False, None, False, False,
            URL(path, encoded=True),
        )  # fmt: skip
        protocol: Any = _Protocol()
        task: Any = asyncio.current_task()
        return self._application._make_request(  # noqa: SLF001 - what aiohttp's own server calls
            message, payload, protocol, writer, task
        )


async def _feed(stream: Stream, payload: StreamReader, flowing: asyncio.Event) -> None:
    """The request's body, no faster than it is read."""
    try:
        await stream.write(varint(_ALL))
        while chunk := await stream.read_some(_PIECE):
            payload.feed_data(chunk)
            await flowing.wait()
        payload.feed_eof()
    except Ended:
        payload.set_exception(ConnectionResetError("the client is gone"))


async def _quietly(closing: Awaitable[None]) -> None:
    try:
        await closing
    except Ended:
        return
