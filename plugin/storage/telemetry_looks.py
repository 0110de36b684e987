"""What an administrator can look at: what waits, what has left, what was refused. Reads only."""

import gzip
import json
from typing import Any

from sqlalchemy import Connection, func, select

from plugin.storage.tables import dead_letters, outbox, sent_batches
from plugin.storage.telemetry_bounds import queued_bytes
from plugin.storage.telemetry_queue import OLDEST
from plugin.storage.telemetry_rows import KINDS

ALL = 10_000
"""Of what could be without end."""


def queue_state(connection: Connection) -> dict[str, Any]:
    """How much waits, and since when (ms; 0 for nothing)."""
    row = connection.execute(
        select(func.count(), func.coalesce(func.min(outbox.c.created_at), 0)).where(outbox.c.kind.in_(KINDS))
    ).one()
    dead = connection.execute(select(func.count()).select_from(dead_letters)).scalar_one()
    return {"queued": row[0], "queued_bytes": queued_bytes(connection), "oldest_at": row[1], "quarantined": dead}


def sent(connection: Connection, *, after: int, limit: int) -> list[dict[str, Any]]:
    """The newest `limit` requests that have left since the one that has the number `after`, oldest first."""
    newest = connection.execute(
        select(sent_batches).where(sent_batches.c.seq > after).order_by(sent_batches.c.seq.desc()).limit(limit)
    ).all()
    return [
        {
            "number": row.seq,
            "at": row.at,
            "to": row.kind,
            "status": row.status,
            "events": row.events,
            "body": json.loads(gzip.decompress(row.body)),
        }
        for row in reversed(newest)
    ]


def queued(connection: Connection, limit: int) -> list[dict[str, Any]]:
    """The next messages to leave, as they will but for `sentAt`."""
    listed = []
    for kind in KINDS:
        page = connection.execute(OLDEST, {"kind": kind, "limit": limit})
        listed += [{"to": kind, "message": json.loads(row.payload)} for row in page]
    return listed


def quarantined(connection: Connection) -> list[dict[str, Any]]:
    """What the receiver refused, and with which status."""
    found = connection.execute(select(dead_letters).order_by(dead_letters.c.seq))
    return [{"at": r.at, "to": r.kind, "status": r.status, "message": json.loads(r.payload)} for r in found]
