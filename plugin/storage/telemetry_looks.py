"""What an administrator can look at: what waits, what has left, what was refused. Reads only."""

import gzip
import json
from typing import Any

from sqlalchemy import Connection, Row, func, select

from plugin.storage.tables import dead_letters, outbox, sent_batches
from plugin.storage.telemetry_bounds import queued_bytes
from plugin.storage.telemetry_queue import OLDEST
from plugin.storage.telemetry_rows import KINDS

NEWEST = -1
_MAX_SHOWN_BYTES = 1_000_000
"""As they have left: gzipped. As JSON that is ten times as much."""
_REQUESTS = 10
_MESSAGES = 500


def queue_state(connection: Connection) -> dict[str, Any]:
    """How much waits, and since when (ms; 0 for nothing)."""
    row = connection.execute(
        select(func.count(), func.coalesce(func.min(outbox.c.created_at), 0)).where(outbox.c.kind.in_(KINDS))
    ).one()
    dead = connection.execute(select(func.count()).select_from(dead_letters)).scalar_one()
    return {"queued": row[0], "queued_bytes": queued_bytes(connection), "oldest_at": row[1], "quarantined": dead}


def sent(connection: Connection, *, after: int = NEWEST, limit: int) -> list[dict[str, Any]]:
    """Requests that have left, oldest first: those after the one with that number, or the newest.

    At most `limit`, and so many that they are not more than a megabyte.
    """
    of = select(sent_batches).limit(limit)
    newest = of.order_by(sent_batches.c.seq.desc())
    next_ones = of.where(sent_batches.c.seq > after).order_by(sent_batches.c.seq)
    shown: list[dict[str, Any]] = []
    size = 0
    wanted = newest if after == NEWEST else next_ones
    for row in connection.execute(wanted, execution_options={"yield_per": 1}):
        size += len(row.body)
        if shown and size > _MAX_SHOWN_BYTES:
            break
        shown.append(json.loads(_request(row)))
    return shown[::-1] if after == NEWEST else shown


def sent_page(connection: Connection, after: int) -> list[tuple[int, str]]:
    """The next requests that have left, as JSON, with their numbers."""
    page = select(sent_batches).where(sent_batches.c.seq > after).order_by(sent_batches.c.seq).limit(_REQUESTS)
    return [(row.seq, _request(row)) for row in connection.execute(page)]


def waiting_page(connection: Connection, after: int, kind: str) -> list[tuple[int, str]]:
    """The next messages to leave, as they will but for `sentAt`."""
    page = OLDEST.where(outbox.c.seq > after)
    rows = connection.execute(page, {"kind": kind, "limit": _MESSAGES})
    return [(row.seq, f'{{"to":"{kind}","message":{row.payload}}}') for row in rows]


def quarantined_page(connection: Connection, after: int) -> list[tuple[int, str]]:
    """What the receiver refused, and with which status."""
    page = select(dead_letters).where(dead_letters.c.seq > after).order_by(dead_letters.c.seq).limit(_MESSAGES)
    return [
        (row.seq, f'{{"at":{row.at},"to":"{row.kind}","status":{row.status},"message":{row.payload}}}')
        for row in connection.execute(page)
    ]


def _request(row: Row[Any]) -> str:
    body = gzip.decompress(row.body).decode()
    head = f'"number":{row.seq},"at":{row.at},"to":"{row.kind}","status":{row.status},"events":{row.events}'
    return f'{{{head},"body":{body}}}'
