"""Brings a database to the newest schema at start-up."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from plugin.storage.errors import DatabaseTooNew, DatabaseUnusable


def migrate(connection: Connection) -> None:
    """Run what is missing. Raises DatabaseTooNew when a newer version of this program has been here."""
    config = _config(connection)
    _revision(connection, config)
    command.upgrade(config, "head")


def check(connection: Connection) -> None:
    """That there is nothing to do, and that it is a database of ours. Raises DatabaseTooNew, DatabaseUnusable."""
    config = _config(connection)
    revision = _revision(connection, config)
    if revision is None:
        raise DatabaseUnusable("The database is not one of incident-response.")
    if revision != ScriptDirectory.from_config(config).get_current_head():
        raise DatabaseUnusable("An older version of incident-response made the database. Start the server once.")


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _revision(connection: Connection, config: Config) -> str | None:
    current = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise DatabaseTooNew(current)
    return current
