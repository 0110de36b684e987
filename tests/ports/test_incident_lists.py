"""Lists against a model of plain Python: every filter, every order, every page, before and after changes."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from incidents.model import Head, Incident, Phase
from incidents.ports import IncidentQuery, IncidentSort, Status
from plugin.storage import incident_lists
from plugin.storage.incident_lists import Totals
from plugin.storage.incident_rows import SqlIncidentRows
from tests.databases import opened

TEAM = "t" * 26
NAMES = ("Database down", "checkout 100% slow", "DATABASE_slow", "Ärger", "ärger 2")

QUERIES = st.builds(
    IncidentQuery,
    team_id=st.just(TEAM),
    visible_channels=st.none() | st.frozensets(st.integers(0, 30).map(lambda n: f"c{n}")),
    in_channels=st.none() | st.frozensets(st.integers(0, 30).map(lambda n: f"c{n}")),
    status=st.sampled_from(Status),
    commander_id=st.sampled_from(["", "p0", "p1", "nobody"]),
    search_term=st.sampled_from(["", "database", "%", "_", "ärger", "nothing"]),
    sort=st.sampled_from(IncidentSort),
    descending=st.booleans(),
    page=st.integers(0, 4),
    per_page=st.integers(1, 12),
)
CHANGES = st.tuples(st.sampled_from(["end", "rename", "hand over", "hide"]), st.integers(0, 30))


def heads() -> list[Head]:
    return [
        Head(
            id=f"i{n:02}", team_id=TEAM if n % 7 else "other", channel_id=f"c{n}", channel_name="n", name=NAMES[n % 5],
            description="", phase=Phase.ACTIVE if n % 3 else Phase.ENDED, is_public=n % 4 != 0,
            commander_id=f"p{n % 2}", reporter_id="p", playbook_id="", playbook_version=0, post_id="",
            create_at=1000 + n // 2, end_at=0 if n % 3 else 5000 - n, active_since=0, active_ms=0, active_stage_id="",
            version=0,
        )
        for n in range(31)
    ]  # fmt: skip


def expected(model: list[Head], query: IncidentQuery) -> tuple[int, list[str]]:
    def shown(head: Head) -> bool:
        return (
            head.team_id == query.team_id
            and (query.visible_channels is None or head.is_public or head.channel_id in query.visible_channels)
            and (query.in_channels is None or head.channel_id in query.in_channels)
            and (query.status is Status.ALL or head.is_active == (query.status is Status.ACTIVE))
            and query.commander_id in ("", head.commander_id)
            and query.search_term.casefold() in head.name.casefold()
        )

    def key(head: Head) -> tuple[Any, str]:
        by: dict[IncidentSort, Any] = {
            IncidentSort.CREATE_AT: head.create_at,
            IncidentSort.NAME: head.name.casefold(),
            IncidentSort.COMMANDER: head.commander_id,
            IncidentSort.END_AT: head.end_at,
            IncidentSort.IS_ACTIVE: head.phase != Phase.ACTIVE,
        }
        return by.get(query.sort, head.id), head.id

    backwards = query.descending != (query.sort is IncidentSort.IS_ACTIVE)
    found = [head.id for head in sorted(filter(shown, model), key=key, reverse=backwards)]
    return len(found), found[query.page * query.per_page :][: query.per_page]


def change(rows: SqlIncidentRows, head: Head, what: str) -> Head:
    if what == "end":
        rows.set_clock(head.id, Phase.ENDED, end_at=9, active_since=0, active_ms=1)
        return replace(head, phase=Phase.ENDED, end_at=9)
    if what == "rename":
        rows.set_text(head.id, name="Renamed database", description="")
        return replace(head, name="Renamed database")
    if what == "hand over":
        rows.set_commander(head.id, "p1")
        return replace(head, commander_id="p1")
    rows.set_public([head.id], public=False)
    return replace(head, is_public=False)


class _EnoughSeen(Exception):
    """Undoes what an example has done."""


def test_lists_are_those_of_a_model(store: dict[str, Any], tmp_path: Path, monkeypatch: Any) -> None:
    """What is remembered of a list is never out of date."""
    monkeypatch.setattr(incident_lists, "_FEW", 5)
    database = opened(store, tmp_path)

    @settings(max_examples=60, deadline=None)
    @given(steps=st.lists(st.tuples(QUERIES, CHANGES), min_size=1, max_size=6))
    def for_any_steps(steps: list[tuple[IncidentQuery, tuple[str, int]]]) -> None:
        def work(connection: Connection) -> None:
            model = heads()
            rows = SqlIncidentRows(connection, Totals())
            for head in model:
                rows.claim(Incident(head=head, stages=()), lease_until=0)
            for query, (what, which) in steps:
                for _ in range(2):
                    page = rows.page(query)
                    assert (page.total, [row.head.id for row in page.items]) == expected(model, query)
                    model[which] = change(rows, model[which], what)
            raise _EnoughSeen

        try:
            asyncio.run(database.write(work))
        except _EnoughSeen:
            return
        raise AssertionError("an example was kept")

    for_any_steps()
    database.close()
