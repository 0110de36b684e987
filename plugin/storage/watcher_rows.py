"""Watchers of lists <-> rows."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, delete, select, text

from plugin.storage.tables import watchers

_WATCH = text(
    "INSERT INTO watchers (person_id, team_id, until) VALUES (:person_id, :team_id, :until)"
    " ON CONFLICT (person_id, team_id) DO UPDATE SET until = :until"
)


class SqlWatcherRows:
    """`incidents.ports.WatcherRows` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def watch(self, person_id: str, team_id: str, *, until: int, now: int) -> None:
        self._connection.execute(delete(watchers).where(watchers.c.until <= now))
        self._connection.execute(_WATCH, {"person_id": person_id, "team_id": team_id, "until": until})

    def forget(self, person_id: str, team_id: str) -> None:
        self._connection.execute(
            delete(watchers).where(watchers.c.person_id == person_id, watchers.c.team_id == team_id)
        )

    def of(self, team_ids: Collection[str], now: int) -> Sequence[tuple[str, str]]:
        found = select(watchers.c.person_id, watchers.c.team_id).where(
            watchers.c.team_id.in_(sorted(team_ids)), watchers.c.until > now
        )
        return [(row.person_id, row.team_id) for row in self._connection.execute(found)]
