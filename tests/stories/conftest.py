"""Stories are told in process on SQLite and on PostgreSQL, and as a native plugin over Mattermost's protocol.

A native plugin takes a second to start, so only some modules have all three by default; NATIVE=full has them all.
With MATTERMOST_URL they are told to that server instead (`make live`), but for those that need a plugin of their own.
"""

import os
from collections.abc import Iterator

import pytest

from telemetry.testing import strictly
from tests.databases import store
from tests.live.server import URL

__all__ = ["home", "store"]

_FULL = os.environ.get("NATIVE") == "full"  # noqa: TID251 - chosen by `make soak`
_NATIVE = ("test_incident_from_start_to_end", "test_export", "test_live_lists", "test_native", "test_playbook_files")
_OWN_PLUGIN = {
    "test_command_line": "starts demos of its own",
    "test_mattermostdriver": "is about the sandbox",
    "test_sandbox": "is about the sandbox",
    "test_telemetry": "starts the plugin with settings of its own",
    "test_telemetry_administration": "starts the plugin with settings of its own",
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "home" in metafunc.fixturenames:
        module = metafunc.module.__name__.rpartition(".")[2]
        metafunc.parametrize("home", _homes(module), indirect=True)


def _homes(module: str) -> list[object]:
    if URL:
        reason = _OWN_PLUGIN.get(module, "")
        skipped = [pytest.mark.skip(reason=f"live: {reason}")] if reason else []
        return [pytest.param("live", marks=[pytest.mark.live, *skipped])]
    return ["sqlite", "postgresql", *(["native"] if _FULL or module in _NATIVE else [])]


@pytest.fixture
def home(request: pytest.FixtureRequest) -> str:
    """Where the plugin runs, and on what."""
    return str(request.param)


@pytest.fixture(autouse=True)
def no_event_is_other_than_declared() -> Iterator[None]:
    """Here it raises; in production it would be left out and counted."""
    with strictly():
        yield
