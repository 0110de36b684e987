"""How what is queued leaves: leased in order, forgotten when it was accepted, put aside when it was refused."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from plugin.storage.tables import dead_letters, outbox, sent_batches, telemetry_facts
from plugin.storage.telemetry_rows import add_fact, count, permits
from telemetry.sender import LEASE_MS, Attempt, Queued

MAX_DEAD = 1_000

_LEASE = "lease:"
_LEASE_OF = select(telemetry_facts.c.value).where(telemetry_facts.c.name == bindparam("name"))
_NOT_LENT: dict[str, Any] = {"owner": "", "until": 0, "last": 0}

OLDEST = (
    select(outbox.c.seq, outbox.c.id, outbox.c.merge_key, outbox.c.payload)
    .where(outbox.c.kind == bindparam("kind"), outbox.c.key == "")  # all of telemetry: so the index has their order
    .order_by(outbox.c.seq)
    .limit(bindparam("limit"))
)
"""Of a kind; takes `kind` and `limit`."""


def is_queued(connection: Connection, kind: str) -> bool:
    return connection.execute(select(outbox.c.seq).where(outbox.c.kind == kind).limit(1)).first() is not None


def claim(connection: Connection, kind: str, owner: str, permit: str, now: int, limit: int) -> list[Queued]:
    """The oldest messages of a kind, for `owner` alone; nothing while they are lent to another, or not permitted.

    It is the queue as a whole that is lent: so messages leave in order, and no row has to be written for it.
    """
    lease = _lock(connection, kind)
    is_lent = lease["owner"] != owner and now < lease["until"] <= now + LEASE_MS
    if is_lent or not permits(connection, permit):
        return []
    oldest = connection.execute(OLDEST, {"kind": kind, "limit": limit}).all()
    if oldest:
        _lend(connection, kind, {"owner": owner, "until": now + LEASE_MS, "last": oldest[-1].seq})
    return [Queued(message_id=row.id, event=row.merge_key, payload=row.payload) for row in oldest]


def release(connection: Connection, kind: str, owner: str) -> None:
    """What was lent is there for anybody again."""
    if _lock(connection, kind)["owner"] == owner:
        _lend(connection, kind, _NOT_LENT)


def release_leases(connection: Connection) -> None:
    """Of a process that is no more."""
    connection.execute(delete(telemetry_facts).where(telemetry_facts.c.name.startswith(_LEASE)))


def lent(connection: Connection, kind: str, now: int) -> int:
    """The place in the queue of the last message that is lent to somebody; 0 for none."""
    stored = connection.execute(_LEASE_OF, {"name": _LEASE + kind}).scalar()
    lease = json.loads(stored) if stored else _NOT_LENT
    return int(lease["last"]) if now < lease["until"] <= now + LEASE_MS else 0


def _lock(connection: Connection, kind: str) -> dict[str, Any]:
    stored = connection.execute(_LEASE_OF.with_for_update(), {"name": _LEASE + kind}).scalar()
    if stored is None:
        add_fact(connection, _LEASE + kind, json.dumps(_NOT_LENT))
        stored = connection.execute(_LEASE_OF.with_for_update(), {"name": _LEASE + kind}).scalar_one()
    lease: dict[str, Any] = json.loads(stored)
    return lease


def _lend(connection: Connection, kind: str, lease: dict[str, Any]) -> None:
    mine = telemetry_facts.c.name == _LEASE + kind
    connection.execute(update(telemetry_facts).where(mine).values(value=json.dumps(lease)))


def accepted(connection: Connection, kind: str, attempt: Attempt) -> None:
    """Forget the messages, count them, keep the copy."""
    count(connection, "sent", _by_event(one.event for one in _taken_off(connection, attempt)))
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
    gone = _taken_off(connection, attempt)
    dead = [
        {
            "id": one.message_id,
            "kind": kind,
            "event": one.event,
            "payload": one.payload,
            "status": attempt.status,
            "at": attempt.at,
        }
        for one in gone
    ]
    if dead:
        connection.execute(insert(dead_letters), dead)
    count(connection, "quarantined", _by_event(one.event for one in gone))
    copy(connection, kind, attempt)
    newest = select(dead_letters.c.seq).order_by(dead_letters.c.seq.desc()).limit(MAX_DEAD).scalar_subquery()
    connection.execute(delete(dead_letters).where(dead_letters.c.seq.not_in(newest)))


def _taken_off(connection: Connection, attempt: Attempt) -> list[Queued]:
    """Those that were still queued: another node may have sent the same, if our lease has ended."""
    ids = [one.message_id for one in attempt.events]
    gone = set(connection.execute(delete(outbox).where(outbox.c.id.in_(ids)).returning(outbox.c.id)).scalars())
    return [one for one in attempt.events if one.message_id in gone]


def _by_event(events: Iterable[str]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for event in events:
        counted[event] = counted.get(event, 0) + 1
    return counted
