"""What telemetry remembers: facts, counts, and what transactions and `send` queue.

`GATE` is how a decision holds on every node: it holds a permit, or that nothing is permitted. A transaction looks at it
before it queues, and waits for whoever is changing it; a sender looks before each request. Who has another permit than
that in the gate has not heard of the decision yet: nothing of it is queued, nothing leaves.
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from plugin.storage import outbox as rows
from plugin.storage.tables import (
    daily_counts,
    dead_letters,
    outbox,
    phone_home_days,
    telemetry_counts,
    telemetry_facts,
    telemetry_limits,
)
from telemetry.send import Wanted
from telemetry.switch import Collected

GATE = "gate"
OPENED_AT = "opened_at"
CLOSED = "closed"
KINDS = (rows.TELEMETRY, rows.PHONE_HOME)
_GROUP = "group"

_GATE = select(telemetry_facts.c.value).where(telemetry_facts.c.name == GATE)
_GATE_SHARED = _GATE.with_for_update(read=True)


# -- facts


def facts(connection: Connection) -> dict[str, str]:
    """All of them, by name."""
    return {row.name: row.value for row in connection.execute(select(telemetry_facts))}


def locked_facts(connection: Connection) -> dict[str, str]:
    """The same; nobody else decides until the transaction ends."""
    add_fact(connection, GATE, CLOSED)
    connection.execute(_GATE.with_for_update())
    return facts(connection)


def forget(connection: Connection, names: Sequence[str]) -> None:
    connection.execute(delete(telemetry_facts).where(telemetry_facts.c.name.in_(names)))


def set_fact(connection: Connection, name: str, value: str) -> None:
    upsert(connection, telemetry_facts, {"name": name, "value": value}, ["name"], {"value": value})


def add_fact(connection: Connection, name: str, value: str) -> str:
    """Unless there is one; returns the one that holds."""
    upsert(connection, telemetry_facts, {"name": name, "value": value}, ["name"], None)
    return str(connection.execute(select(telemetry_facts.c.value).where(telemetry_facts.c.name == name)).scalar_one())


# -- counts


def count(connection: Connection, what: str, counted: Mapping[str, int]) -> None:
    """Add to the counts, by event."""
    for event, number in sorted(counted.items()):
        values = {"what": what, "event": event, "count": number}
        upsert(connection, telemetry_counts, values, ["what", "event"], {"count": telemetry_counts.c.count + number})


def counts(connection: Connection) -> dict[str, dict[str, int]]:
    """By what has happened to them, then by event."""
    known: dict[str, dict[str, int]] = {}
    for row in connection.execute(select(telemetry_counts).order_by(telemetry_counts.c.event)):
        known.setdefault(row.what, {})[row.event] = row[2]
    return known


# -- what a transaction has tracked


def keep(connection: Connection, collected: Collected, now: int) -> int:
    """Store it, if it is still permitted; returns how many bytes were queued."""
    if not permits(connection, collected.permit):
        return 0
    if collected.events:
        rows.add_events(connection, rows.TELEMETRY, collected.events, now)
    for (day, person_id, event), number in sorted(collected.days.items()):
        values = {"day": day, "person_id": person_id, "event": event, "count": number}
        changed = {"count": daily_counts.c.count + number}
        upsert(connection, daily_counts, values, ["day", "person_id", "event"], changed)
    count(connection, "refused", collected.refused)
    return sum(len(payload) for _id, _event, payload in collected.events)


def open_gate(connection: Connection, now: int) -> str:
    """Let transactions queue; phone-home tells of no day before that. Returns the permit."""
    permit = connection.execute(_GATE).scalar()
    if permit in (None, CLOSED):
        set_fact(connection, OPENED_AT, str(now))
        return permit_anew(connection)
    return str(permit)


def permit_anew(connection: Connection) -> str:
    """From now on, all who have not heard of it keep still."""
    permit = secrets.token_hex(8)
    set_fact(connection, GATE, permit)
    return permit


def permits(connection: Connection, permit: str) -> bool:
    """Whether it is the one in the gate; nobody changes that until the transaction ends."""
    return bool(permit) and connection.execute(_GATE_SHARED).scalar() == permit


def has_permit(connection: Connection, permit: str) -> bool:
    """Whether it is the one in the gate at this moment."""
    return bool(permit) and connection.execute(_GATE).scalar() == permit


def opt_out(connection: Connection) -> int:
    """Close the gate and forget all that has not left; returns how many messages that were.

    How many of them were sent, and the copies of what was sent, stay: they are what an administrator can look at.
    """
    set_fact(connection, GATE, CLOSED)
    forget(connection, [_GROUP])
    purged = connection.execute(delete(outbox).where(outbox.c.kind.in_(KINDS))).rowcount
    for table in (dead_letters, daily_counts, telemetry_limits):
        connection.execute(delete(table))
    return purged


def purge(connection: Connection, kinds: Sequence[str]) -> None:
    """Forget what has not left, of those kinds."""
    connection.execute(delete(outbox).where(outbox.c.kind.in_(kinds)))


def forget_identity(connection: Connection, names: Sequence[str]) -> None:
    """Those facts, all counts, and whose days were told."""
    forget(connection, names)
    for table in (telemetry_counts, phone_home_days):
        connection.execute(delete(table))


# -- `send`


def queue(connection: Connection, wanted: Wanted, now: int) -> bool:
    """One message, if it is permitted and its limit is not reached; and one of the group, if that has changed."""
    if not permits(connection, wanted.permit):
        return False
    if wanted.limit_key and not within_limit(
        connection, wanted.limit_key, times=wanted.limit_times, window_ms=wanted.limit_ms, now=now
    ):
        count(connection, "limited", {wanted.message[1]: 1})
        return False
    messages = [wanted.message]
    if wanted.group and facts(connection).get(_GROUP) != wanted.group_hash:
        set_fact(connection, _GROUP, wanted.group_hash)
        messages.insert(0, wanted.group)
    rows.add_events(connection, rows.TELEMETRY, messages, now)
    return True


def within_limit(connection: Connection, key: str, *, times: int, window_ms: int, now: int) -> bool:
    """Count one more of `key`; False if there were as many as may be in this window."""
    first = {"key": key, "began_at": now, "count": 0}
    upsert(connection, telemetry_limits, first, ["key"], None)
    mine = telemetry_limits.c.key == key
    row = connection.execute(select(telemetry_limits).where(mine).with_for_update()).one()
    fresh = row.began_at + window_ms <= now or row.began_at > now
    if not fresh and row[2] >= times:
        return False
    values = {"began_at": now, "count": 1} if fresh else {"count": row[2] + 1}
    connection.execute(update(telemetry_limits).where(mine).values(values))
    return True


def upsert(connection: Connection, table: Table, values: Mapping[str, Any], key: Sequence[str], changed: Any) -> None:
    """Insert, or change the row that has the key; `changed` None: leave it as it is."""
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).values(values)
    connection.execute(
        statement.on_conflict_do_update(index_elements=key, set_=changed)
        if changed
        else statement.on_conflict_do_nothing(index_elements=key)
    )
