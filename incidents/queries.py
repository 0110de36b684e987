"""Reading incidents, as one person may see them."""

from dataclasses import dataclass

from incidents.errors import IncidentForbidden, IncidentNotFound
from incidents.gate import ViewPass
from incidents.model import Incident
from incidents.ports import Access, IncidentPage, IncidentQuery, IncidentSort, Status, Store
from incidents.rules import may_list


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

    async def page(self, person_id: str, request: ListRequest) -> IncidentPage:
        """The team's incidents that this person may see. Raises IncidentForbidden."""
        standing = await self._access.in_team(person_id, request.team_id)
        if not may_list(standing):
            raise IncidentForbidden("You may not see the incidents of this team.")
        mine = None if standing.system_admin else await self._access.channels_of(person_id, request.team_id)
        members = await self._access.channels_of(request.member_id, request.team_id) if request.member_id else None
        query = IncidentQuery(
            team_id=request.team_id,
            visible_channels=mine,
            in_channels=members,
            status=request.status,
            commander_id=request.commander_id,
            search_term=request.search_term,
            sort=request.sort,
            descending=request.descending,
            page=request.page,
            per_page=request.per_page,
        )
        return await self._store.read(lambda tx: tx.incidents.page(query))
