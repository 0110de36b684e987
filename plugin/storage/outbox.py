"""The outbox: rows written with the change that they tell of, taken out by the relay and the sender.

A row is leased before it is tried, and its attempt counted, so that whoever finds it later knows that its outcome is
open. Rows of one key leave in order.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from incidents.ports import OutgoingPost
from plugin.storage.tables import outbox, tasks

POST = "post"
TELEMETRY = "telemetry"
PHONE_HOME = "phone_home"

MERGE_MS = 3_000
"""What one person does to tasks within this time becomes one post."""
LEASE_MS = 30_000
"""Longer than any one attempt may take."""
_AT_ONCE = 100
_INSERT = insert(outbox)
_LINK = {
    about: update(tasks)
    .where(tasks.c.id == bindparam("which"), tasks.c[f"{about}_modified"] == bindparam("at"))
    .values({tasks.c[f"{about}_modified_post_id"]: bindparam("post")})
    for about in ("state", "assignee")
}
MAX_MERGED = 15_000
"""Mattermost takes posts of up to 16,383 characters."""


def _due_heads() -> Select[Any]:
    """The oldest row of each channel that nobody holds, if its time has come, or something else waits behind it."""
    first = select(func.min(outbox.c.seq)).where(outbox.c.kind == POST).group_by(outbox.c.key)
    behind = outbox.alias()
    superseded = exists().where(
        behind.c.kind == POST, behind.c.key == outbox.c.key, behind.c.merge_key != outbox.c.merge_key
    )
    now = bindparam("now", type_=BigInteger)
    return select(outbox).where(
        outbox.c.seq.in_(first),
        outbox.c.lease_until <= now,
        or_(outbox.c.due_at <= now, and_(outbox.c.attempts == 0, superseded)),
    )


# Built once: building a statement costs more than running it.
_ANY_DUE = _due_heads().limit(1)
_DUE_LOCKED = _due_heads().with_for_update(of=outbox, skip_locked=True)
_OF_CHANNEL = (
    select(outbox)
    .where(outbox.c.kind == POST, outbox.c.key == bindparam("channel"))
    .order_by(outbox.c.seq)
    .limit(_AT_ONCE)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DuePost:
    """A row of the outbox that may be posted now. `attempts` counts the earlier ones."""

    id: str
    created_at: int
    attempts: int
    post: OutgoingPost


class SqlPostRows:
    """`incidents.ports.PostRows` on one connection."""

    def __init__(self, connection: Connection, *, now: Callable[[], int], new_id: Callable[[], str]) -> None:
        self._connection = connection
        self._now = now
        self._new_id = new_id
        self.added_due = False
        """Whether a post was added that may leave at once."""

    def add(self, post: OutgoingPost) -> None:
        now = self._now()
        _insert(
            self._connection,
            kind=POST,
            rows=[(self._new_id(), post.channel_id, post.group, json.dumps(asdict(post)))],
            now=now,
            due_at=now + MERGE_MS if post.group else now,
        )
        self.added_due = self.added_due or not post.group


def add_events(connection: Connection, kind: str, events: Iterable[tuple[str, str, str]], now: int) -> None:
    """Queue telemetry: (message id, what it is counted as, payload as JSON), one INSERT for all of a transaction."""
    rows = [(message_id, "", event, payload) for message_id, event, payload in events]
    _insert(connection, kind=kind, rows=rows, now=now, due_at=now)


def is_waiting(connection: Connection, channel_id: str) -> bool:
    """Whether a post of that channel has not been made yet."""
    waiting = select(outbox.c.seq).where(outbox.c.kind == POST, outbox.c.key == channel_id).limit(1)
    return connection.execute(waiting).first() is not None


def posts_are_due(connection: Connection, now: int) -> bool:
    """Whether `claim_posts` would find something; only reads."""
    return connection.execute(_ANY_DUE, {"now": now}).first() is not None


def claim_posts(connection: Connection, now: int) -> list[list[DuePost]]:
    """Lease what may be posted now: at most one batch per channel, each to leave as one post."""
    batches = []
    for head in connection.execute(_DUE_LOCKED, {"now": now}).all():
        batch = _batch(connection.execute(_OF_CHANNEL, {"channel": head.key}).all())
        _lease(connection, batch, now)
        batches.append([_due(row) for row in batch])
    return batches


def posted(connection: Connection, rows: Iterable[DuePost], post_id: str) -> None:
    """The rows' post is there: forget them, and link their tasks to it, unless they have changed again since."""
    done = list(rows)
    for about, link in _LINK.items():
        # In the order of their ids, so that no two transactions can wait for each other.
        of_tasks = sorted((row.post.task_id, row.post.task_at) for row in done if row.post.about == about)
        linked = [{"which": task, "at": at, "post": post_id} for task, at in of_tasks if task]
        if linked:
            connection.execute(link, linked)
    drop(connection, [row.id for row in done])


def put_back(connection: Connection, ids: Sequence[str], due_at: int) -> None:
    """Let go of rows that are to be tried again, not before `due_at`."""
    connection.execute(update(outbox).where(outbox.c.id.in_(ids)).values(lease_until=0, due_at=due_at))


def drop(connection: Connection, ids: Sequence[str]) -> None:
    """Forget rows."""
    connection.execute(delete(outbox).where(outbox.c.id.in_(ids)))


def release_leases(connection: Connection) -> None:
    """Let go of what a process that is no more had leased. Its attempts stay counted."""
    connection.execute(update(outbox).where(outbox.c.lease_until > 0).values(lease_until=0, due_at=0))


def _insert(
    connection: Connection, *, kind: str, rows: Iterable[tuple[str, str, str, str]], now: int, due_at: int
) -> None:
    filled = [
        {
            "id": row_id,
            "kind": kind,
            "key": key,
            "merge_key": group,
            "payload": payload,
            "created_at": now,
            "due_at": due_at,
            "attempts": 0,
            "lease_until": 0,
        }
        for row_id, key, group, payload in rows
    ]
    connection.execute(_INSERT, filled if len(filled) > 1 else filled[0])


def _batch(rows: Sequence[Row[Any]]) -> list[Row[Any]]:
    head = rows[0]
    group = head.merge_key
    if not group:
        return [head]
    last = head.created_at + MERGE_MS
    batch: list[Row[Any]] = []
    length = 0
    for row in rows:
        length += len(row.payload)  # more than the text alone, so always enough
        if row.merge_key != group or row.created_at > last or (batch and length > MAX_MERGED):
            break
        batch.append(row)
    return batch


def _lease(connection: Connection, rows: Sequence[Row[Any]], now: int) -> None:
    if rows:
        connection.execute(
            update(outbox)
            .where(outbox.c.seq.in_([row.seq for row in rows]))
            .values(lease_until=now + LEASE_MS, attempts=outbox.c.attempts + 1)
        )


def _due(row: Row[Any]) -> DuePost:
    post = OutgoingPost(**json.loads(row.payload))
    return DuePost(id=row.id, created_at=row.created_at, attempts=row.attempts, post=post)
