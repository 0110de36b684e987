"""Fixtures: every kind of database that incidents can be kept in."""

import itertools
from pathlib import Path
from typing import Any

import pytest

from plugin.storage.database import Database

_numbers = itertools.count()


def on_postgres(url: str) -> dict[str, str]:
    """Settings for a schema that nobody has used."""
    return {"database_url": url, "database_schema": f"test_{next(_numbers)}"}


def opened(store: dict[str, Any], folder: Path) -> Database:
    """Empty, migrated."""
    if store:
        database = Database(store["database_url"], schema=store["database_schema"])
    else:
        database = Database.file(folder / "with %20 and ?x=1#.sqlite")
    database.open()
    return database


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest) -> str:
    """Every kind of database."""
    return str(request.param)


@pytest.fixture
def store(request: pytest.FixtureRequest, home: str) -> dict[str, Any]:
    """The settings that choose the database; empty: a SQLite file in the data folder."""
    return on_postgres(request.getfixturevalue("postgres_url")) if home == "postgresql" else {}
