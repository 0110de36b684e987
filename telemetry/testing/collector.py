"""A data plane, and a place to phone home to, in this process: keeps what it gets, and fails when it is told to."""

import asyncio
import gzip
import json
import zlib
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from aiohttp import web

from telemetry.testing.judging import fault_of

_PAGE = Path(__file__).parent / "page.html"


class Failure(StrEnum):
    """What else can go wrong than a status."""

    HANG = "hang"
    """No answer until the client gives up."""
    RESET = "reset"
    """The connection ends before anything was read."""
    REPLY_LOST = "reply_lost"
    """Accepted, but the connection ends before the answer."""
    TRUNCATED = "truncated"
    """Accepted; the answer promises more bytes than it has."""
    BROKEN_BODY = "broken_body"
    """Accepted; the connection ends after the headers of the answer."""
    SILENT_BODY = "silent_body"
    """Accepted; nothing comes after the headers of the answer."""
    BAD_ENCODING = "bad_encoding"
    """Accepted; the answer says that it is gzip, and is not."""
    PORTAL = "portal"
    """Somebody in between answers 200 with a page of HTML, and keeps what was for us."""


_HEADERS_ONLY = (Failure.TRUNCATED, Failure.BROKEN_BODY, Failure.SILENT_BODY)
Answer = int | tuple[int, Mapping[str, str]] | Failure


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came; `body` is what its bytes mean, without gzip."""

    path: str
    headers: Mapping[str, str]
    raw: bytes
    body: Any


@dataclass
class FakeCollector:
    """`answers` are used up one a request, then `always` counts. `poison` are message ids that spoil a batch (400)."""

    answers: deque[Answer] = field(default_factory=deque)
    always: Answer = 200
    poison: set[str] = field(default_factory=set)
    url: str = ""
    """Base URL while it is served."""
    requests: list[Received] = field(default_factory=list)
    """All of them, refused ones too."""
    events: list[dict[str, Any]] = field(default_factory=list)
    """Accepted, repetitions too, in the order in which they came."""
    records: list[dict[str, Any]] = field(default_factory=list)
    """Accepted by `/phone-home`."""
    bad: list[dict[str, Any]] = field(default_factory=list)
    """Accepted, but not as TELEMETRY.md says: `fault` and `event`."""
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by each request."""
    decide: Callable[[Received], Answer | None] | None = None
    """Asked first; None: the others decide."""
    hold: asyncio.Event | None = None
    """No answer before it is set."""

    def __contains__(self, wanted: object) -> bool:
        return any(wanted == one for one in self.events)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.events)

    @property
    def message_ids(self) -> set[str]:
        return {event["messageId"] for event in self.events}

    @property
    def failing(self) -> bool:
        """Whether every request is answered 503."""
        return self.always == 503

    @failing.setter
    def failing(self, failing: bool) -> None:
        self.always = 503 if failing else 200

    def reset(self) -> None:
        """Forget everything."""
        for kept in (self.requests, self.events, self.records, self.bad, self.answers, self.poison):
            kept.clear()
        self.always, self.decide, self.hold = 200, None, None

    def routes(self, prefix: str = "") -> list[web.RouteDef]:
        """For any application: `/v1/batch`, `/phone-home`; to look: `/all`, `/good`, `/bad`, `/reset`, and a page."""
        return [
            web.post(f"{prefix}/v1/batch", self._batch),
            web.post(f"{prefix}/phone-home", self._record),
            web.get(f"{prefix}/all", self._all),
            web.get(f"{prefix}/good", self._good),
            web.get(f"{prefix}/bad", self._bad),
            web.post(f"{prefix}/reset", self._reset),
            web.get(prefix or "/", self._page),
        ]

    @asynccontextmanager
    async def serving(self, port: int = 0) -> AsyncIterator["FakeCollector"]:
        """On this machine, at `url`."""
        app = web.Application(client_max_size=16_000_000)
        app.add_routes(self.routes())
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _batch(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, self._take_batch)

    async def _record(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, self.records.append)

    def _take_batch(self, body: Any) -> None:
        for event in body["batch"]:
            self.events.append(event)
            if fault := fault_of(event):
                self.bad.append({"fault": fault, "event": event})

    async def _answer(self, request: web.Request, take: Callable[[Any], None]) -> web.StreamResponse:
        raw = await request.read()
        try:
            body = json.loads(gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw)
        except (ValueError, OSError, EOFError, zlib.error):
            body = None
        received = Received(request.path, dict(request.headers), raw, body)
        self.requests.append(received)
        self.arrived.set()
        answer = self._decided(received)
        if self.hold:
            await self.hold.wait()
        if answer is Failure.HANG:
            await asyncio.Event().wait()
        if answer is Failure.PORTAL:
            return web.Response(text="<html>Accept our conditions.</html>", content_type="text/html")
        status, headers = answer if isinstance(answer, tuple) else (answer if isinstance(answer, int) else 200, {})
        if 200 <= status < 300 and answer is not Failure.RESET:
            take(body)
        if isinstance(answer, Failure):
            return await _failing(request, answer)
        return web.Response(status=status, headers=headers, text="ok" if status == 200 else "")

    def _decided(self, received: Received) -> Answer:
        if received.body is None:
            return 400
        said = self.decide(received) if self.decide else None
        if said is not None:
            return said
        if self.poison and {event.get("messageId") for event in received.body.get("batch", ())} & self.poison:
            return 400
        return self.answers.popleft() if self.answers else self.always

    async def _all(self, _request: web.Request) -> web.Response:
        bad = len(self.bad)
        return web.json_response({"total": len(self.events), "good": len(self.events) - bad, "bad": bad})

    async def _good(self, request: web.Request) -> web.Response:
        """`?after=n`: those behind the first n that came."""
        after = request.query.get("after", "0")
        number = int(after) if after.isascii() and after.isdigit() else 0
        bad = [one["event"] for one in self.bad]
        return web.json_response(
            {
                "total": len(self.events),
                "events": [event for event in self.events[number:] if event not in bad],
                "records": self.records[-1:],
            }
        )

    async def _bad(self, _request: web.Request) -> web.Response:
        return web.json_response(self.bad)

    async def _reset(self, _request: web.Request) -> web.Response:
        self.reset()
        return web.json_response({})

    async def _page(self, _request: web.Request) -> web.Response:
        return web.Response(text=_PAGE.read_text(), content_type="text/html")


async def _failing(request: web.Request, how: Failure) -> web.StreamResponse:
    """An answer that is none, or breaks off."""
    if how is Failure.BAD_ENCODING:
        return web.Response(headers={"Content-Encoding": "gzip"}, body=b"not gzip at all")
    if request.transport:
        if how in _HEADERS_ONLY:
            request.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
        if how is Failure.TRUNCATED:
            request.transport.write(b"o")
        if how is Failure.SILENT_BODY:
            await asyncio.Event().wait()
        request.transport.abort() if how is Failure.RESET else request.transport.close()
    return web.Response()  # into nothing
