"""What every change of an incident's head has in common: one lock, one version, one entry, one event, one post."""

from collections.abc import Callable

from incidents.errors import IncidentNotFound
from incidents.events import incident_event
from incidents.model import EntryKind, Head, Incident, TimelineEntry
from incidents.ports import Live, OutgoingPost, Store, Transaction
from telemetry.events import IncidentAction


class NoChange(Exception):
    """Raised by a change that finds nothing to do: the transaction is left without a trace."""


class Changer:
    """Carries out a change in one transaction, then tells open screens."""

    def __init__(self, *, store: Store, live: Live, now: Callable[[], int], new_event_id: Callable[[], str]) -> None:
        self._store = store
        self._live = live
        self._new_event_id = new_event_id
        self.now = now

    async def change(self, work: Callable[[Transaction], Incident]) -> Incident:
        """Run `work` and tell of its result."""
        incident = await self._store.run(work)
        await self._live.changed(incident.head)
        return incident

    async def change_if_needed(self, work: Callable[[Transaction], Incident]) -> bool:
        """The same for work that may raise NoChange; returns whether something changed."""
        try:
            await self.change(work)
        except NoChange:
            return False
        return True

    def locked(self, tx: Transaction, incident_id: str) -> Incident:
        """The incident, kept from other writers until the transaction ends. Raises IncidentNotFound."""
        tx.incidents.lock(incident_id)
        incident = tx.incidents.get(incident_id)
        if incident is None:
            raise IncidentNotFound
        return incident

    def record(
        self,
        tx: Transaction,
        incident: Incident,
        *,
        person_id: str,
        at: int,
        kind: EntryKind,
        action: IncidentAction,
        message: str,
        change: tuple[str, str] = ("", ""),
    ) -> None:
        """Timeline, telemetry and post of a change; `incident` is the one after it, `change` its old and new value."""
        head: Head = incident.head
        entry = TimelineEntry(
            id=self._new_event_id(),
            incident_id=head.id,
            version=head.version,
            at=at,
            person_id=person_id,
            kind=kind,
            old=change[0],
            new=change[1],
        )
        tx.timeline.add(entry)
        tx.tracker.track(incident_event(entry, incident, action))
        tx.posts.add(OutgoingPost(channel_id=head.channel_id, message=message))
