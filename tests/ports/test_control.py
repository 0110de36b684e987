"""Consent carried out, phone-home and `send`, on every database, with a Mattermost that answers at once."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from plugin.app import new_event_id, new_id
from plugin.host.api import HostGone, Json
from plugin.reporting.control import Control
from plugin.reporting.errors import LevelLocked
from plugin.reporting.notice import Notice
from plugin.reporting.phone_home import MINUTE, PhoneHomeRecords
from plugin.reporting.report import Report
from plugin.reporting.text import status_text
from plugin.settings import Settings
from plugin.storage import outbox, telemetry_looks, telemetry_rows
from plugin.storage.database import Database
from plugin.storage.event_queue import SqlEventQueue, SqlMessages
from plugin.storage.outbox import PHONE_HOME, TELEMETRY
from plugin.storage.unit_of_work import SqlStore
from telemetry.check import Fault
from telemetry.consent import GRACE_MS, Level, Who
from telemetry.events import Kind, Property, TaskAction, TaskEvent
from telemetry.registry import DEFINITIONS, Limit, Sendable
from telemetry.send import Telemetry
from telemetry.sender import Sender
from telemetry.switch import Switch
from telemetry.testing import FakeCollector, strictly, tracked
from tests.ports.telemetry_node import HOUR_MS, Clock

DAY_MS = 24 * HOUR_MS
ADMIN, BOT, DIRECT = "a" * 26, "b" * 26, "c" * 26


class Mattermost:
    """`plugin.host.api.HostApi` with what telemetry asks."""

    def __init__(self) -> None:
        self.entered: dict[str, Any] = {}
        self.allows = True
        self.viewed_at = 0
        self.posts: dict[str, Any] = {}
        self.calls: list[str] = []

    async def call(self, name: str, *args: Json) -> list[Json]:
        self.calls.append(name)
        person = {"id": args[0] if args else "", "create_at": 0, "delete_at": 0, "roles": "system_user system_admin"}
        answers: dict[str, list[Json]] = {
            "LoadPluginConfiguration": [self.entered, None],
            "GetDiagnosticId": ["d" * 26],
            "GetServerVersion": ["5.35.4"],
            "GetConfig": [{"LogSettings": {"EnableDiagnostics": self.allows}}],
            "GetLicense": [None],
            "GetUser": [{**person, "auth_service": "ldap"}, None],
            "GetUsers": [[{**person, "id": ADMIN}], None],
            "GetTeam": [{"id": "t" * 26, "create_at": 7, "delete_at": 0}, None],
            "GetTeamStats": [{"active_member_count": 4, "total_member_count": 5}, None],
            "GetDirectChannel": [{"id": DIRECT}, None],
            "GetChannelMember": [{"last_viewed_at": self.viewed_at}, None],
            "GetPostsForChannel": [{"posts": self.posts}, None],
        }
        return answers[name]


class Node:
    """What a process has of telemetry, wired by hand, with a clock that is set."""

    def __init__(
        self, settings: Settings, database: Database, http: aiohttp.ClientSession, clock: Clock, host: Mattermost
    ) -> None:
        self.host, self.clock, self.database, self.switch = host, clock, database, Switch()
        self.senders = [
            Sender(
                queue=SqlEventQueue(database=database, kind=kind, permit=lambda: self.switch.permit, now=clock),
                destination=destination,
                session=http,
                now=clock,
            )
            for kind, destination in (
                (TELEMETRY, lambda: self.switch.plan.data_plane if self.switch.plan else None),
                (PHONE_HOME, lambda: self.switch.plan.phone_home if self.switch.plan else None),
            )
        ]
        self.records = PhoneHomeRecords(database=database, api=host, switch=self.switch, now=clock)
        self.control = Control(
            settings=settings,
            database=database,
            api=host,
            switch=self.switch,
            senders=self.senders,
            records=self.records,
            home="native",
            now=clock,
        )
        self.report = Report(
            control=self.control,
            records=self.records,
            database=database,
            data_plane=self.senders[0],
            phone_home=self.senders[1],
            now=clock,
        )
        self.notice = Notice(
            control=self.control,
            database=database,
            api=host,
            bot_id=BOT,
            now=clock,
            new_id=new_id,
            on_posts=lambda: None,
        )
        self.store = SqlStore(
            database=database,
            switch=self.switch,
            now=clock,
            new_id=new_id,
            on_posts=lambda: None,
            on_events=lambda _queued: None,
        )

    async def change(self, person_id: str = "u" * 26) -> str:
        event = TaskEvent(
            message_id=new_event_id(), at=self.clock(), user_id=person_id, action=TaskAction.ADD, incident_id="i" * 26
        )
        await self.store.run(lambda tx: tx.tracker.track(event))
        return event.message_id

    async def send(self) -> None:
        for sender in self.senders:
            while await sender.send_once():
                pass

    async def facts(self) -> dict[str, str]:
        return await self.database.look(telemetry_rows.facts)

    def telemetry(self, *sendable: Sendable) -> Telemetry:
        messages = SqlMessages(database=self.database, now=self.clock, on_events=lambda _queued: None)
        return Telemetry(
            switch=self.switch, messages=messages, now=self.clock, new_event_id=new_event_id, sendable=sendable
        )


@pytest.fixture
def host() -> Mattermost:
    return Mattermost()


def settings_for(collector: FakeCollector, **changes: Any) -> Settings:
    addresses: dict[str, Any] = {
        "rudder_data_plane_url": collector.url,
        "rudder_write_key": SecretStr("k"),
        "phone_home_url": f"{collector.url}/phone-home",
    }
    return Settings(**(addresses | changes))


@pytest.fixture
async def undecided(
    database: Database, http: aiohttp.ClientSession, clock: Clock, host: Mattermost, collector: FakeCollector
) -> Node:
    node = Node(settings_for(collector), database, http, clock, host)
    await node.control.configure()
    return node


@pytest.fixture
async def node(
    database: Database, http: aiohttp.ClientSession, clock: Clock, host: Mattermost, collector: FakeCollector
) -> Node:
    node = Node(settings_for(collector, telemetry=Level.USAGE), database, http, clock, host)
    await database.write(lambda c: telemetry_rows.set_fact(c, MINUTE, "60"))
    await node.control.configure()
    return node


async def test_undecided_nothing_is_made_or_kept(undecided: Node, collector: FakeCollector) -> None:
    await undecided.change()
    await undecided.send()
    await undecided.records.run()
    assert await undecided.facts() == {}
    assert collector.requests == []


async def test_the_notice_is_posted_once_and_the_hour_begins_when_it_is_read(
    undecided: Node, collector: FakeCollector, clock: Clock, host: Mattermost
) -> None:
    for _ in range(3):
        await undecided.notice.run()
    posts = await undecided.database.write(lambda c: outbox.claim_posts(c, clock() + 60_000))
    assert [row.post.channel_id for batch in posts for row in batch] == [DIRECT]
    assert "/incident telemetry off" in posts[0][0].post.message
    clock.now += DAY_MS
    await undecided.control.refresh()
    await undecided.change()
    assert not undecided.control.wishes.noticed_at  # not even posted yet
    await undecided.database.write(lambda c: outbox.drop(c, [posts[0][0].id]))
    host.posts = {"p": {"user_id": BOT, "create_at": clock.now}}
    host.viewed_at = clock.now - 1
    await undecided.notice.run()
    assert not undecided.control.wishes.noticed_at
    host.viewed_at = clock.now
    await undecided.notice.run()
    assert undecided.control.wishes.noticed_at == clock.now
    clock.now += GRACE_MS - 1
    await undecided.control.refresh()
    await undecided.change()
    assert undecided.switch.plan is None
    clock.now += 1
    await undecided.control.refresh()
    assert (undecided.control.decision.level, undecided.control.decision.who) == (Level.USAGE, Who.NOTICE)
    counted = await undecided.change()
    await undecided.send()
    assert collector.message_ids == {counted}


async def test_the_first_hour_survives_a_restart(
    undecided: Node, clock: Clock, database: Database, http: aiohttp.ClientSession, collector: FakeCollector
) -> None:
    await undecided.control.noticed()
    clock.now += GRACE_MS
    again = Node(settings_for(collector), database, http, clock, undecided.host)
    await again.control.configure()
    assert again.control.decision.who is Who.NOTICE


async def test_off_before_the_hour_is_over_stays_off(undecided: Node, collector: FakeCollector, clock: Clock) -> None:
    await undecided.control.noticed()
    await undecided.control.choose(Level.OFF)
    clock.now += 10 * GRACE_MS
    await undecided.control.refresh()
    await undecided.change()
    await undecided.send()
    assert collector.requests == []
    assert not {"installation_id", "salt"} & set(await undecided.facts())


async def test_the_environment_locks_and_needs_no_notice(node: Node, host: Mattermost) -> None:
    await node.notice.run()
    assert "GetUsers" not in host.calls
    assert node.control.decision.who is Who.ENVIRONMENT


async def test_nobody_gets_more_than_the_environment_allows(
    database: Database, http: aiohttp.ClientSession, clock: Clock, host: Mattermost, collector: FakeCollector
) -> None:
    node = Node(settings_for(collector, telemetry=Level.BASE), database, http, clock, host)
    host.entered = {"telemetry": "usage"}
    await node.control.configure()
    assert node.control.decision.level is Level.BASE
    with pytest.raises(LevelLocked, match="environment"):
        await node.control.choose(Level.USAGE)
    await node.control.choose(Level.OFF)
    assert str(node.control.decision.level) == "off"


async def test_turning_off_purges_and_says_nothing_more(node: Node, collector: FakeCollector) -> None:
    collector.failing = True
    for _ in range(5):
        await node.change()
    await node.senders[0].send_once()
    requests = len(collector.requests)
    await node.control.choose(Level.OFF)
    collector.failing = False
    await node.change()
    await node.send()
    assert len(collector.requests) == requests
    assert (await node.database.read(telemetry_looks.queue_state))["queued"] == 0
    await node.control.choose(Level.UNDECIDED)
    seen = await node.change()
    node.senders[0].pause = None
    await node.send()
    assert collector.message_ids == {seen}


async def test_another_node_hears_of_it(
    node: Node, database: Database, http: aiohttp.ClientSession, clock: Clock, collector: FakeCollector
) -> None:
    other = Node(settings_for(collector, telemetry=Level.USAGE), database, http, clock, node.host)
    await other.control.configure()
    await node.control.choose(Level.OFF)
    await other.change()  # has not heard yet
    assert (await node.database.read(telemetry_looks.queue_state))["queued"] == 0
    await other.control.refresh()
    assert other.switch.plan is None


async def test_who_is_just_starting_does_not_undo_an_opting_out(
    undecided: Node,
    database: Database,
    http: aiohttp.ClientSession,
    clock: Clock,
    collector: FakeCollector,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It has read that usage is decided; before it acts, another node turns everything off."""
    await undecided.control.choose(Level.USAGE)
    other = Node(settings_for(collector), database, http, clock, undecided.host)
    look = database.look

    async def late(work: Any) -> Any:
        found = await look(work)
        monkeypatch.setattr(database, "look", look)
        await undecided.control.choose(Level.OFF)
        return found

    monkeypatch.setattr(database, "look", late)
    await other.control.configure()
    assert other.control.decision.level is Level.OFF
    assert other.switch.plan is None
    await other.change()
    await other.send()
    assert collector.requests == []


