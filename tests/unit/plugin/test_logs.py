"""What Mattermost reads from our stderr."""

import json
import logging
import re

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
