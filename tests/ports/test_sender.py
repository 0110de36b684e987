"""The way out: whatever the other side does, each committed event arrives, or its loss is counted."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from email.utils import formatdate

import aiohttp
import pytest

from plugin.jobs.runner import Job, Runner
from plugin.jobs.tidying import Tidying
from plugin.storage import telemetry_looks
from plugin.storage.database import Database
from plugin.storage.errors import DatabaseGone
from plugin.storage.event_queue import SqlEventQueue
from telemetry import sender as sending
from telemetry.destination import DataPlane
from telemetry.sender import MAX_BATCH_BYTES, REFUSED_PAUSE_MS
from telemetry.testing import Failure, FakeCollector
from telemetry.testing.collector import Answer
from telemetry.wire import iso
from tests.people import until
from tests.plans import plan
from tests.ports.telemetry_node import HOUR_MS, Clock, Node

DAY_MS = 24 * HOUR_MS


@pytest.fixture
async def node(database: Database, http: aiohttp.ClientSession, clock: Clock, collector: FakeCollector) -> Node:
    node = Node(database, http, clock)
    await node.turn_on(collector.url)
    return node


def arrived(collector: FakeCollector) -> list[str]:
    return [event["messageId"] for event in collector.events]


async def test_all_arrives_in_the_order_of_the_commits(node: Node, collector: FakeCollector) -> None:
    ids = [message_id for count in (1, 300, 7, 600) for message_id in await node.track(count)]
    assert await node.drain() == len(ids)
    assert arrived(collector) == ids
    assert max(len(request.body["batch"]) for request in collector.requests) == 250
    assert collector.bad == []
    assert (await node.waiting(), await node.counts("sent")) == (0, len(ids))


@pytest.mark.parametrize("place", [0, 1, 124, 125, 249])
async def test_one_bad_event_does_not_hold_up_its_neighbours(node: Node, collector: FakeCollector, place: int) -> None:
    """Found by halves, put aside with the answer it got, and never sent again by itself."""
    ids = await node.track(250)
    collector.poison = {ids[place]}
    assert await node.drain() == 249
    assert arrived(collector) == [one for one in ids if one != ids[place]]
    assert len(collector.requests) <= 2 * 8 + 1
    ((_, text),) = await node.database.read(lambda c: telemetry_looks.quarantined_page(c, 0))
    dead = json.loads(text)
    assert (dead["message"]["messageId"], dead["status"], dead["to"]) == (ids[place], 400, "telemetry")
    assert (await node.waiting(), await node.counts("quarantined")) == (0, 1)


async def test_all_bad_events_are_put_aside(node: Node, collector: FakeCollector) -> None:
    ids = await node.track(20)
    collector.poison = set(ids[::2])
    await node.drain()
    assert arrived(collector) == ids[1::2]
    assert await node.counts("quarantined") == 10


@pytest.mark.parametrize("status", [401, 403, 404, 410, 501, 505, 302])
async def test_who_does_not_know_us_is_left_alone_for_an_hour(
    node: Node, collector: FakeCollector, clock: Clock, http: aiohttp.ClientSession, status: int
) -> None:
    """A restart does not change that, and a redirect is not followed."""
    ids = await node.track(3)
    collector.answers.append((status, {"Location": f"{collector.url}/phone-home"}))
    assert await node.drain() == 0
    node.sender = node.restarted(http)
    await node.sender.load()
    ids += await node.track(1)
    clock.now += REFUSED_PAUSE_MS - 1
    assert await node.drain() == 0
    assert len(collector.requests) == 1
    clock.now += 1
    assert await node.drain() == 4
    assert arrived(collector) == ids


async def test_a_new_key_is_tried_at_once(node: Node, collector: FakeCollector) -> None:
    await node.track(3)
    collector.answers.append(401)
    await node.drain()
    node.switch.turn_on(plan(permit=node.switch.permit, data_plane=DataPlane(url=collector.url, write_key="new")))
    assert await node.drain() == 3


FORMS_OF_LATER: list[tuple[dict[str, str], int]] = [
    ({"Retry-After": "120"}, 120_000),
    ({"Retry-After": "99999"}, 300_000),
    ({"Retry-After": "-5"}, 0),
    ({"Retry-After": "soon"}, 0),
    ({"Retry-After": ""}, 0),
    ({"X-RateLimit-Reset": "60"}, 60_000),
    ({"Retry-After": "9" * 400}, 300_000),
    ({}, 0),
]


@pytest.mark.parametrize(("headers", "least"), FORMS_OF_LATER)
async def test_a_wish_to_wait_is_respected_up_to_five_minutes(
    node: Node, collector: FakeCollector, clock: Clock, headers: dict[str, str], least: int
) -> None:
    await node.track(2)
    collector.answers.append((429, headers))
    assert await node.drain() == 0
    assert node.sender.pause
    assert least <= node.sender.pause.until - clock.now <= max(least, 1_000)


async def test_a_wish_can_be_a_date(node: Node, collector: FakeCollector, clock: Clock) -> None:
    await node.track(2)
    collector.answers.append((429, {"Retry-After": formatdate(clock.now / 1000 + 90, usegmt=True)}))
    await node.drain()
    assert node.sender.pause
    assert 89_000 <= node.sender.pause.until - clock.now <= 91_000


async def test_a_storm_of_429_is_met_with_few_requests(node: Node, collector: FakeCollector, clock: Clock) -> None:
    """Twelve hours of it, in every form, while people go on working; then everything arrives."""
    collector.decide = lambda _: (429, random.choice(FORMS_OF_LATER)[0])
    began, ids = clock.now, []
    while clock.now < began + 12 * HOUR_MS:
        ids += await node.track(2)
        await node.drain()
        assert node.sender.pause
        clock.now = max(clock.now, node.sender.pause.until) + random.randint(0, 60_000)
    assert len(collector.requests) < 12 * 60
    collector.decide = None
    await node.drain_in_time(lambda: len(collector.events) == len(ids))
    assert arrived(collector) == ids


@pytest.mark.parametrize("hours", [24, 72])
async def test_an_outage_loses_nothing(node: Node, collector: FakeCollector, clock: Clock, hours: int) -> None:
    """Down in every way for so long, with changes all the while."""
    ways: list[Answer] = [500, 502, 503, 504, 408, 599, Failure.RESET]
    collector.decide = lambda _: random.choice(ways)
    began, ids = clock.now, []
    while clock.now < began + hours * HOUR_MS:
        ids += await node.track(random.randint(0, 3))
        await node.drain()
        clock.now += random.randint(0, hours * 50_000)
        await node.tidy()
    collector.decide = None
    await node.drain_in_time(lambda: len(collector.events) == len(ids))
    assert arrived(collector) == ids
    assert await node.counts("dropped_old") == await node.counts("dropped_full") == 0


async def test_what_is_too_much_is_dropped_oldest_first_and_counted(
    node: Node, collector: FakeCollector, clock: Clock
) -> None:
    collector.failing = True
    ids = await node.track(500)
    size = (await node.database.read(telemetry_looks.queue_state))["queued_bytes"]
    dropped = await node.tidy(max_bytes=size // 2)
    assert 245 <= dropped.full <= 255
    collector.failing = False
    await node.drain_in_time(lambda: len(collector.events) == 500 - dropped.full)
    assert arrived(collector) == ids[dropped.full :]
    assert await node.counts("dropped_full") == dropped.full


async def test_after_thirty_days_it_is_dropped_and_counted(node: Node, collector: FakeCollector, clock: Clock) -> None:
    await node.track(5)
    clock.now += 30 * DAY_MS
    fresh = await node.track(3)
    clock.now += 1
    assert (await node.tidy()).old == 5
    await node.drain()
    assert arrived(collector) == fresh
    assert await node.counts("dropped_old") == 5


async def test_a_clock_that_goes_wrong_for_a_while_drops_nothing(node: Node, collector: FakeCollector) -> None:
    ids = await node.track(5)
    seconds = 0.0
    tidying = Tidying(database=node.database, now=node.clock, seconds=lambda: seconds)
    node.clock.now += 40 * DAY_MS
    for _ in range(3):
        await tidying.run()
        seconds += 1_000
    node.clock.now -= 40 * DAY_MS
    await tidying.run()
    node.clock.now += 40 * DAY_MS
    await tidying.run()
    seconds += 3_599
    await tidying.run()
    assert await node.waiting() == 5
    seconds += 1
    await tidying.run()
    assert (await node.waiting(), await node.counts("dropped_old")) == (0, len(ids))
    assert collector.requests == []


@pytest.mark.parametrize("way", [Failure.HANG, Failure.RESET, Failure.REPLY_LOST])
async def test_without_an_answer_it_is_sent_again_and_can_be_told_apart(
    node: Node, collector: FakeCollector, monkeypatch: pytest.MonkeyPatch, way: Failure
) -> None:
    """A repetition is the same but for `sentAt`."""
    monkeypatch.setattr(sending, "TIMEOUT_S", 0.2)
    ids = await node.track(3)
    collector.answers.append(way)
    await node.drain_in_time(lambda: bool(collector.requests[1:]))
    first, second = (request.body["batch"] for request in collector.requests[:2])
    assert [{**event, "sentAt": 0} for event in first] == [{**event, "sentAt": 0} for event in second]
    assert list(dict.fromkeys(arrived(collector))) == ids
    assert await node.waiting() == 0


@pytest.mark.parametrize("way", [Failure.PORTAL, Failure.TRUNCATED])
async def test_whatever_says_200_counts_as_accepted(node: Node, collector: FakeCollector, way: Failure) -> None:
    """The contract knows no other sign; what was sent can be looked up."""
    await node.track(1)
    collector.answers.append(way)
    assert await node.drain() == 1
    (copy,) = await node.database.read(lambda c: telemetry_looks.sent(c, limit=5))
    assert copy["status"] == 200


@pytest.mark.parametrize("way", [Failure.BAD_ENCODING, Failure.SILENT_BODY, Failure.BROKEN_BODY])
async def test_the_status_counts_though_the_rest_cannot_be_read(
    node: Node, collector: FakeCollector, way: Failure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "_REST_S", 0.05)
    await node.track(3)
    collector.always = way
    assert await node.drain() == 3
    assert (len(collector.requests), await node.waiting()) == (1, 0)


async def test_a_pause_is_for_all_nodes(
    node: Node, database: Database, http: aiohttp.ClientSession, clock: Clock, collector: FakeCollector
) -> None:
    other = Node(database, http, clock)
    other.switch.turn_on(plan(collector.url, permit=node.switch.permit))
    for status, headers, pause in ((429, {"Retry-After": "120"}, 120_000), (401, {}, REFUSED_PAUSE_MS)):
        await node.track(1)
        collector.decide = lambda _, answer=(status, headers): answer
        requests = len(collector.requests)
        await node.drain()
        await other.drain()
        await other.restarted(http).send_once()
        assert len(collector.requests) == requests + 1
        assert other.sender.pause
        assert other.sender.pause.until == clock.now + pause
        collector.decide = None
        clock.now += pause
        await other.drain()
        assert await node.waiting() == 0


async def test_what_two_nodes_have_sent_is_counted_once(
    node: Node, database: Database, http: aiohttp.ClientSession, collector: FakeCollector
) -> None:
    """A clock that goes ahead takes the lease for ended; the receiver tells the repetition by its id."""
    ahead = Clock()
    ahead.now = node.clock.now + 130_000
    other = Node(database, http, ahead)
    other.switch.turn_on(plan(collector.url, permit=node.switch.permit))
    ids = await node.track(300)
    hold = asyncio.Event()
    collector.hold = hold
    sending = asyncio.gather(node.sender.send_once(), _after(collector.arrived, other.sender.send_once))

    async def both() -> bool:
        return len(collector.requests) == 2

    await until(both)
    hold.set()
    await sending
    assert len(collector.events) >= 500
    assert collector.message_ids == set(ids)
    assert await node.counts("sent") == 300


async def _after(event: asyncio.Event, then: Callable[[], Awaitable[int]]) -> int:
    await event.wait()
    return await then()


async def test_every_attempt_has_a_copy(node: Node, collector: FakeCollector) -> None:
    """As it left, with the answer; kept for a week."""
    await node.track(2)
    collector.answers.append(503)
    await node.drain_in_time(lambda: len(collector.events) == 2)
    copies = await node.database.read(lambda c: telemetry_looks.sent(c, limit=10))
    assert [(one["status"], one["events"]) for one in copies] == [(503, 2), (200, 2)]
    assert [one["body"] for one in copies] == [request.body for request in collector.requests]
    node.clock.now += 7 * DAY_MS + 1
    await node.tidy()
    assert await node.database.read(lambda c: telemetry_looks.sent(c, limit=10)) == []


async def test_turning_off_breaks_off_what_is_under_way(node: Node, collector: FakeCollector) -> None:
    await node.track(3)
    collector.always = Failure.HANG
    under_way = asyncio.ensure_future(node.drain())
    await collector.arrived.wait()
    await node.opt_out()
    assert await under_way == 0
    assert await node.waiting() == 0
    (copy,) = await node.database.read(lambda c: telemetry_looks.sent(c, limit=5))
    assert (copy["status"], copy["events"]) == (0, 3), "nobody knows whether it arrived, but it has left"
    collector.always = 200
    assert await node.drain() == 0


async def test_stopping_leaves_nothing_leased(node: Node, collector: FakeCollector) -> None:
    await node.track(3)
    collector.always = Failure.HANG
    under_way = asyncio.ensure_future(node.sender.send_once())
    await collector.arrived.wait()
    under_way.cancel()
    await asyncio.wait([under_way])
    (copy,) = await node.database.read(lambda c: telemetry_looks.sent(c, limit=5))
    assert copy["status"] == 0
    collector.always = 200
    assert await node.drain() == 3


async def test_no_batch_is_larger_than_receivers_take(
    node: Node, collector: FakeCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that do not fit are next, in order."""
    monkeypatch.setattr(sending, "MAX_BATCH_BYTES", 10_000)
    ids = await node.track(100)
    await node.drain()
    assert arrived(collector) == ids
    assert max(len(str(request.body)) for request in collector.requests) < 11_000
    assert MAX_BATCH_BYTES == 450_000


