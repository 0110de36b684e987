"""Lists of incidents: a page of any filter in any order, out of very many, in a few milliseconds.

What costs is the total. So it is remembered for a filter, together with the ids if they are few, for as long as the
team's generation stays: a number in the database that grows with each change that lists can see (not with ticks), read
in the same snapshot as the page, so what is remembered is never out of date, on any node.
"""

import json
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from threading import Lock
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, any_, bindparam, func, or_, select, text, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import String

from incidents.model import Head, Phase, Stage
from incidents.ports import IncidentPage, IncidentQuery, IncidentSort, ListedIncident, Status
from plugin.storage.tables import incidents, list_generations, stages

VISIBLE = (Phase.ACTIVE, Phase.ENDED)
_FEW = 2000
_REMEMBERED_IDS = 100_000
"""Of all lists together: some megabytes."""
_REMEMBERED = 256

_SORTS: dict[IncidentSort, ColumnElement[Any]] = {
    IncidentSort.CREATE_AT: incidents.c.create_at,
    IncidentSort.ID: incidents.c.id,
    IncidentSort.NAME: incidents.c.name_folded,
    IncidentSort.COMMANDER: incidents.c.commander_id,
    IncidentSort.TEAM: incidents.c.id,  # a list is of one team
    IncidentSort.END_AT: incidents.c.end_at,
    IncidentSort.IS_ACTIVE: incidents.c.phase,
}
_OTHER_WAY_ROUND = (IncidentSort.IS_ACTIVE,)
"""The phase "active" comes before "ended", but false before true."""

_GENERATION = select(list_generations.c.generation).where(list_generations.c.team_id == bindparam("team"))
_NEXT_GENERATION = text(
    "INSERT INTO list_generations (team_id, generation) SELECT team_id, 1 FROM incidents WHERE id = :incident_id"
    " ON CONFLICT (team_id) DO UPDATE SET generation = list_generations.generation + 1"
)


@dataclass(frozen=True, slots=True)
class _Total:
    generation: int
    count: int
    ids: tuple[str, ...] | None
    """All of them, if they are few."""


Filters = tuple[str, ...]
"""What a list is narrowed by."""


class Totals:
    """What is remembered of lists, by filter; shared by the threads of a process."""

    def __init__(self) -> None:
        self._known: OrderedDict[Filters, _Total] = OrderedDict()
        self._keeping = Lock()

    def get(self, filters: Filters, generation: int) -> _Total | None:
        known = self._known.get(filters)
        return known if known and known.generation == generation else None

    def keep(self, filters: Filters, total: _Total) -> None:
        with self._keeping:
            self._known[filters] = total
            while len(self._known) > _REMEMBERED or self._ids() > _REMEMBERED_IDS:
                self._known.popitem(last=False)

    def _ids(self) -> int:
        return sum(len(total.ids or ()) for total in self._known.values())


def changed(connection: Connection, incident_id: str) -> None:
    """Something that lists show or filter by has changed: what is remembered of its team's lists is void."""
    connection.execute(_NEXT_GENERATION, {"incident_id": incident_id})


def page(
    connection: Connection,
    query: IncidentQuery,
    totals: Totals,
    *,
    head: Callable[[Row[Any]], Head],
    stages_of: Callable[[Collection[str]], dict[str, tuple[Stage, ...]]],
) -> IncidentPage:
    """One page; `head` and `stages_of` read rows."""
    where = matching(connection, query)
    total = _total(connection, query, where, totals)
    first = query.page * query.per_page
    length = min(query.per_page, total.count - first)
    if length <= 0:
        return IncidentPage(total=total.count, items=())
    if total.ids is not None:
        where = [_among(connection, incidents.c.id, total.ids)]
    heads = [head(row) for row in _rows(connection, query, where, first, length, total.count)]
    places = _active_stages(connection, [found.active_stage_id for found in heads if found.active_stage_id])
    of = stages_of([found.id for found in heads]) if query.with_stages else {}
    items = [
        ListedIncident(
            head=found,
            active_stage=places.get(found.active_stage_id, (-1, ""))[0],
            active_stage_title=places.get(found.active_stage_id, (-1, ""))[1],
            stages=of.get(found.id, ()),
        )
        for found in heads
    ]
    return IncidentPage(total=total.count, items=tuple(items))


