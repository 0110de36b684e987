"""What may leave, for tests that do without Mattermost and settings."""

import dataclasses
from typing import Any

from plugin.storage import telemetry_rows
from plugin.storage.database import Database
from telemetry.consent import Level
from telemetry.destination import DataPlane
from telemetry.pseudonyms import as_they_are
from telemetry.switch import Plan, Switch
from telemetry.wire import Dialect, Installation, Naming, Writer

INSTALLATION = Installation(id="d" * 26, server_version="5.35.4", plugin_version="0.1.0")


def writer(*, dialect: Dialect = Dialect.RUDDER, naming: Naming = Naming.GROUPED, outside: Any = as_they_are) -> Writer:
    return Writer(INSTALLATION, dialect=dialect, naming=naming, outside=outside)


def plan(url: str = "http://127.0.0.1:1", **changes: Any) -> Plan:
    """Events leave, with ids as they are."""
    fields: dict[str, Any] = {
        "level": Level.USAGE,
        "writer": writer(),
        "installation_id": "0" * 8 + "-0000-4000-8000-" + "0" * 12,
        "data_plane": DataPlane(url=url, write_key="k"),
    }
    return Plan(**(fields | changes))


async def turned_on(switch: Switch, database: Database, wanted: Plan | None = None) -> None:
    """With the gate in the database open."""
    permit = await database.write(lambda c: telemetry_rows.open_gate(c, 0))
    switch.turn_on(dataclasses.replace(wanted or plan(), permit=permit))
