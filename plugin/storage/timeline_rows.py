"""Timeline entries <-> rows; they are only ever added."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection, insert, select

from incidents.model import EntryKind, TimelineEntry
from plugin.storage.tables import timeline

_INSERT = insert(timeline)


class SqlTimelineRows:
    """`incidents.ports.TimelineRows` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, entry: TimelineEntry) -> None:
        self._connection.execute(_INSERT, asdict(entry))

    def of(self, incident_id: str) -> Sequence[TimelineEntry]:
        rows = self._connection.execute(
            select(timeline).where(timeline.c.incident_id == incident_id).order_by(timeline.c.version, timeline.c.seq)
        )
        return [
            TimelineEntry(
                id=row.id,
                incident_id=row.incident_id,
                version=row.version,
                at=row.at,
                person_id=row.person_id,
                kind=EntryKind(row.kind),
                stage_id=row.stage_id,
                task_id=row.task_id,
                old=row.old,
                new=row.new,
            )
            for row in rows
        ]
