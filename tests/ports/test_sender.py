"""The sender against a data plane that answers all there is to answer: nothing is lost, neighbours do not wait."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Sequence

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from telemetry.sender import MAX_BATCH_BYTES, QueuedEvent, Sender
from telemetry.switch import Destination, Switch
from telemetry.wire import Installation

INSTALLATION = Installation(id="d" * 26, server_version="5.35.0", plugin_version="0.1.0")


class Rows:
    """`telemetry.sender.Queue` in memory; `now` is a clock that is set."""

    def __init__(self, payloads: Sequence[str]) -> None:
        self.now = 1_000_000
        self.due = {str(number): 0 for number in range(len(payloads))}
        self._payloads = payloads

    async def claim(self, limit: int) -> Sequence[QueuedEvent]:
        ids = [key for key, at in self.due.items() if at <= self.now][:limit]
        return [QueuedEvent(message_id=key, payload=self._payloads[int(key)], attempts=0) for key in ids]

    async def done(self, message_ids: Sequence[str]) -> None:
        for key in message_ids:
            del self.due[key]

    async def later(self, message_ids: Sequence[str], *, pause_ms: int) -> None:
        for key in message_ids:
            self.due[key] = self.now + pause_ms


class DataPlane:
    """Answers what it is told to, by status and headers; keeps what it accepts."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.poison = ""
        self.accepted: list[str] = []
        self.sizes: list[int] = []
        self.requests = 0
        self.arrived = asyncio.Event()
        self.open = asyncio.Event()
        self.open.set()

    async def batch(self, request: web.Request) -> web.Response:
        self.requests += 1
        self.arrived.set()
        await self.open.wait()
        raw = await request.read()
        body = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
        self.sizes.append(len(body))
        ids: list[str] = [event["id"] for event in json.loads(body)["batch"]]
        if self.poison in ids:
            return web.Response(status=400, text="bad event")
        if self.answers:
            status, headers = self.answers.pop(0)
            return web.Response(status=status, headers=headers)
        self.accepted += ids
        return web.Response()


@pytest.fixture
async def plane() -> DataPlane:
    return DataPlane()


@pytest.fixture
async def switch(plane: DataPlane) -> AsyncIterator[Switch]:
    app = web.Application(client_max_size=8_000_000)
    app.router.add_post("/v1/batch", plane.batch)
    async with TestServer(app) as server:
        switch = Switch()
        switch.turn_on(Destination(url=str(server.make_url("/")), write_key="k"), INSTALLATION)
        yield switch


def rows(count: int, *, size: int = 0) -> Rows:
    return Rows([json.dumps({"id": str(number), "pad": "x" * size}) for number in range(count)])


def sender(queue: Rows, switch: Switch, http: aiohttp.ClientSession) -> Sender:
    return Sender(queue=queue, switch=switch, session=http, now=lambda: queue.now)


@pytest.mark.parametrize("poison", [0, 1, 99, 100, 249])
async def test_one_bad_event_does_not_hold_up_its_neighbours(
    plane: DataPlane, switch: Switch, http: aiohttp.ClientSession, poison: int
) -> None:
    """Found by halves; it is tried again in an hour, by itself."""
    queue = rows(250)
    plane.poison = str(poison)
    assert await sender(queue, switch, http).send_once() == 249
    assert sorted(plane.accepted, key=int) == [str(n) for n in range(250) if n != poison]
    assert queue.due == {str(poison): queue.now + 3_600_000}
    assert plane.requests <= 20


@pytest.mark.parametrize("status", [401, 403, 404, 302])
async def test_who_does_not_know_us_is_left_alone_for_an_hour(
    plane: DataPlane, switch: Switch, http: aiohttp.ClientSession, status: int
) -> None:
    """Unless the destination changes: then at once."""
    queue = rows(3)
    plane.answers = [(status, {"Location": "http://127.0.0.1:1/"})]
    sending = sender(queue, switch, http)
    assert await sending.send_once() == 0
    queue.due["new"] = 0
    assert await sending.send_once() == 0
    assert plane.requests == 1
    del queue.due["new"]
    queue.now += 3_600_000
    assert await sending.send_once() == 3


async def test_a_new_key_is_tried_at_once(plane: DataPlane, switch: Switch, http: aiohttp.ClientSession) -> None:
    queue = rows(3)
    plane.answers = [(401, {})]
    sending = sender(queue, switch, http)
    await sending.send_once()
    queue.due = dict.fromkeys(queue.due, 0)
    assert switch.destination
    switch.turn_on(Destination(url=switch.destination.url, write_key="new"), INSTALLATION)
    assert await sending.send_once() == 3


@pytest.mark.parametrize(("headers", "least"), [({"Retry-After": "120"}, 120_000), ({"Retry-After": "99999"}, 300_000)])
async def test_a_wish_to_wait_is_respected_up_to_five_minutes(
    plane: DataPlane, switch: Switch, http: aiohttp.ClientSession, headers: dict[str, str], least: int
) -> None:
    queue = rows(2)
    plane.answers = [(429, headers)]
    sending = sender(queue, switch, http)
    assert await sending.send_once() == 0
    assert set(queue.due.values()) == {queue.now + least}


async def test_turning_off_breaks_off_what_is_under_way(
    plane: DataPlane, switch: Switch, http: aiohttp.ClientSession
) -> None:
    """And leaves the rows to whoever purges them."""
    queue = rows(3)
    plane.open.clear()
    sending = sender(queue, switch, http)
    under_way = asyncio.ensure_future(sending.send_once())
    await plane.arrived.wait()
    switch.turn_off()
    await sending.break_off()
    assert await under_way == 0
    assert len(queue.due) == 3
    await sending.break_off()
    plane.open.set()


async def test_no_batch_is_larger_than_receivers_take(
    plane: DataPlane, switch: Switch, http: aiohttp.ClientSession
) -> None:
    """Those that do not fit are next, in order."""
    queue = rows(100, size=16_000)
    sending = sender(queue, switch, http)
    while queue.due:
        assert await sending.send_once() > 0
    assert plane.accepted == [str(number) for number in range(100)]
    assert max(plane.sizes) <= MAX_BATCH_BYTES
