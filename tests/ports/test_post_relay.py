"""The bot's posts leave in order, each exactly once, whatever the channel's answer was."""

import asyncio
from collections.abc import Collection, Sequence

import pytest

from incidents.ports import ChatRefused, ChatUnavailable, OutgoingPost
from plugin.app import new_id
from plugin.jobs.posts import PostRelay
from plugin.storage import outbox
from plugin.storage.database import Database
from plugin.storage.outbox import MERGE_MS
from plugin.storage.unit_of_work import SqlStore
from telemetry.switch import Switch


class FakeChannel:
    """Takes posts; `lose` makes them and then does not answer, as when the connection breaks."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, list[str]]] = []
        self.lose = self.away = self.refuse = False

    async def post(self, channel_id: str, message: str, row_ids: Sequence[str]) -> str:
        if self.refuse:
            raise ChatRefused
        if self.away:
            raise ChatUnavailable
        self.posts.append((message, list(row_ids)))
        if self.lose:
            raise ChatUnavailable
        return str(len(self.posts))

    async def find_post(self, channel_id: str, row_ids: Collection[str], since: int) -> tuple[str, list[str]] | None:
        for number, (_, carried) in enumerate(self.posts):
            if not set(row_ids).isdisjoint(carried):
                return str(number), carried
        return None


class Clock:
    now = 1_000_000

    def __call__(self) -> int:
        return self.now


class Bench:
    def __init__(self, database: Database) -> None:
        self.clock = Clock()
        self.channel = FakeChannel()
        self.database = database
        self.relay = PostRelay(database=database, chat=self.channel, now=self.clock)
        self.store = SqlStore(
            database=database,
            switch=Switch(),
            now=self.clock,
            new_id=new_id,
            on_posts=lambda: None,
            on_events=lambda _queued: None,
        )

    async def add(self, message: str, group: str = "", heading: str = "") -> None:
        post = OutgoingPost(channel_id="c" * 26, message=message, group=group, heading=heading)
        await self.store.run(lambda tx: tx.posts.add(post))

    async def drain(self) -> list[str]:
        async with asyncio.timeout(5):
            while await self.relay.run():
                pass
        return [message for message, _ in self.channel.posts]


@pytest.fixture
async def bench(database: Database) -> Bench:
    return Bench(database)


async def test_posts_leave_in_the_order_of_their_commits(bench: Bench) -> None:
    for number in range(5):
        await bench.add(str(number))
    assert await bench.drain() == ["0", "1", "2", "3", "4"]


async def test_what_one_person_does_in_three_seconds_is_one_post(bench: Bench) -> None:
    """Not before the three seconds are over, for there may be more."""
    await bench.add("checked off A", "alice", "@alice")
    bench.clock.now += 1000
    await bench.add("unchecked A", "alice", "@alice")
    assert await bench.drain() == []
    bench.clock.now += MERGE_MS
    assert await bench.drain() == ["@alice:\n- checked off A\n- unchecked A"]


async def test_something_else_behind_them_sends_them_on(bench: Bench) -> None:
    """Order is kept, and the end of an incident does not wait."""
    await bench.add("checked off A", "alice", "@alice")
    await bench.add("checked off B", "bob", "@bob")
    await bench.add("ended")
    assert await bench.drain() == ["@alice checked off A.", "@bob checked off B.", "ended"]


async def test_after_three_seconds_a_new_post_begins(bench: Bench) -> None:
    await bench.add("A", "alice", "@alice")
    bench.clock.now += MERGE_MS + 1
    await bench.add("B", "alice", "@alice")
    assert await bench.drain() == ["@alice A."]
    bench.clock.now += MERGE_MS
    assert await bench.drain() == ["@alice A.", "@alice B."]


async def test_an_answer_that_is_lost_makes_no_second_post(bench: Bench) -> None:
    """The rows' ids in the post's props tell that it is there."""
    bench.channel.lose = True
    await bench.add("A", "alice", "@alice")
    await bench.add("B", "alice", "@alice")
    bench.clock.now += MERGE_MS
    assert await bench.drain() == ["@alice:\n- A\n- B"]
    bench.channel.lose = False
    await bench.add("C", "alice", "@alice")
    bench.clock.now += 60_000
    assert await bench.drain() == ["@alice:\n- A\n- B", "@alice C."]


async def test_a_dead_process_leaves_its_rows_to_the_next(bench: Bench) -> None:
    """Leased and perhaps posted: the next looks first."""
    await bench.add("A")
    claimed = await bench.database.write(lambda connection: outbox.claim_posts(connection, bench.clock()))
    await bench.channel.post("c" * 26, "A", [row.id for row in claimed[0]])
    assert await bench.drain() == ["A"]
    await bench.store.take_over()
    assert await bench.drain() == ["A"]
    assert await bench.database.read(lambda c: c.exec_driver_sql("SELECT count(*) FROM outbox").scalar_one()) == 0


async def test_while_mattermost_is_away_they_wait_and_keep_their_order(bench: Bench) -> None:
    bench.channel.away = True
    await bench.add("A")
    await bench.add("B")
    assert await bench.drain() == []
    bench.channel.away = False
    bench.clock.now += 600
    assert await bench.drain() == ["A", "B"]


async def test_more_than_a_post_can_hold_becomes_two(bench: Bench) -> None:
    """Mattermost takes 16,383 characters; nothing is cut off or dropped."""
    for number in range(100):
        await bench.add(f"{number} {'x' * 240}", "alice", "@alice")
    bench.clock.now += MERGE_MS
    posts = await bench.drain()
    assert len(posts) > 1
    assert max(map(len, posts)) <= 16_383
    lines = [line for post in posts for line in post.splitlines() if line.startswith("- ")]
    assert [int(line.split()[1]) for line in lines] == list(range(100))


async def test_a_channel_that_refuses_does_not_block_for_ever(bench: Bench) -> None:
    """An archived channel takes no posts: they are dropped, and the log says how many."""
    bench.channel.refuse = True
    await bench.add("A")
    await bench.add("B")
    assert await bench.drain() == []
    assert await bench.database.read(lambda c: c.exec_driver_sql("SELECT count(*) FROM outbox").scalar_one()) == 0