async def test_a_node_that_has_not_heard_queues_nothing_after_an_opting_out(
    node: Node, database: Database, http: aiohttp.ClientSession, clock: Clock, collector: FakeCollector
) -> None:
    other = Node(database, http, clock)
    other.switch.turn_on(plan(collector.url, permit=node.switch.permit))
    await other.track(1)
    await node.opt_out()
    await other.track(2)
    assert await other.waiting() == 0
    assert await other.drain() == 0
    assert collector.requests == []


async def test_nothing_is_left_when_turning_off_races_with_work(node: Node, collector: FakeCollector) -> None:
    """A thousand changes, off and on and off in between."""
    collector.failing = True

    async def work() -> None:
        for _ in range(20):
            await node.track(1)

    working = asyncio.gather(*(work() for _ in range(50)))
    await node.opt_out()
    await node.turn_on(collector.url)
    await node.opt_out()
    requests = len(collector.requests)
    assert await node.waiting() == 0
    await working
    assert await node.waiting() == 0
    assert await node.drain() == 0
    assert len(collector.requests) == requests


async def test_another_nodes_opting_out_stops_what_was_already_claimed(
    node: Node, database: Database, http: aiohttp.ClientSession, clock: Clock, collector: FakeCollector
) -> None:
    """It looks before each request; only one that has begun may still end."""
    other = Node(database, http, clock)
    other.switch.turn_on(plan(collector.url, permit=node.switch.permit))
    await other.track(600)
    hold = asyncio.Event()
    collector.hold = hold
    sending = asyncio.ensure_future(other.sender.send_once())
    await collector.arrived.wait()
    await node.opt_out()
    await node.turn_on(collector.url)  # on again, before the other one has heard of anything
    hold.set()
    await sending
    assert len(collector.requests) == 1
    assert await node.waiting() == 0
    await other.track(1)
    assert await node.waiting() == 0


