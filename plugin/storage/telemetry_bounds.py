"""Keeps what telemetry stores within its bounds: the oldest goes first, and is counted."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, func, or_, select

from plugin.storage.tables import daily_counts, outbox, phone_home_days, sent_batches, telemetry_limits
from plugin.storage.telemetry_queue import lent
from plugin.storage.telemetry_rows import KINDS, count

DAY_MS = 24 * 3600 * 1000
KEEP_QUEUED_MS = 30 * DAY_MS
MAX_QUEUED_BYTES = 64 * 1024 * 1024
KEEP_SENT_MS = 7 * DAY_MS
MAX_SENT_BYTES = 64 * 1024 * 1024
KEEP_DAYS = 31
_PAGE = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """How many messages were given up, because there was no room for them or they had become too old."""

    full: int
    old: int


def has_old(connection: Connection, now: int) -> bool:
    """Whether a message waits for longer than it may."""
    old = select(outbox.c.seq).where(outbox.c.kind.in_(KINDS), outbox.c.created_at < now - KEEP_QUEUED_MS)
    return connection.execute(old.limit(1)).first() is not None


def tidy(connection: Connection, now: int, *, max_bytes: int = MAX_QUEUED_BYTES, with_old: bool = True) -> Dropped:
    """Keep the queue and the copies within their bounds: the oldest go first, and are counted.

    `with_old`: messages that wait for too long go too.
    """
    # What is being sent just now stays: it would be counted twice.
    free = or_(*(and_(outbox.c.kind == kind, outbox.c.seq > lent(connection, kind, now)) for kind in KINDS))
    too_old = outbox.c.created_at < now - KEEP_QUEUED_MS
    old = _drop(connection, "dropped_old", free, too_old) if with_old else 0
    full = _drop_oldest(connection, free, queued_bytes(connection) - max_bytes)
    connection.execute(delete(sent_batches).where(sent_batches.c.at < now - KEEP_SENT_MS))
    too_many = _size(connection, sent_batches, sent_batches.c.body) - MAX_SENT_BYTES
    if too_many > 0:
        _cut(connection, too_many)
    connection.execute(delete(telemetry_limits).where(telemetry_limits.c.began_at < now - KEEP_DAYS * DAY_MS))
    for table in (daily_counts, phone_home_days):  # by number: a clock that goes wrong must not make them be forgotten
        newest = select(table.c.day).distinct().order_by(table.c.day.desc()).limit(KEEP_DAYS)
        connection.execute(delete(table).where(table.c.day.not_in(newest)))
    return Dropped(full=full, old=old)


def queued_bytes(connection: Connection) -> int:
    return _size(connection, outbox, outbox.c.payload, outbox.c.kind.in_(KINDS))


def _size(connection: Connection, table: Table, column: Any, *where: Any) -> int:
    size = select(func.coalesce(func.sum(func.length(column)), 0)).select_from(table).where(*where)
    return int(connection.execute(size).scalar_one())


def _drop_oldest(connection: Connection, free: ColumnElement[bool], too_many: int) -> int:
    """Of those that are free to go, until so many bytes are gone."""
    dropped = 0
    while too_many > 0:
        page = connection.execute(
            select(outbox.c.seq, func.length(outbox.c.payload).label("size"))
            .where(free)
            .order_by(outbox.c.seq)
            .limit(_PAGE)
        ).all()
        if not page:
            break
        last = 0
        for row in page:
            last = row.seq
            too_many -= row.size
            if too_many <= 0:
                break
        dropped += _drop(connection, "dropped_full", free, outbox.c.seq <= last)
    return dropped


def _drop(connection: Connection, what: str, *gone: ColumnElement[bool]) -> int:
    by_event = connection.execute(
        select(outbox.c.merge_key, func.count()).where(*gone).group_by(outbox.c.merge_key)
    ).all()
    if not by_event:
        return 0
    connection.execute(delete(outbox).where(*gone))
    counted = {str(event): int(number) for event, number in by_event}
    count(connection, what, counted)
    return sum(counted.values())


def _cut(connection: Connection, too_many: int) -> None:
    """The oldest copies, until so many bytes are gone."""
    last = 0
    for row in connection.execute(
        select(sent_batches.c.seq, func.length(sent_batches.c.body)).order_by(sent_batches.c.seq)
    ):
        last, too_many = row[0], too_many - row[1]
        if too_many <= 0:
            break
    connection.execute(delete(sent_batches).where(sent_batches.c.seq <= last))
