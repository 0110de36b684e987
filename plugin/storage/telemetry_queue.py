"""How what is queued leaves: leased in order, forgotten when it was accepted, put aside when it was refused."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from plugin.storage import outbox as rows
from plugin.storage.tables import dead_letters, outbox, sent_batches, telemetry_facts
from plugin.storage.telemetry_rows import GATE, OPEN, add_fact, count
from telemetry.sender import LEASE_MS, Attempt, Queued

MAX_DEAD = 1_000

OLDEST = (
    select(outbox.c.id, outbox.c.merge_key, outbox.c.payload, outbox.c.lease_until)
    .where(outbox.c.kind == bindparam("kind"))
    .order_by(outbox.c.seq)
    .limit(bindparam("limit"))
)
"""Of a kind; takes `kind` and `limit`."""


def is_queued(connection: Connection, kind: str) -> bool:
    return connection.execute(select(outbox.c.seq).where(outbox.c.kind == kind).limit(1)).first() is not None


def claim(connection: Connection, kind: str, now: int, limit: int) -> list[Queued]:
    """Lease the oldest messages of a kind; nothing while somebody holds some, so that they leave in order."""
    # One claim at a time, on all nodes; and none after an opting out.
    gate = select(telemetry_facts.c.value).where(telemetry_facts.c.name == GATE)
    add_fact(connection, f"claims:{kind}", "")
    connection.execute(select(telemetry_facts).where(telemetry_facts.c.name == f"claims:{kind}").with_for_update())
    if connection.execute(gate).scalar() != OPEN:
        return []
    oldest = connection.execute(OLDEST, {"kind": kind, "limit": limit}).all()
    if any(row.lease_until > now and row.lease_until <= now + LEASE_MS for row in oldest):
        return []
    claimed = [Queued(message_id=row.id, event=row.merge_key, payload=row.payload) for row in oldest]
    _lease(connection, [one.message_id for one in claimed], now + LEASE_MS)
    return claimed


def release(connection: Connection, message_ids: Sequence[str]) -> None:
    """Let go of them."""
    _lease(connection, message_ids, 0)


def _lease(connection: Connection, message_ids: Sequence[str], until: int) -> None:
    if message_ids:
        connection.execute(update(outbox).where(outbox.c.id.in_(message_ids)).values(lease_until=until))


def accepted(connection: Connection, kind: str, attempt: Attempt) -> None:
    """Forget the messages, count them, keep the copy."""
    rows.drop(connection, [one.message_id for one in attempt.events])
    count(connection, "sent", _by_event(one.event for one in attempt.events))
    copy(connection, kind, attempt)


def copy(connection: Connection, kind: str, attempt: Attempt) -> None:
    """Keep what was sent."""
    values = {
        "at": attempt.at,
        "kind": kind,
        "status": attempt.status,
        "events": len(attempt.events),
        "body": attempt.body,
    }
    connection.execute(insert(sent_batches), values)


def bury(connection: Connection, kind: str, attempt: Attempt) -> None:
    """Put messages aside for good; of those that are aside, at most 1,000 are kept."""
    rows.drop(connection, [one.message_id for one in attempt.events])
    dead = [
        {
            "id": one.message_id,
            "kind": kind,
            "event": one.event,
            "payload": one.payload,
            "status": attempt.status,
            "at": attempt.at,
        }
        for one in attempt.events
    ]
    connection.execute(insert(dead_letters), dead)
    count(connection, "quarantined", _by_event(one.event for one in attempt.events))
    copy(connection, kind, attempt)
    newest = select(dead_letters.c.seq).order_by(dead_letters.c.seq.desc()).limit(MAX_DEAD).scalar_subquery()
    connection.execute(delete(dead_letters).where(dead_letters.c.seq.not_in(newest)))


def _by_event(events: Iterable[str]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for event in events:
        counted[event] = counted.get(event, 0) + 1
    return counted
