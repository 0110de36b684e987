"""What Mattermost reads from our stderr."""

import ast
import json
import logging
import re
from pathlib import Path

import pytest
import structlog

from plugin import logs
from plugin.settings import LogFormat, Settings


@pytest.fixture(autouse=True)
def as_before() -> object:
    yield
    structlog.reset_defaults()
    logging.getLogger().handlers = []


def test_under_mattermost_lines_are_hclogs(capsys: pytest.CaptureFixture[str]) -> None:
    """Its level, message and timestamp; else Mattermost takes them for plain text, at level debug."""
    logs.configure(Settings(), for_mattermost=True)
    structlog.get_logger().warning("posts.late", count=3)
    logging.getLogger("some.library").error("trouble")
    ours, theirs = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (ours["@level"], ours["@message"], ours["count"]) == ("warn", "posts.late", 3)
    assert (theirs["@level"], theirs["@message"]) == ("error", "trouble")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", ours["@timestamp"])


def test_a_format_that_was_asked_for_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(log_format=LogFormat.JSON), for_mattermost=True)
    structlog.get_logger().info("plugin.activated")
    assert json.loads(capsys.readouterr().err)["event"] == "plugin.activated"


def test_no_line_calls_its_own_things_as_the_log_calls_its() -> None:
    """It would be overwritten, and nobody would see it."""
    taken = {"level", "timestamp", "logger", "exception"}
    root = Path(logs.__file__).parents[1]
    sources = [
        file for folder in ("plugin", "incidents", "playbooks", "telemetry") for file in (root / folder).rglob("*.py")
    ]
    calls = [
        (file.name, node.lineno, {word.arg for word in node.keywords} & taken)
        for file in sources
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("log.")
    ]
    assert len(calls) > 20
    assert [call for call in calls if call[2]] == []
