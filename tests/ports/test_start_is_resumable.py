"""Starting an incident, cut off before or after every single step: the recovery finishes or undoes it."""

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Collection, Mapping
from typing import Any

import pytest

from incidents.errors import StartFailed, StartInProgress
from incidents.model import FoundTask, Head, Incident, Phase
from incidents.ports import (
    ChannelNameTaken,
    ChannelPlan,
    ChannelStanding,
    ChatRefused,
    ChatUnavailable,
    FoundChannel,
    QuotedPost,
)
from incidents.recovery import Recovery
from incidents.start import StartCommand, StartIncident
from playbooks.ports import TeamStanding
from plugin.app import new_event_id, new_id
from plugin.storage import telemetry_rows
from plugin.storage.database import Database
from plugin.storage.unit_of_work import SqlStore
from telemetry.switch import Switch
from tests.plans import plan


class Cut(BaseException):
    """The process dies here."""


class FakeChat:
    """A Mattermost that remembers its channels; `fault` may cut or fail at any step."""

    def __init__(self, taken: Collection[str] = ()) -> None:
        self.channels: dict[str, ChannelPlan] = {}
        self.members: dict[str, set[str]] = {}
        self.archived: set[str] = set()
        self.taken = set(taken)
        self.fault: Callable[[str], None] = lambda _step: None
        self.gate = asyncio.Event()
        self.gate.set()
        self.waiting = asyncio.Event()

    async def create_channel(self, plan: ChannelPlan) -> str:
        self.fault("before create")
        if plan.name in self.taken or plan.name in [channel.name for channel in self.channels.values()]:
            raise ChannelNameTaken
        channel_id = new_id()
        self.channels[channel_id] = plan
        self.fault("after create")
        return channel_id

    async def find_channel(self, team_id: str, name: str) -> FoundChannel | None:
        for channel_id, made in self.channels.items():
            if (made.team_id, made.name) == (team_id, name) and channel_id not in self.archived:
                return FoundChannel(id=channel_id, marker=made.marker)
        return FoundChannel(id="foreign", marker="something else") if name in self.taken else None

    async def gather(self, channel_id: str, team_id: str, commander_id: str) -> None:
        self.fault("before gather")
        self.waiting.set()
        await self.gate.wait()
        self.members.setdefault(channel_id, set()).add(commander_id)
        self.fault("after gather")

    async def archive_channel(self, channel_id: str) -> None:
        self.fault("before archive")
        self.archived.add(channel_id)
        self.fault("after archive")

    async def read_post(self, person_id: str, post_id: str) -> QuotedPost | None:
        return QuotedPost(message="hello", permalink="/pl")

    async def run_command(self, person_id: str, channel_id: str, command: str) -> None:
        raise ChatRefused

    async def tell(self, person_id: str, channel_id: str, message: str) -> None:
        raise ChatRefused

    async def usernames(self, person_ids: Collection[str]) -> dict[str, str]:
        self.fault("names")
        return dict.fromkeys(person_ids, "alice")


class FakeAccess:
    """Everybody may everything."""

    async def in_team(self, person_id: str, team_id: str) -> TeamStanding:
        return TeamStanding(
            person_id=person_id,
            team_id=team_id,
            system_admin=False,
            team_admin=False,
            is_member=True,
            sees_team=True,
            may_create_public_channel=True,
            may_create_private_channel=True,
        )

    async def in_channel(self, person_id: str, channel_id: str) -> ChannelStanding:
        return ChannelStanding(system_admin=False, reads_channel=True, channel_is_public=True, sees_team=True)

    async def public_channels(self, team_id: str) -> set[str]:
        return set()

    async def is_public(self, channel_id: str) -> bool:
        return True

    async def channels_of(self, person_id: str, team_id: str) -> Mapping[str, str]:
        return {}


class DeafLive:
    async def created(self, incident: Incident, *, person_id: str, client_id: str) -> None: ...

    async def changed(self, head: Head) -> None: ...

    async def task_changed(self, head: Head, found: FoundTask) -> None: ...


def _broken(incident_id: str, error: Exception) -> None:
    raise AssertionError(incident_id) from error


@pytest.fixture(autouse=True)
async def counting(database: Database) -> None:
    """Events may be queued."""
    await database.write(lambda c: telemetry_rows.set_fact(c, telemetry_rows.GATE, "permit"))


class Node:
    """A process: use cases over the same database and chat. `now` goes on with each look."""

    def __init__(self, database: Database, chat: FakeChat) -> None:
        clock = itertools.count(1_000_000)
        switch = Switch()
        switch.turn_on(plan(permit="permit"))
        self.database = database
        self.store = SqlStore(
            database=database,
            switch=switch,
            now=lambda: next(clock),
            new_id=new_id,
            on_posts=lambda: None,
            on_events=lambda _queued: None,
        )
        self.start = StartIncident(
            store=self.store,
            access=FakeAccess(),
            chat=chat,
            live=DeafLive(),
            now=lambda: next(clock),
            new_id=new_id,
            new_event_id=new_event_id,
        )
        self.recover = Recovery(
            store=self.store, chat=chat, start=self.start, live=DeafLive(), now=lambda: next(clock), failed=_broken
        )

    async def count(self, table: str) -> int:
        query = f"SELECT count(*) FROM {table}"
        counted: Any = await self.database.read(lambda connection: connection.exec_driver_sql(query).scalar_one())
        return int(counted)


