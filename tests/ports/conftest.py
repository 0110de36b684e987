"""One suite on every database."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from plugin.storage.database import Database
from tests.databases import home, opened, store
from tests.ports.telemetry_node import Clock

__all__ = ["home", "store"]


@pytest.fixture
async def database(tmp_path: Path, store: dict[str, Any]) -> AsyncIterator[Database]:
    """Empty, migrated."""
    database = opened(store, tmp_path)
    yield database
    database.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()