@pytest.mark.parametrize("less", ["lowered", "reset"])
async def test_a_node_that_has_not_heard_queues_nothing_under_the_old_decision(
    undecided: Node, database: Database, http: aiohttp.ClientSession, clock: Clock, collector: FakeCollector, less: str
) -> None:
    await undecided.control.choose(Level.USAGE)
    other = Node(settings_for(collector), database, http, clock, undecided.host)
    await other.control.configure()
    await (undecided.control.choose(Level.STATISTICS) if less == "lowered" else undecided.control.reset())
    await other.change()
    await other.send()
    await undecided.send()
    assert collector.events == []
    await undecided.control.choose(Level.USAGE)
    await other.control.refresh()
    counted = await other.change()
    await undecided.senders[0]._queue.release()
    await other.send()
    assert collector.message_ids == {counted}
    assert (await database.look(telemetry_rows.facts))["gate"] == undecided.switch.permit == other.switch.permit


@pytest.mark.parametrize("failing", ["LoadPluginConfiguration", "GetConfig"])
async def test_what_mattermost_could_not_say_is_asked_again(
    undecided: Node, host: Mattermost, failing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if another change, a moment before, could be told."""
    await undecided.control.choose(Level.USAGE)
    call, asked = host.call, 0

    async def broken(name: str, *args: Json) -> list[Json]:
        nonlocal asked
        asked += name == failing
        if name == failing and asked == 2:
            raise HostGone
        return await call(name, *args)

    monkeypatch.setattr(host, "call", broken)
    configure = undecided.control.configure
    first, second = await asyncio.gather(configure(), configure(), return_exceptions=True)
    assert first is None
    assert isinstance(second, HostGone)
    host.entered, host.allows = {"telemetry": "off"}, False
    await undecided.control.run()
    assert undecided.control.decision.level is Level.OFF
    assert undecided.switch.plan is None


async def test_plain_ids_that_wait_do_not_leave_once_pseudonyms_are_wanted(
    undecided: Node, host: Mattermost, collector: FakeCollector
) -> None:
    host.entered = {"telemetryids": "raw"}
    await undecided.control.configure()
    await undecided.control.choose(Level.USAGE)
    await undecided.change()
    host.entered = {}
    await undecided.control.configure()
    await undecided.change()
    await undecided.send()
    (event,) = collector.events
    assert event["properties"]["UserActualID"] != "u" * 26


async def test_taking_a_decision_back_asks_anew(undecided: Node, clock: Clock, host: Mattermost) -> None:
    await undecided.control.noticed()
    clock.now += 1
    await undecided.control.choose(Level.OFF)
    clock.now += 100 * DAY_MS
    await undecided.control.choose(Level.UNDECIDED)
    assert (undecided.control.decision.level, undecided.control.wishes.noticed_at) == (Level.OFF, 0)
    host.calls.clear()
    await undecided.notice.run()
    assert "GetDirectChannel" in host.calls


async def test_another_destination_is_another_question(
    database: Database, http: aiohttp.ClientSession, clock: Clock, host: Mattermost, collector: FakeCollector
) -> None:
    node = Node(Settings(phone_home_url=f"{collector.url}/phone-home"), database, http, clock, host)
    await node.control.configure()
    await node.notice.run()
    await node.control.noticed()
    clock.now += GRACE_MS
    await node.control.refresh()
    assert node.control.decision.who is Who.NOTICE
    host.entered = {"rudderdataplaneurl": collector.url, "rudderwritekey": "k"}
    await node.control.configure()
    assert (node.control.decision.level, node.control.decision.who) == (Level.OFF, Who.NOBODY)
    host.calls.clear()
    await node.notice.run()
    await node.notice.run()
    assert host.calls.count("GetUsers") == 1
    await node.control.noticed()
    assert node.control.wishes.noticed_at == clock.now


async def test_an_address_without_its_key_is_said(
    database: Database, http: aiohttp.ClientSession, clock: Clock, host: Mattermost, collector: FakeCollector
) -> None:
    node = Node(Settings(telemetry=Level.USAGE, rudder_data_plane_url=collector.url), database, http, clock, host)
    await node.control.configure()
    assert node.switch.plan is None
    status = await node.report.status()
    assert status["destinations"]["data_plane"]["refused"] == "the write key is not set"
    assert "- Events: nowhere, the write key is not set" in status_text(status)


async def test_an_address_that_is_none_stops_nothing(
    database: Database, http: aiohttp.ClientSession, clock: Clock, host: Mattermost, collector: FakeCollector
) -> None:
    node = Node(
        settings_for(collector, telemetry=Level.USAGE, phone_home_url="https://[bad"), database, http, clock, host
    )
    await node.control.configure()
    assert node.switch.plan
    assert node.switch.plan.phone_home is None
    assert (await node.report.status())["destinations"]["phone_home"]["refused"] == "it is no address"


async def test_less_than_usage_keeps_no_event_and_purges_those_that_wait(
    node: Node, collector: FakeCollector, clock: Clock
) -> None:
    await node.change()
    await node.control.choose(Level.STATISTICS)
    await node.change()
    clock.now += 2 * DAY_MS
    await node.records.run()
    await node.send()
    assert collector.events == []
    assert collector.records
    assert "users" not in collector.records[0]
    assert collector.records[0]["totals"]["incidents"] == 0


async def test_plain_http_goes_to_this_machine_only(
    database: Database, http: aiohttp.ClientSession, clock: Clock, host: Mattermost
) -> None:
    away = "http://collector.example"
    settings = Settings(
        telemetry=Level.USAGE, rudder_write_key=SecretStr("k"), rudder_data_plane_url=away, phone_home_url=away
    )
    node = Node(settings, database, http, clock, host)
    await node.control.configure()
    assert node.switch.plan is None
    status = await node.report.status()
    assert status["destinations"]["data_plane"]["refused"]


async def test_one_record_a_day_however_many_nodes(
    node: Node, database: Database, http: aiohttp.ClientSession, clock: Clock, collector: FakeCollector
) -> None:
    """With what people did that day, under names that the day's events have too."""
    others = [Node(settings_for(collector, telemetry=Level.USAGE), database, http, clock, node.host) for _ in range(2)]
    for other in others:
        await other.control.configure()
    first_day = clock.now // DAY_MS * DAY_MS
    for _ in range(3):
        await node.change()
    for hour in range(1, 80):
        clock.now = first_day + hour * HOUR_MS
        await asyncio.gather(*(one.records.run() for one in (node, *others)))
        await asyncio.gather(*(one.send() for one in (node, *others)))
    days = [record["date"] for record in collector.records]
    assert days == sorted(set(days))
    assert len(days) == 3
    record = collector.records[0]
    assert [user["tasksAdded"] for user in record["users"]] == [3]
    assert record["users"][0]["id"] == collector.events[0]["properties"]["UserActualID"] != "u" * 26
    assert (record["users"][0]["joinMethod"], record["users"][0]["isAdmin"]) == ("ldap", True)
    assert [one["users"] for one in collector.records[1:]] == [[], []]
    assert len({one["messageId"] for one in collector.records}) == 3
    assert len({one["installationId"] for one in collector.records}) == 1


async def test_a_week_is_caught_up(node: Node, clock: Clock, collector: FakeCollector) -> None:
    clock.now += 20 * DAY_MS
    await node.records.run()
    await node.send()
    assert len(collector.records) == 7


async def test_who_dies_while_making_a_record_is_replaced(
    node: Node, clock: Clock, collector: FakeCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_: object) -> None:
        raise OSError("killed")

    clock.now += DAY_MS
    with monkeypatch.context() as patch:
        patch.setattr(node.records, "record", dies)
        with pytest.raises(OSError, match="killed"):
            await node.records.run()
    assert not await node.records.run()
    clock.now += 11 * 60_000
    assert await node.records.run()
    await node.send()
    assert len(collector.records) >= 1


async def test_a_record_waits_out_an_outage(node: Node, clock: Clock, collector: FakeCollector) -> None:
    collector.failing = True
    clock.now += 2 * DAY_MS
    await node.records.run()
    await node.send()
    sent = collector.requests[-1].body
    collector.failing = False
    clock.now += HOUR_MS
    await node.send()
    assert {**collector.records[0], "sentAt": 0} == {**sent, "sentAt": 0}


async def test_each_installation_has_a_minute_of_its_own(undecided: Node, clock: Clock) -> None:
    await undecided.control.choose(Level.USAGE)
    await undecided.records.run()
    drawn = int((await undecided.facts())[MINUTE])
    await undecided.records.run()
    assert int((await undecided.facts())[MINUTE]) == drawn in range(24 * 60)


async def test_reset_makes_another_installation(node: Node, collector: FakeCollector) -> None:
    await node.change()
    await node.send()
    before = await node.facts()
    await node.control.reset()
    await node.change()
    await node.send()
    after = await node.facts()
    assert before["installation_id"] != after["installation_id"]
    assert before["salt"] != after["salt"]
    ids = [event["properties"]["UserActualID"] for event in collector.events]
    assert ids[0] != ids[1]


# -- send

DID = Sendable(
    name="didTryIt",
    meaning="Somebody tried it.",
    event_properties=(
        Property("Count", Kind.COUNT, "How often."),
        Property("TeamID", Kind.ID, "Where."),
        Property("ChannelIDs", Kind.IDS, "In which channel."),
    ),
    user_properties=(Property("IsAdmin", Kind.FLAG, "Who."),),
    group_properties=(Property("Size", Kind.CHOICE, "How large.", ("small", "large")),),
    limit=Limit(times=2, per_s=3600, by=("TeamID",)),
)
BAGS: dict[str, dict[str, Any]] = {
    "event_properties": {"Count": 1, "TeamID": "t" * 26, "ChannelIDs": "c" * 26},
    "user_properties": {"IsAdmin": True},
    "group_properties": {"Size": "small"},
}


async def test_send_fills_three_bags(node: Node, collector: FakeCollector) -> None:
    """The group's only when it has changed; ids as they are outside."""
    telemetry = node.telemetry(DID)
    assert await telemetry.send("didTryIt", BAGS)
    assert await telemetry.send("didTryIt", BAGS)
    await node.send()
    assert [event["type"] for event in collector.events] == ["group", "track", "track"]
    group, track, _ = collector.events
    assert group["traits"] == {"Size": "small"}
    assert group["groupId"] == (await node.facts())["installation_id"]
    assert track["context"]["traits"] == {"IsAdmin": True}
    assert track["properties"]["Count"] == 1
    assert track["properties"]["TeamID"] not in ("", "t" * 26)
    (channel,) = track["properties"]["ChannelIDs"]
    assert channel not in ("", "c" * 26)
    await node.control.choose(Level.OFF)
    await node.control.choose(Level.USAGE)
    assert await telemetry.send("didTryIt", BAGS)
    await node.send()
    assert [event["type"] for event in collector.events[3:]] == ["group", "track"], "what was forgotten is told again"


async def test_send_keeps_limits_over_restarts_and_counts_the_rest(node: Node, clock: Clock) -> None:
    other_team = BAGS | {"event_properties": BAGS["event_properties"] | {"TeamID": "o" * 26}}
    assert [await node.telemetry(DID).send("didTryIt", BAGS) for _ in range(4)] == [True, True, False, False]
    assert await node.telemetry(DID).send("didTryIt", other_team)
    clock.now += 3_600_000
    assert await node.telemetry(DID).send("didTryIt", BAGS)
    counted = await node.database.read(telemetry_rows.counts)
    assert counted["limited"] == {"didTryIt": 2}


WRONG: list[tuple[str, Any]] = [
    ("didSomethingElse", {}),
    ("didTryIt", {}),
    ("didTryIt", {"event_properties": {"Count": "many", "TeamID": "t" * 26}}),
    ("didTryIt", {"event_properties": {"Count": 1, "TeamID": "Platform"}, "user_properties": {"IsAdmin": True}}),
    ("didTryIt", BAGS | {"event_properties": {"Count": 1, "TeamID": "", "Title": "Down"}}),
    ("didTryIt", BAGS | {"secret_properties": {}}),
    ("incident", {"event_properties": {"Action": "leak"}}),
]


@pytest.mark.parametrize(("event", "bags"), WRONG)
async def test_what_was_not_declared_is_not_sent(
    node: Node, collector: FakeCollector, event: str, bags: dict[str, Any]
) -> None:
    """Raised in our own tests; counted in production, without what it held."""
    telemetry = node.telemetry(DID)
    with strictly(), pytest.raises(Fault):
        await telemetry.send(event, bags)
    assert await telemetry.send(event, bags) is False
    await node.send()
    assert collector.events == []
    refused = (await node.database.read(telemetry_rows.counts))["refused"]
    assert sum(refused.values()) == 1
    assert "Down" not in str(refused)
    assert "Platform" not in str(refused)


async def test_an_event_of_ours_can_be_sent_by_hand(node: Node, collector: FakeCollector) -> None:
    bags = {"event_properties": {"Action": "add_task", "IncidentID": "i" * 26, "UserActualID": "u" * 26}}
    assert await node.telemetry().send("tasks", bags)
    await node.send()
    assert tracked("tasks", Action="add_task") in collector
    assert collector.bad == []


async def test_send_is_true_while_off(undecided: Node) -> None:
    telemetry = undecided.telemetry(DID)
    assert telemetry.is_disabled
    assert await telemetry.send("anything", {"nonsense": {}})
    assert await undecided.facts() == {}


async def test_send_never_raises(node: Node) -> None:
    node.database.close()
    assert await node.telemetry(DID).send("didTryIt", BAGS) is False


@pytest.mark.parametrize("name", ["tryIt", "didtryIt", "did", "Did", "didTry it", "willTry!"])
def test_names_have_a_form(name: str) -> None:
    with pytest.raises(ValueError, match="must begin with"):
        Sendable(name=name, meaning="")


# -- looking


async def test_the_copies_are_what_left(node: Node, collector: FakeCollector) -> None:
    await node.change()
    await node.send()
    (copy,) = await node.report.sent()
    assert copy["body"] == collector.requests[0].body
    everything = json.loads(b"".join([piece async for piece in await node.report.everything()]))
    assert everything["sent"] == [copy]
    assert (len(everything["sent"]), everything["waiting"], everything["quarantined"]) == (1, [], [])


async def test_everything_is_shown_page_by_page(node: Node, collector: FakeCollector) -> None:
    for _ in range(25):
        await node.change()
        await node.send()
    collector.failing = True
    waiting = [await node.change() for _ in range(7)]
    everything = json.loads(b"".join([piece async for piece in await node.report.everything()]))
    assert [one["body"] for one in everything["sent"]] == [request.body for request in collector.requests]
    assert [one["message"]["messageId"] for one in everything["waiting"]] == waiting
    numbers = [one["number"] for one in everything["sent"]]
    assert [one["number"] for one in await node.report.sent(limit=3)] == numbers[-3:]
    assert [one["number"] for one in await node.report.sent(after=0, limit=3)] == numbers[:3]
    assert [one["number"] for one in await node.report.sent(after=numbers[21], limit=10)] == numbers[22:]


async def test_a_preview_leaves_no_trace(undecided: Node) -> None:
    shown = await undecided.report.preview()
    assert len(shown["events"]) == len(DEFINITIONS)
    assert shown["phone_home"]["installationId"].startswith("00000000")
    assert await undecided.facts() == {}
    assert (await undecided.report.preview(Level.OFF))["phone_home"] is None
    assert "teams" not in (await undecided.report.preview(Level.STATISTICS))["phone_home"]
