"""The command line's look at a database, when no server can be asked: what is stored, and deciding."""

from typing import Any

from sqlalchemy import Connection

from plugin.manifest import VERSION
from plugin.reporting.control import CHOICE, INSTALLATION_ID, level_said, noticed_at, store_choice
from plugin.reporting.errors import LevelLocked
from plugin.reporting.phone_home import MINUTE
from plugin.settings import Settings, do_not_track
from plugin.storage import telemetry_looks, telemetry_rows
from telemetry.consent import GRACE_MS, Level, Wishes, decide, locked_by
from telemetry.destination import refusal_of, without_password
from telemetry.preview import examples
from telemetry.pseudonyms import Pseudonyms, as_they_are
from telemetry.wire import Dialect, Installation, Naming, Writer


def wishes(settings: Settings, facts: dict[str, str]) -> Wishes:
    """Without Mattermost's configuration, which is not known here."""
    return Wishes(
        do_not_track=do_not_track(),
        environment=settings.telemetry,
        administrator=level_said(facts.get(CHOICE)),
        noticed_at=noticed_at(facts, _destinations(settings)),
    )


def _urls(settings: Settings) -> dict[str, str]:
    return {"data_plane": settings.rudder_data_plane_url, "phone_home": settings.phone_home_url}


def _destinations(settings: Settings) -> list[str]:
    return [name for name, url in _urls(settings).items() if url]


def status(settings: Settings, connection: Connection, now: int) -> dict[str, Any]:
    """Like `Report.status`, as far as it can be known."""
    facts = telemetry_rows.facts(connection)
    said = wishes(settings, facts)
    decision = decide(said, now)
    return {
        "level": str(decision.level),
        "decided_by": decision.who.name.lower(),
        "undecided": decision.is_open,
        "said": {
            "DO_NOT_TRACK": said.do_not_track,
            "environment": str(said.environment),
            "mattermost_allows": "unknown",
            "system_console": "unknown",
            "administrator": str(said.administrator),
        },
        "notice": {"seen_at": said.noticed_at, "counts_from": said.noticed_at + GRACE_MS if said.noticed_at else 0},
        "installation_id": facts.get(INSTALLATION_ID, ""),
        "ids": str(settings.telemetry_ids),
        "naming": str(settings.telemetry_naming),
        "dialect": str(settings.telemetry_dialect),
        "phone_home_minute": int(facts[MINUTE]) if MINUTE in facts else None,
        "destinations": {
            name: {
                "url": without_password(url),
                "set": bool(url),
                "refused": refusal_of(url) if url else "",
                "left_alone_until": 0,
                "last_status": 0,
            }
            for name, url in _urls(settings).items()
        },
        **telemetry_looks.queue_state(connection),
        "counts": telemetry_rows.counts(connection),
    }


def choose(settings: Settings, connection: Connection, level: Level) -> None:
    """Running servers hear of it within seconds; off holds at once, for all of them. Raises LevelLocked."""
    who = locked_by(wishes(settings, telemetry_rows.facts(connection)), level)
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
