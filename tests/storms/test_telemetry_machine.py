"""Whatever people do, in whatever order, with whatever text: each change is one event, and no event is anything else.

Which changes there were is known from the `version` of incidents and playbooks, which telemetry does not look at.
"""

import asyncio
import re
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import aiohttp
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from plugin.demo import demo
from telemetry.events import Kind
from telemetry.registry import DEFINITIONS
from telemetry.testing import FakeCollector
from tests.people import API, Answer, Person, log_in, until
from tests.storms.harness import FULL, counting

pytestmark = pytest.mark.storm

T = TypeVar("T")

EXAMPLES, STEPS = (200, 40) if FULL else (6, 25)
MARK = "zq7~Kanari"
"""In all that people write; nothing that leaves has it."""
_DECLARED = {one.key: {each.name: each for each in one.properties} for one in DEFINITIONS}
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ID = re.compile(r"[a-z0-9]{26}|")

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20).map(lambda drawn: f"{MARK} {drawn}")
plain = st.text("aZ9 äß漢😀", max_size=20).map(lambda drawn: f"{MARK} {drawn}".strip())
places = st.integers(-1, 4)
states = st.sampled_from(["", "in_progress", "closed", "skipped", "none of these"])


class World:
    """A demo with two people, and a data plane; on a loop of its own, which only moves when it is asked something."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._runner = asyncio.Runner()
        self._open = AsyncExitStack()
        self.collector: FakeCollector
        self.people: list[Person] = []
        self.sysadmin: Person
        self.team = ""

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    async def start(self) -> None:
        self.collector = await self._open.enter_async_context(FakeCollector().serving())
        http = await self._open.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
        running = demo(counting(self.collector), host="127.0.0.1", port=0, data=self._folder)
        address = await self._open.enter_async_context(running)
        self.people = [await log_in(http, address, name) for name in ("alice", "bob")]
        self.sysadmin = await log_in(http, address, "sysadmin")
        self.team = (await self.people[0].team())["id"]

    async def all_sent(self) -> None:
        async def empty() -> bool:
            return int((await self.sysadmin.get(f"{API}/telemetry"))["queued"]) == 0

        await until(empty)

    def close(self) -> None:
        self.run(self._open.aclose())
        self._runner.close()


class People(RuleBasedStateMachine):
    """One incident and one playbook, and all that can be done to them."""

    world: ClassVar[World]
    told: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.expected: list[str] = []
        self.playbook = self.incident = ""

    @initialize(title=plain, name=plain)
    def begin(self, title: str, name: str) -> None:
        world = self.world
        world.run(world.all_sent())
        world.collector.reset()
        self.title = title[:60]
        answer = self.call("POST", f"{API}/playbooks", self.written(self.title))
        assert answer.status == 201, answer.body
        self.playbook = f"{API}/playbooks/{answer.json['id']}"
        body = {"name": name[:64], "description": title, "team_id": world.team, "playbook_id": answer.json["id"]}
        answer = self.call("POST", f"{API}/incidents", {**body, "commander_user_id": world.people[0].id})
        assert answer.status == 201, answer.body
        self.incident = f"{API}/incidents/{answer.json['id']}"
        channel, bob = answer.json["channel_id"], world.people[1]
        world.run(bob.post(f"/api/v4/channels/{channel}/members", {"user_id": bob.id}))
        self.expected = ["playbook/create", "incident/create"]

    def written(self, title: str) -> dict[str, Any]:
        tasks = [{"title": MARK, "description": title, "command": f"/echo {MARK}"}, {"title": MARK}]
        stages = [{"title": MARK, "items": tasks}, {"title": f"Two {MARK}", "items": tasks}]
        return {"title": title, "team_id": self.world.team, "checklists": stages, "create_public_incident": True}

    def call(self, method: str, path: str, body: Any = None, who: int = 0) -> Answer:
        return self.world.run(self.world.people[who].call(method, path, body))

    def version(self, path: str) -> int:
        found = self.call("GET", path)
        return int(found.json["version"]) if found.status == 200 else -1

    def does(self, key: str, method: str, path: str, body: Any = None, *, about: str = "", who: int = 0) -> None:
        """A request; if it has changed what it is about, there is to be one event, else none."""
        about = about or self.incident
        before = self.version(about)
        answer = self.call(method, path, body, who)
        assert answer.status < 500, answer.body
        if self.version(about) != before and key:
            assert answer.status < 300
            self.expected.append(key)

    def item(self, stage: int, task: int) -> str:
        return f"{self.incident}/checklists/{stage}/item/{task}"

    # -- tasks

    @rule(stage=places, task=places, state=states, who=st.integers(0, 1))
    def tick(self, stage: int, task: int, state: str, who: int) -> None:
        self.does("tasks/modify_task_state", "PUT", f"{self.item(stage, task)}/state", {"new_state": state}, who=who)

    @rule(stage=places, title=text)
    def add(self, stage: int, title: str) -> None:
        self.does("tasks/add_task", "PUT", f"{self.incident}/checklists/{stage}/add", {"title": title})

    @rule(stage=places, task=places, title=text)
    def rename(self, stage: int, task: int, title: str) -> None:
        self.does("tasks/rename_task", "PUT", self.item(stage, task), {"title": title})

    @rule(stage=places, task=places, to=places)
    def move(self, stage: int, task: int, to: int) -> None:
        body = {"item_num": task, "new_location": to}
        self.does("tasks/move_task", "PUT", f"{self.incident}/checklists/{stage}/reorder", body)

    @rule(stage=places, task=places, to=st.integers(0, 2))
    def assign(self, stage: int, task: int, to: int) -> None:
        assignee = ["", *(person.id for person in self.world.people)][to]
        body = {"assignee_id": assignee}
        self.does("tasks/set_assignee_for_task", "PUT", f"{self.item(stage, task)}/assignee", body)

    @rule(stage=places, task=places)
    def remove(self, stage: int, task: int) -> None:
        self.does("tasks/remove_task", "DELETE", self.item(stage, task))

    @rule(stage=places, task=places)
    def run_command(self, stage: int, task: int) -> None:
        self.does("tasks/run_task_slash_command", "POST", f"{self.item(stage, task)}/run", {})

    # -- the incident

    @rule(to=places)
    def go_to_stage(self, to: int) -> None:
        self.does("incident/change_stage", "PATCH", self.incident, {"active_stage": to})

    @rule(name=text, description=text)
    def describe(self, name: str, description: str) -> None:
        self.does("", "PATCH", self.incident, {"name": name, "description": description})

    @rule(to=st.integers(0, 1), who=st.integers(0, 1))
    def hand_over(self, to: int, who: int) -> None:
        body = {"commander_id": self.world.people[to].id}
        self.does("incident/change_commander", "POST", f"{self.incident}/commander", body, who=who)

    @rule()
    def end(self) -> None:
        self.does("incident/end", "PUT", f"{self.incident}/end", {})

    @rule()
    def restart(self) -> None:
        self.does("incident/restart", "PUT", f"{self.incident}/restart", {})

    # -- the playbook

    @rule(title=text, stages=st.integers(0, 2))
    def edit_playbook(self, title: str, stages: int) -> None:
        body = self.written(title)
        body["checklists"] = body["checklists"][:stages]
        self.does("playbook/update", "PUT", self.playbook, body, about=self.playbook)

    @precondition(lambda self: self.playbook)
    @rule()
    def delete_playbook_and_take_it_back(self) -> None:
        assert self.call("DELETE", self.playbook).status < 300
        assert self.call("POST", f"{self.playbook}/restore", {}).status < 300
        self.expected += ["playbook/delete", "playbook/update"]

    def teardown(self) -> None:
        if not self.incident:
            return
        world = self.world
        world.run(world.all_sent())
        events = world.collector.events
        assert [f"{one['event']}/{one['properties']['Action']}" for one in events] == self.expected
        assert world.collector.bad == []
        for event in events:
            _check(event)
        assert MARK.lower().encode() not in b"".join(request.raw for request in world.collector.requests).lower()
        People.told += len(events)


def _check(event: dict[str, Any]) -> None:
    """Nothing but what is declared, each of its kind; no other text anywhere."""
    common = {"PluginVersion", "ServerVersion"}
    properties = event["properties"]
    declared = _DECLARED[f"{event['event']}/{properties['Action']}"]
    assert set(properties) == set(declared) | common
    for name, value in properties.items():
        if name in common:
            assert re.fullmatch(r"\d+\.\d+\.\d+", value)
        elif isinstance(value, str):
            one = declared[name]
            assert value in one.values if one.kind is Kind.CHOICE else _ID.fullmatch(value)
        else:
            assert value is None or isinstance(value, bool | int)
    for name, value in event.items():
        if isinstance(value, str):
            known = name in ("type", "event", "channel")
            assert known or any(form.fullmatch(value) for form in (_ISO, _UUID, _ID)), (name, value)
    assert set(event["context"]) == {"library"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    world.run(world.start())
    People.world, People.told = world, 0
    yield world
    world.close()


def test_each_change_is_one_event_and_no_event_is_anything_else(world: World) -> None:
    run_state_machine_as_test(
        People,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
    print(f"\n{EXAMPLES} walks, {People.told} events")
    assert People.told >= EXAMPLES