def command(incident_id: str) -> StartCommand:
    return StartCommand(
        person_id="p" * 26,
        incident_id=incident_id,
        team_id="t" * 26,
        name="Down",
        description="",
        commander_id="p" * 26,
        post_id="q" * 26,
    )


STEPS = ("before create", "after create", "before gather", "after gather", "names")


@pytest.mark.parametrize("taken", [(), ("down",)], ids=["name free", "name taken"])
@pytest.mark.parametrize("step", STEPS)
async def test_cut_off_at_any_step_it_is_finished_once(database: Database, step: str, taken: tuple[str, ...]) -> None:
    """One incident, one channel, one announcement, one event; asking again with the same id gives that incident."""
    chat = FakeChat(taken)
    incident_id = new_id()

    def cut(at: str) -> None:
        if at == step:
            raise Cut

    chat.fault = cut
    with pytest.raises(Cut):
        await Node(database, chat).start(command(incident_id))
    chat.fault = lambda _step: None

    successor = Node(database, chat)
    with pytest.raises(StartInProgress):
        await successor.start(command(incident_id))
    await successor.store.take_over()
    assert await successor.recover() == 0
    assert await successor.recover() == 0
    incident = await successor.start(command(incident_id))

    assert incident.head.phase is Phase.ACTIVE
    assert [incident.head.channel_id] == list(chat.channels)
    assert chat.members[incident.head.channel_id] == {"p" * 26}
    for table in ("incidents", "timeline", "stages"):
        assert await successor.count(table) == 1
    assert await successor.count("outbox") == 2


@pytest.mark.parametrize("error", [ChatRefused, ChatUnavailable])
@pytest.mark.parametrize("step", STEPS)
async def test_refused_at_any_step_it_is_undone(database: Database, step: str, error: type[Exception]) -> None:
    """The person is told that it failed; then nothing of it is left, but an archived channel."""
    chat = FakeChat()

    def refuse(at: str) -> None:
        if at == step:
            raise error

    chat.fault = refuse
    node = Node(database, chat)
    with pytest.raises(StartFailed):
        await node.start(command(new_id()))
    if error is ChatUnavailable:  # what was asked may still happen, so it is undone only after a while
        chat.fault = lambda _step: None
        await node.store.take_over()
        assert await node.recover() == 0
    assert chat.archived == set(chat.channels)
    for table in ("incidents", "timeline", "stages", "outbox"):
        assert await node.count(table) == 0


@pytest.mark.parametrize("step", ["before archive", "after archive"])
async def test_an_undoing_that_is_cut_off_is_undone_later(database: Database, step: str) -> None:
    """A start that was reported as failed never comes to life."""
    chat = FakeChat()

    def fail_then_cut(at: str) -> None:
        if at == "before gather":
            raise ChatRefused
        if at == step:
            raise Cut

    chat.fault = fail_then_cut
    with pytest.raises(Cut):
        await Node(database, chat).start(command(new_id()))
    chat.fault = lambda _step: None
    successor = Node(database, chat)
    await successor.store.take_over()
    assert await successor.recover() == 0
    assert chat.archived == set(chat.channels)
    assert await successor.count("incidents") == 0


async def test_while_mattermost_is_away_the_recovery_waits(database: Database) -> None:
    chat = FakeChat()

    def cut(at: str) -> None:
        if at == "after create":
            raise Cut

    def away(_step: str) -> None:
        raise ChatUnavailable

    chat.fault = cut
    with pytest.raises(Cut):
        await Node(database, chat).start(command(new_id()))
    successor = Node(database, chat)
    chat.fault = away
    await successor.store.take_over()
    assert await successor.recover() == 1
    chat.fault = lambda _step: None
    await successor.store.take_over()
    assert await successor.recover() == 0
    assert len(chat.channels) == 1


@pytest.mark.parametrize("outcome", [None, ChatUnavailable, ChatRefused])
async def test_a_slow_start_that_was_taken_over_destroys_nothing(
    database: Database, outcome: type[Exception] | None
) -> None:
    """The recovery finished it while it was waiting; however its own call ends, the incident stays as it is."""
    chat = FakeChat()
    chat.gate.clear()
    slow, other = Node(database, chat), Node(database, chat)
    incident_id = new_id()
    starting = asyncio.create_task(slow.start(command(incident_id)))  # noqa: TID251 - a test
    await chat.waiting.wait()
    chat.waiting.clear()
    await other.store.take_over()
    recovering = asyncio.create_task(other.recover())  # noqa: TID251 - a test
    await chat.waiting.wait()
    chat.gate.set()
    if outcome is not None:
        failing = iter([True])

        def fail(at: str) -> None:
            if at == "after gather" and next(failing, False):
                raise outcome

        chat.fault = fail
    with contextlib.suppress(StartFailed):
        assert (await starting).id == incident_id
    await recovering
    chat.fault = lambda _step: None
    await other.store.take_over()
    assert await other.recover() == 0
    head = await other.store.read(lambda tx: tx.incidents.head(incident_id))
    assert head is None or head.phase is Phase.ACTIVE
    assert head or outcome
    assert set(chat.channels) - chat.archived == ({head.channel_id} if head else set())
    assert await other.count("timeline") == await other.count("incidents") == (1 if head else 0)