def matching(connection: Connection, query: IncidentQuery) -> list[ColumnElement[bool]]:
    """The conditions of a list."""
    where: list[ColumnElement[bool]] = [incidents.c.team_id == query.team_id]
    if query.status is Status.ALL:
        where.append(incidents.c.phase.in_(VISIBLE))
    else:
        where.append(incidents.c.phase == (Phase.ACTIVE if query.status is Status.ACTIVE else Phase.ENDED))
    narrowed = query.in_channels is not None and query.in_channels <= (query.visible_channels or frozenset())
    if query.visible_channels is not None and not narrowed:
        mine = _among(connection, incidents.c.channel_id, query.visible_channels)
        where.append(or_(incidents.c.is_public == true(), mine))
    if query.in_channels is not None:
        where.append(_among(connection, incidents.c.channel_id, query.in_channels))
    if query.commander_id:
        where.append(incidents.c.commander_id == query.commander_id)
    if query.search_term:
        where.append(incidents.c.name_folded.contains(query.search_term.casefold(), autoescape=True))
    return where


def _among(connection: Connection, column: ColumnElement[str], values: Collection[str]) -> ColumnElement[bool]:
    """Whether it is one of these, which can be thousands: as one parameter, not thousands."""
    if connection.dialect.name == "postgresql":
        return column == any_(bindparam(None, sorted(values), type_=ARRAY(String)))
    listed = func.json_each(json.dumps(sorted(values))).table_valued("value")
    return column.in_(select(listed.c.value))


def _filters(query: IncidentQuery) -> Filters:
    """Sets of channels as their digests: they can be large, and are one person's each."""
    sets = (query.visible_channels, query.in_channels)
    digests = ("" if s is None else blake2b("".join(sorted(s)).encode()).hexdigest() for s in sets)
    return (query.team_id, query.status, query.commander_id, query.search_term, *digests)


def _total(
    connection: Connection, query: IncidentQuery, where: Sequence[ColumnElement[bool]], totals: Totals
) -> _Total:
    filters = _filters(query)
    generation = connection.execute(_GENERATION, {"team": query.team_id}).scalar_one_or_none() or 0
    known = totals.get(filters, generation)
    if known is None:
        few = tuple(connection.execute(select(incidents.c.id).where(*where).limit(_FEW + 1)).scalars())
        if len(few) <= _FEW:
            known = _Total(generation, len(few), few)
        else:
            count = connection.execute(select(func.count()).select_from(incidents).where(*where)).scalar_one()
            known = _Total(generation, count, None)
        totals.keep(filters, known)
    return known


def _rows(
    connection: Connection,
    query: IncidentQuery,
    where: Sequence[ColumnElement[bool]],
    first: int,
    length: int,
    total: int,
) -> Sequence[Row[Any]]:
    """In order; what is nearer to the end is looked up from the end."""
    descending = query.descending != (query.sort in _OTHER_WAY_ROUND)
    from_the_end = first > total // 2
    if from_the_end:
        first, descending = total - first - length, not descending
    columns = (_SORTS[query.sort], incidents.c.id)
    order = [column.desc() if descending else column.asc() for column in columns]
    rows = connection.execute(select(incidents).where(*where).order_by(*order).limit(length).offset(first)).all()
    return rows[::-1] if from_the_end else rows


def _active_stages(connection: Connection, stage_ids: Sequence[str]) -> dict[str, tuple[int, str]]:
    rows = connection.execute(select(stages).where(stages.c.id.in_(stage_ids))) if stage_ids else ()
    return {row.id: (row.position, row.title) for row in rows}
