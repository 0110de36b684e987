"""First answers to requests that carry an Idempotency-Key, so that a repetition gets the same one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from plugin.storage.tables import answers

KEEP_MS = 24 * 3600 * 1000
LEASE_MS = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a key: `status` 0 means that the first request has no answer yet."""

    subject_id: str
    request_hash: str
    status: int
    headers: Mapping[str, str]
    body: str
    fresh: bool
    """True for the one who may carry the request out now."""


def claim(connection: Connection, person_id: str, key: str, request_hash: str, subject_id: str, now: int) -> Known:
    """Note the request, or tell what is known of it. A claim whose process died is handed to the next who asks."""
    connection.execute(delete(answers).where(answers.c.created_at < now - KEEP_MS))
    mine = (answers.c.person_id == person_id, answers.c.key == key)
    known = select(answers).where(*mine).with_for_update()
    row = connection.execute(known).one_or_none()
    if row is None:
        first = {
            "person_id": person_id,
            "key": key,
            "request_hash": request_hash,
            "subject_id": subject_id,
            "status": 0,
            "headers": "{}",
            "body": "",
            "created_at": now,
            "lease_until": now + LEASE_MS,
        }
        try:
            with connection.begin_nested():
                connection.execute(insert(answers).values(first))
            return Known(subject_id=subject_id, request_hash=request_hash, status=0, headers={}, body="", fresh=True)
        except IntegrityError:  # another node was a moment faster
            row = connection.execute(known).one_or_none()
    if row is None:  # and has been refused since: for this one it is as if it were still being carried out
        return Known(subject_id="", request_hash=request_hash, status=0, headers={}, body="", fresh=False)
    fresh = row.status == 0 and row.lease_until <= now and row.request_hash == request_hash
    if fresh:
        connection.execute(update(answers).where(*mine).values(lease_until=now + LEASE_MS))
    return Known(
        subject_id=row.subject_id,
        request_hash=row.request_hash,
        status=row.status,
        headers=json.loads(row.headers),
        body=row.body,
        fresh=fresh,
    )


def keep(connection: Connection, person_id: str, key: str, status: int, headers: Mapping[str, str], body: str) -> None:
    """Store the first answer."""
    connection.execute(
        update(answers)
        .where(answers.c.person_id == person_id, answers.c.key == key)
        .values(status=status, headers=json.dumps(dict(headers)), body=body)
    )


def release(connection: Connection, person_id: str, key: str) -> None:
    """Forget a request that was refused, so that it can be corrected and sent again."""
    connection.execute(
        delete(answers).where(answers.c.person_id == person_id, answers.c.key == key, answers.c.status == 0)
    )


def give_back(connection: Connection, person_id: str, key: str) -> None:
    """The outcome is open: the next who asks goes on with the same subject."""
    connection.execute(
        update(answers)
        .where(answers.c.person_id == person_id, answers.c.key == key, answers.c.status == 0)
        .values(lease_until=0)
    )


def release_leases(connection: Connection) -> None:
    """Let go of what a process that is no more was carrying out."""
    connection.execute(update(answers).where(answers.c.status == 0).values(lease_until=0))
