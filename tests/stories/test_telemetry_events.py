"""Each change is the event that TELEMETRY.md says, with just its properties; each use case tracks, or has a reason."""

import inspect
import typing
from typing import Any

import pytest

from plugin.services import Services
from plugin.settings import Settings
from telemetry.registry import DEFINITIONS
from telemetry.testing import FakeCollector
from tests.people import API, Person, until
from tests.storms.harness import counting

_NO_NAME = "the pages that we follow have no event for it"
USE_CASES: dict[str, tuple[str, ...] | str] = {
    "start.__call__": ("incident/create",),
    "start.carry_out": ("incident/create",),
    "start.undo": "nothing was started",
    "lifecycle.end": ("incident/end",),
    "lifecycle.restart": ("incident/restart",),
    "commander.change": ("incident/change_commander",),
    "details.change": _NO_NAME,
    "stages.go_to": ("incident/change_stage",),
    "stages.gone_to": ("incident/change_stage",),
    "stages.add": _NO_NAME,
    "stages.edit": _NO_NAME,
    "stages.remove": _NO_NAME,
    "tasks.set_state": ("tasks/modify_task_state",),
    "task_editing.add": ("tasks/add_task",),
    "task_editing.assign": ("tasks/set_assignee_for_task",),
    "task_editing.edit": ("tasks/rename_task",),
    "task_editing.move": ("tasks/move_task",),
    "task_editing.remove": ("tasks/remove_task",),
    "task_editing.run": ("tasks/run_task_slash_command",),
    "watching.watch": "who looks at a list changes no incident",
    "watching.stop": "who looks at a list changes no incident",
    "watching.listeners": "asks only",
    "playbook_editing.create": ("playbook/create",),
    "playbook_editing.update": ("playbook/update",),
    "playbook_editing.restore": ("playbook/update",),
    "playbook_editing.delete": ("playbook/delete",),
    "playbook_editing.check_creator": "asks only",
}
"""Of the services that change something: the events, or why there is none."""
ONLY_ASK = {"gate", "incidents", "playbooks"}


def test_every_use_case_tracks_or_has_a_reason() -> None:
    found = {
        f"{name}.{method}"
        for name, kind in typing.get_type_hints(Services).items()
        if inspect.isclass(kind) and kind.__module__.split(".")[0] in ("incidents", "playbooks")
        if name not in ONLY_ASK
        for method, _ in inspect.getmembers(kind, inspect.isfunction)
        if method == "__call__" or not method.startswith("_")
    }
    assert found == set(USE_CASES)
    tracked = {key for keys in USE_CASES.values() if isinstance(keys, tuple) for key in keys}
    assert tracked == {one.key for one in DEFINITIONS}


@pytest.fixture
def settings(collector: FakeCollector) -> Settings:
    return counting(collector)


async def test_a_walk_through_all_of_them(alice: Person, bob: Person, collector: FakeCollector) -> None:
    """In the order of the changes. What is no change, or has no event, is none."""
    team = (await alice.team())["id"]
    stages = [{"title": "One", "items": [{"title": "A", "command": "/echo x"}, {"title": "B"}]}, {"title": "Two"}]
    body: dict[str, Any] = {"title": "P", "team_id": team, "checklists": stages, "create_public_incident": True}
    playbook = f"{API}/playbooks/{(await alice.post(f'{API}/playbooks', body))['id']}"
    wanted = ["playbook/create"] * 3  # two are seeded
    incident = await alice.start("Walk", playbook="", playbook_id=playbook.rpartition("/")[2])
    wanted.append("incident/create")
    await bob.post(f"/api/v4/channels/{incident['channel_id']}/members", {"user_id": bob.id})
    path = f"{API}/incidents/{incident['id']}"
    stage = f"{path}/checklists/0"

    async def does(key: str, method: str, where: str, content: Any = None) -> None:
        answer = await alice.call(method, where, {} if content is None else content)
        assert 200 <= answer.status < 300, (key, answer.body)
        if key:
            wanted.append(key)

    await does("tasks/add_task", "PUT", f"{stage}/add", {"title": "C"})
    await does("tasks/rename_task", "PUT", f"{stage}/item/2", {"title": "D"})
    await does("", "PUT", f"{stage}/item/2", {"title": "D"})
    await does("tasks/move_task", "PUT", f"{stage}/reorder", {"item_num": 2, "new_location": 1})
    await does("tasks/set_assignee_for_task", "PUT", f"{stage}/item/0/assignee", {"assignee_id": bob.id})
    await does("", "PUT", f"{stage}/item/0/assignee", {"assignee_id": bob.id})
    await does("tasks/modify_task_state", "PUT", f"{stage}/item/0/state", {"new_state": "closed"})
    await does("", "PUT", f"{stage}/item/0/state", {"new_state": "closed"})
    await does("tasks/run_task_slash_command", "POST", f"{stage}/item/0/run")
    await does("tasks/remove_task", "DELETE", f"{stage}/item/1")
    await does("incident/change_stage", "PATCH", path, {"active_stage": 1})
    await does("", "PATCH", path, {"name": "Renamed", "description": "Described"})
    await does("", "POST", f"{path}/checklists", {"title": "Three"})
    await does("incident/change_commander", "POST", f"{path}/commander", {"commander_id": bob.id})
    await does("", "POST", f"{path}/commander", {"commander_id": bob.id})
    await does("incident/end", "PUT", f"{path}/end")
    await does("incident/restart", "PUT", f"{path}/restart")
    await does("playbook/update", "PUT", playbook, {**body, "title": "Q", "member_ids": [alice.id]})
    await does("playbook/delete", "DELETE", playbook)
    await does("playbook/update", "POST", f"{playbook}/restore")

    async def all_are_there() -> bool:
        return len(collector.events) >= len(wanted)

    await until(all_are_there)
    told = [f"{event['event']}/{event['properties']['Action']}" for event in collector.events]
    assert told == wanted
    assert set(wanted) == {one.key for one in DEFINITIONS}
    names = {one.key: {p.name for p in one.properties} | {"PluginVersion", "ServerVersion"} for one in DEFINITIONS}
    for key, event in zip(told, collector.events, strict=True):
        assert set(event["properties"]) == names[key]
        assert event["type"] == "track"
