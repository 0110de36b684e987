"""Each action is defined once; what is defined does not become less unnoticed."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plugin.__main__ import main
from plugin.docs import LOCK, write
from telemetry.document import telemetry_page
from telemetry.events import IncidentAction, PlaybookAction, TaskAction
from telemetry.registry import DEFINITIONS, as_data, lock, narrowed


def test_each_action_is_defined_once() -> None:
    assert [one.action for one in DEFINITIONS] == [*IncidentAction, *TaskAction, *PlaybookAction]
    assert len({one.key for one in DEFINITIONS}) == len({one.legacy_event for one in DEFINITIONS}) == len(DEFINITIONS)


def test_the_page_has_everything() -> None:
    page = telemetry_page()
    for one in DEFINITIONS:
        for wanted in (f"`{one.action}`", one.meaning, one.label, one.legacy_event):
            assert wanted in page
        for one_property in one.properties:
            assert f"`{one_property.name}`" in page or one_property.name == "Action"


def less_properties(now: dict[str, Any]) -> None:
    del now["incident/create"]["properties"]["Public"]


def fewer_values(now: dict[str, Any]) -> None:
    now["tasks/modify_task_state"]["properties"]["NewState"].remove("skipped")


def another_kind(now: dict[str, Any]) -> None:
    now["playbook/delete"]["properties"]["NumMembers"] = ["flag"]


def gone(now: dict[str, Any]) -> None:
    del now["tasks/move_task"]


@pytest.mark.parametrize("change", [less_properties, fewer_values, another_kind, gone])
def test_less_needs_a_higher_version(change: Callable[[dict[str, Any]], None]) -> None:
    now = copy.deepcopy(lock())
    change(now)
    assert len(narrowed(lock(), now)) == 1
    for one in now.values():
        one["version"] += 1
    assert len(narrowed(lock(), now)) == (1 if change is gone else 0)


def test_more_does_not() -> None:
    now = copy.deepcopy(lock())
    now["incident/create"]["properties"]["Severity"] = ["choice", "1", "2"]
    now["incident/escalate"] = {"version": 1, "properties": {}}
    assert narrowed(lock(), now) == []


def test_the_docs_are_not_written_when_there_is_less(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither checked nor written over: the lock is only ever widened."""
    (tmp_path / "telemetry").mkdir()
    before = lock()
    before["incident/create"]["properties"]["Severity"] = ["choice", "1"]
    (tmp_path / LOCK).write_text(json.dumps(before))
    for check in (True, False):
        assert write(tmp_path, check=check) == 1
        assert "Severity is gone" in capsys.readouterr().err
    assert json.loads((tmp_path / LOCK).read_text()) == before


def test_the_command_line_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["telemetry", "events", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(as_data()))
    assert main(["telemetry", "events"]) == 0
    assert capsys.readouterr().out == telemetry_page()
