"""Reading playbooks, as one person may see them."""

from dataclasses import replace

from playbooks.errors import PlaybookForbidden, PlaybookNotFound
from playbooks.model import Playbook, PlaybookSummary
from playbooks.ports import PlaybookPage, PlaybookQuery, PlaybookStore, TeamAccess
from playbooks.rules import may_list, may_view


class PlaybookQueries:
    """Read-only use cases."""

    def __init__(self, *, store: PlaybookStore, access: TeamAccess) -> None:
        self._store = store
        self._access = access

    async def get(self, person_id: str, playbook_id: str) -> Playbook:
        """The playbook. Raises PlaybookNotFound when it is unknown, deleted or not for this person."""
        playbook = await self._store.read(lambda tx: tx.playbooks.get(playbook_id))
        if playbook is None or playbook.delete_at:
            raise PlaybookNotFound
        if not may_view(await self._access.in_team(person_id, playbook.team_id), playbook):
            raise PlaybookNotFound
        return playbook

    async def page(self, person_id: str, query: PlaybookQuery) -> PlaybookPage:
        """The team's playbooks that this person is a member of; a system administrator sees all.

        `query.member_id` is set here. Raises PlaybookForbidden.
        """
        standing = await self._access.in_team(person_id, query.team_id)
        if not may_list(standing):
            raise PlaybookForbidden("You may not see the playbooks of this team.")
        seen = replace(query, member_id=None if standing.system_admin else person_id)
        return await self._store.read(lambda tx: tx.playbooks.page(seen))

    async def usable(self, person_id: str, team_id: str) -> tuple[PlaybookSummary, ...]:
        """The playbooks that this person may start an incident from, by title. Raises PlaybookForbidden."""
        standing = await self._access.in_team(person_id, team_id)
        if not may_list(standing):
            raise PlaybookForbidden("You may not start incidents in this team.")
        mine = PlaybookQuery(team_id=team_id, member_id=person_id)
        return (await self._store.read(lambda tx: tx.playbooks.page(mine))).items
