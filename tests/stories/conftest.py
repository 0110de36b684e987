"""Stories are told in process on SQLite and on PostgreSQL, and as a native plugin over Mattermost's protocol.

A native plugin takes a second to start, so only some modules have all three by default; NATIVE=full has them all.
"""

import os

import pytest

from tests.databases import store

__all__ = ["home", "store"]

_FULL = os.environ.get("NATIVE") == "full"  # noqa: TID251 - chosen by `make soak`
_NATIVE = ("test_incident_from_start_to_end", "test_export", "test_live_lists", "test_native", "test_playbook_files")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "home" in metafunc.fixturenames:
        native = _FULL or metafunc.module.__name__.rpartition(".")[2] in _NATIVE
        metafunc.parametrize("home", ["sqlite", "postgresql", *(["native"] if native else [])], indirect=True)


@pytest.fixture
def home(request: pytest.FixtureRequest) -> str:
    """Where the plugin runs, and on what."""
    return str(request.param)