async def test_a_stop_ends_though_the_database_is_gone(
    node: Node, collector: FakeCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(_self: object) -> None:
        raise DatabaseGone

    monkeypatch.setattr(SqlEventQueue, "release", gone)
    await node.track(3)
    collector.always = Failure.HANG
    runner = Runner()
    runner.start([Job(name="telemetry", run=lambda: _more(node), every_s=60.0)])
    await collector.arrived.wait()
    await asyncio.wait_for(runner.stop(), 30)
    assert len(collector.requests) == 1


async def _more(node: Node) -> bool:
    return await node.sender.send_once() > 0


async def test_two_senders_share_a_queue_without_repeating(
    node: Node, database: Database, http: aiohttp.ClientSession, clock: Clock, collector: FakeCollector
) -> None:
    other = Node(database, http, clock)
    other.switch.turn_on(plan(collector.url, permit=node.switch.permit))
    ids = await node.track(3_000)

    async def drain(one: Node) -> None:
        while await one.waiting():
            await one.drain()

    await asyncio.gather(drain(node), drain(other))
    assert arrived(collector) == ids


async def test_what_a_dead_node_had_claimed_leaves_when_its_lease_ends(
    node: Node, collector: FakeCollector, clock: Clock
) -> None:
    ids = await node.track(3)
    assert await node.claim() == 3
    assert await node.drain() == 0
    clock.now += sending.LEASE_MS
    assert await node.drain() == 3
    assert arrived(collector) == ids


@pytest.mark.parametrize("jump", [DAY_MS, -DAY_MS, 400 * DAY_MS, -400 * DAY_MS])
async def test_a_clock_that_is_set_stops_nothing(node: Node, collector: FakeCollector, clock: Clock, jump: int) -> None:
    """An event's own time stays what it was; the attempt's is the clock's."""
    at = iso(clock.now)
    ids = await node.track(1)
    collector.answers.append(404)
    await node.drain()
    await node.claim()
    clock.now += jump
    ids += await node.track(1)
    clock.now += HOUR_MS + 1
    await node.drain_in_time(lambda: len(collector.events) == 2)
    assert arrived(collector) == ids
    assert collector.events[0]["timestamp"] == at
    assert {event["sentAt"] for event in collector.events} == {iso(clock.now)}


async def test_nobody_there_costs_nothing_but_time(
    node: Node, collector: FakeCollector, database: Database, http: aiohttp.ClientSession
) -> None:
    """Nothing has left, so there is no copy either."""
    await node.track(2)
    node.switch.turn_on(plan("http://127.0.0.1:1", permit=node.switch.permit))
    assert await node.drain() == 0
    assert await node.database.read(lambda c: telemetry_looks.sent(c, limit=5)) == []
    node.switch.turn_on(plan(collector.url, permit=node.switch.permit))
    assert await node.drain() == 2
