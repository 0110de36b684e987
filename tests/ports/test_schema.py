"""The migrations make exactly the tables that the code uses."""

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from plugin.storage.database import Database
from plugin.storage.errors import DatabaseUnusable
from plugin.storage.tables import metadata
from tests.databases import opened


async def test_migrations_and_tables_agree(store: dict[str, Any], tmp_path: Path) -> None:
    """Run twice, the second time without effect."""
    database = opened(store, tmp_path)
    database.open()

    def differences(connection: Connection) -> list[Any]:
        found: list[Any] = compare_metadata(MigrationContext.configure(connection), metadata)
        return found

    assert await database.write(differences) == []
    database.close()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("mysql://somewhere/db", "must be of the form"),
        ("nonsense", "can't be read"),
        ("postgresql://nobody@127.0.0.1:1/db", "can't be used"),
    ],
)
def test_a_database_that_cannot_be_used_says_why(url: str, told: str) -> None:
    with pytest.raises(DatabaseUnusable, match=told):
        Database(url, schema="s").open()
