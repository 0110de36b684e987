"""Reading incidents, as one person may see them."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from incidents.errors import IncidentForbidden, IncidentNotFound
from incidents.gate import EditPass, ViewPass
from incidents.model import FoundTask, Head, Incident, Task, TaskState, TimelineEntry
from incidents.ports import Access, IncidentPage, IncidentQuery, IncidentSort, Status, Store, Transaction
from incidents.rules import may_list

_LOOKS = 3
"""How often a page is read anew because something on it was found to be private."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRequest:
    """Which of a team's incidents somebody wants to see; `member_id` narrows to the channels of that person."""

    team_id: str
    status: Status = Status.ALL
    commander_id: str = ""
    member_id: str = ""
    search_term: str = ""
    sort: IncidentSort = IncidentSort.CREATE_AT
    descending: bool = True
    page: int = 0
    per_page: int = 1000
    with_stages: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedTask:
    """A task that is done; `task.state_modified` tells when. `person_id` did it."""

    stage_id: str
    task: Task
    person_id: str


class IncidentQueries:
    """Read-only use cases."""

    def __init__(self, *, store: Store, access: Access) -> None:
        self._store = store
        self._access = access

    async def get(self, allowed: ViewPass) -> Incident:
        """The incident with its stages. Raises IncidentNotFound."""
        incident = await self._store.read(lambda tx: tx.incidents.get(allowed.head.id))
        if incident is None:
            raise IncidentNotFound
        return incident

    async def find_task(self, allowed: ViewPass, stage: str, task: str) -> FoundTask:
        """The task at those ids or zero-based places. Raises PlaceNotFound."""
        return await self._store.read(lambda tx: tx.incidents.find_task(allowed.head.id, stage, task))

    async def mine(self, person_id: str, request: ListRequest) -> IncidentPage:
        """The team's incidents whose channel this person is in; guests too may ask for these."""
        channels = await self._channels(person_id, request.team_id)
        query = _query(request, visible=channels, members=channels)
        return await self._store.read(lambda tx: tx.incidents.page(query))

    async def timeline(self, allowed: EditPass) -> Sequence[TimelineEntry]:
        """All that happened, oldest first; for people in the channel."""
        return await self._store.read(lambda tx: tx.timeline.of(allowed.head.id))

    async def resolved(self, allowed: EditPass) -> list[ResolvedTask]:
        """The tasks that are done, in the order in which they were, and who did them; for people in the channel."""

        def look(tx: Transaction) -> tuple[Incident | None, Sequence[TimelineEntry]]:
            return tx.incidents.get(allowed.head.id), tx.timeline.of(allowed.head.id)

        incident, entries = await self._store.read(look)
        if incident is None:
            raise IncidentNotFound
        closed_by = {entry.task_id: entry.person_id for entry in entries if entry.new == TaskState.CLOSED}
        done = [
            ResolvedTask(stage_id=stage.id, task=task, person_id=closed_by.get(task.id, ""))
            for stage in incident.stages
            for task in stage.tasks
            if task.state is TaskState.CLOSED
        ]
        return sorted(done, key=lambda one: one.task.state_modified)

    async def commanders(self, person_id: str, team_id: str) -> frozenset[str]:
        """Ids of the commanders of the incidents that this person may see. Raises IncidentForbidden."""
        query = await self._seen(person_id, ListRequest(team_id=team_id))
        heads: Sequence[Head] = ()
        stale: Collection[str] = ()
        for _ in range(_LOOKS):
            heads = await self._store.read(lambda tx: tx.incidents.of_each_commander(query))
            stale = await self._correct(heads, query.visible_channels)
            if not stale:
                break
        return frozenset(head.commander_id for head in heads if head.id not in stale)

    async def channels(self, person_id: str, request: ListRequest) -> tuple[str, ...]:
        """Ids of the channels of the incidents of a list. Raises IncidentForbidden."""
        return tuple(row.head.channel_id for row in (await self.page(person_id, request)).items)

    async def page(self, person_id: str, request: ListRequest) -> IncidentPage:
        """The team's incidents that this person may see. Raises IncidentForbidden."""
        query = await self._seen(person_id, request)
        page = IncidentPage(total=0, items=())
        stale: Collection[str] = ()
        for _ in range(_LOOKS):
            page = await self._store.read(lambda tx: tx.incidents.page(query))
            stale = await self._correct([row.head for row in page.items], query.visible_channels)
            if not stale:
                return page
        # So many that the looks did not suffice: what is private is taken off the page, and off the total.
        rest = tuple(row for row in page.items if row.head.id not in stale)
        return IncidentPage(total=page.total - len(stale), items=rest)

    async def _correct(self, heads: Sequence[Head], mine: frozenset[str] | None) -> Collection[str]:
        """A channel can be made private behind our back: what is shown for being public has to be so still.

        Returns the ids of those that are not; they are known as private from now on.
        """
        if mine is None:
            return ()
        shown = [head for head in heads if head.channel_id not in mine]
        public = await asyncio.gather(*(self._access.is_public(head.channel_id) for head in shown))
        stale = [head.id for head, still in zip(shown, public, strict=True) if not still]
        if stale:
            await self._store.run(lambda tx: tx.incidents.set_public(stale, public=False))
        return stale

    async def _seen(self, person_id: str, request: ListRequest) -> IncidentQuery:
        standing = await self._access.in_team(person_id, request.team_id)
        if not may_list(standing):
            raise IncidentForbidden("You may not see the incidents of this team.")
        mine = None if standing.system_admin else await self._channels(person_id, request.team_id)
        members = await self._channels(request.member_id, request.team_id) if request.member_id else None
        return _query(request, visible=mine, members=members)

    async def _channels(self, person_id: str, team_id: str) -> frozenset[str]:
        return frozenset(await self._access.channels_of(person_id, team_id))


def _query(request: ListRequest, *, visible: frozenset[str] | None, members: frozenset[str] | None) -> IncidentQuery:
    return IncidentQuery(
        team_id=request.team_id,
        visible_channels=visible,
        in_channels=members,
        status=request.status,
        commander_id=request.commander_id,
        search_term=request.search_term,
        sort=request.sort,
        descending=request.descending,
        page=request.page,
        per_page=request.per_page,
        with_stages=request.with_stages,
    )
