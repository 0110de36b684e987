"""The one way to an incident: a Pass, which only the gate gives out, after asking the rules.

Use cases on an existing incident take a Pass in place of ids, so no entrance can skip the rules.
"""

from dataclasses import dataclass, replace

from incidents.errors import IncidentForbidden, IncidentNotFound
from incidents.model import Head
from incidents.ports import Access, Store
from incidents.rules import may_edit, may_view


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewPass:
    """This person may see this incident, as of now."""

    person_id: str
    head: Head


@dataclass(frozen=True, slots=True, kw_only=True)
class EditPass(ViewPass):
    """This person may change this incident, as of now."""

    only_version: int | None = None
    """If given, the change is only wanted of the incident as it was at that version."""

    def only_at(self, version: int | None) -> "EditPass":
        """The same pass for a change that is wanted of that version only."""
        return replace(self, only_version=version)


class Gate:
    """Asks the rules about a person and an incident."""

    def __init__(self, *, store: Store, access: Access) -> None:
        self._store = store
        self._access = access

    async def view(self, person_id: str, incident_id: str) -> ViewPass:
        """Raises IncidentNotFound."""
        return await self._pass(person_id, await self._store.look(lambda tx: tx.incidents.head(incident_id)))

    async def view_channel(self, person_id: str, channel_id: str) -> ViewPass:
        """The same for the incident that a channel belongs to. Raises IncidentNotFound."""
        return await self._pass(person_id, await self._store.look(lambda tx: tx.incidents.head_by_channel(channel_id)))

    async def edit(self, person_id: str, incident_id: str) -> EditPass:
        """Raises IncidentNotFound, and IncidentForbidden for those who may see it but no more."""
        return _editor(await self.view(person_id, incident_id))

    async def edit_channel(self, person_id: str, channel_id: str) -> EditPass:
        """The same for the incident that a channel belongs to."""
        return _editor(await self.view_channel(person_id, channel_id))

    async def _pass(self, person_id: str, head: Head | None) -> ViewPass:
        if head is None or not head.is_visible:
            raise IncidentNotFound
        standing = await self._access.in_channel(person_id, head.channel_id)
        if may_edit(standing):
            return EditPass(person_id=person_id, head=head)
        if may_view(standing):
            return ViewPass(person_id=person_id, head=head)
        raise IncidentNotFound


def _editor(found: ViewPass) -> EditPass:
    if not isinstance(found, EditPass):
        raise IncidentForbidden("Only members of the incident's channel may change it. Join the channel first.")
    return found
