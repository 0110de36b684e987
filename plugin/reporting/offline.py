"""The command line's look at a database, when no server can be asked: what is stored, and deciding."""

from typing import Any

from sqlalchemy import Connection

from plugin.manifest import VERSION
from plugin.reporting.control import CHOICE, INSTALLATION_ID, NOTICED_FOR, level_said, noticed_at, store_choice
from plugin.reporting.errors import LevelLocked
from plugin.reporting.phone_home import MINUTE
from plugin.reporting.text import UNKNOWN
from plugin.settings import Settings, do_not_track
from plugin.storage import telemetry_looks, telemetry_rows
from telemetry.consent import GRACE_MS, Level, Who, Wishes, locked_by
from telemetry.preview import examples
from telemetry.pseudonyms import Pseudonyms, as_they_are
from telemetry.wire import Dialect, Installation, Naming, Writer


def status(connection: Connection) -> dict[str, Any]:
    """Like `Report.status`, as far as a database knows: `level` is what may leave at most."""
    facts = telemetry_rows.facts(connection)
    chosen = level_said(facts.get(CHOICE))
    about = facts.get(NOTICED_FOR, "").split()
    seen = noticed_at(facts, about)
    unset = {"url": "", "set": False, "refused": "", "left_alone_until": 0, "last_status": 0}
    return {
        "level": str(Level.USAGE if chosen is Level.UNDECIDED else chosen),
        "decided_by": UNKNOWN if chosen is Level.UNDECIDED else Who.ADMINISTRATOR.name.lower(),
        "undecided": chosen is Level.UNDECIDED,
        "said": {
            "DO_NOT_TRACK": UNKNOWN,
            "environment": UNKNOWN,
            "mattermost_allows": UNKNOWN,
            "system_console": UNKNOWN,
            "administrator": str(chosen),
        },
        "notice": {"seen_at": seen, "counts_from": seen + GRACE_MS if seen else 0},
        "installation_id": facts.get(INSTALLATION_ID, ""),
        "ids": UNKNOWN,
        "naming": UNKNOWN,
        "dialect": UNKNOWN,
        "phone_home_minute": int(facts[MINUTE]) if MINUTE in facts else None,
        "destinations": {"data_plane": unset, "phone_home": unset},
        **telemetry_looks.queue_state(connection),
        "counts": telemetry_rows.counts(connection),
    }


def choose(settings: Settings, connection: Connection, level: Level) -> None:
    """Running servers hear of it within seconds; off holds at once, for all of them. Raises LevelLocked.

    What the server's own environment says is not known here; what this one says locks too.
    """
    who = locked_by(Wishes(do_not_track=do_not_track(), environment=settings.telemetry), level)
    if who is not None:
        raise LevelLocked(who)
    store_choice(connection, level)


def preview(settings: Settings, level: Level | None, now: int) -> dict[str, Any]:
    """The events alone: a record needs a running server."""
    wanted = level or (settings.telemetry if settings.telemetry.allows(Level.BASE) else Level.USAGE)
    installation = Installation(id="x" * 26, server_version="0", plugin_version=VERSION)
    outside = as_they_are if settings.telemetry_ids == "raw" else Pseudonyms(b"preview").of
    writer = Writer(
        installation,
        dialect=Dialect(settings.telemetry_dialect),
        naming=Naming(settings.telemetry_naming),
        outside=outside,
    )
    events = examples(writer, now) if wanted.allows(Level.USAGE) else []
    return {"level": str(wanted), "events": events, "phone_home": None}
