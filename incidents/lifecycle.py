"""Ending and restarting an incident."""

from collections.abc import Callable
from dataclasses import replace

from incidents import texts
from incidents.errors import AlreadyActive, AlreadyEnded, IncidentNotFound
from incidents.events import incident_event
from incidents.gate import EditPass
from incidents.model import EntryKind, Head, Incident, Phase, TimelineEntry
from incidents.ports import Chat, Live, OutgoingPost, Store, Transaction
from telemetry.events import IncidentAction


class Lifecycle:
    """Use cases of `/incident end` and `/incident restart`."""

    def __init__(
        self, *, store: Store, chat: Chat, live: Live, now: Callable[[], int], new_event_id: Callable[[], str]
    ) -> None:
        self._store = store
        self._chat = chat
        self._live = live
        self._now = now
        self._new_event_id = new_event_id

    async def end(self, allowed: EditPass) -> Incident:
        """Raises AlreadyEnded; of several at once exactly one ends it."""
        person = await self._username(allowed.person_id)

        def work(tx: Transaction) -> Incident:
            head = _locked(tx, allowed.head.id)
            if not head.is_active:
                raise AlreadyEnded
            at = self._now()
            changed = replace(head, phase=Phase.ENDED, end_at=at)
            return self._change(tx, changed, allowed.person_id, at, IncidentAction.END, texts.ended(person))

        return await self._commit(work)

    async def restart(self, allowed: EditPass) -> Incident:
        """Raises AlreadyActive. The earlier end stays in the timeline."""
        person = await self._username(allowed.person_id)

        def work(tx: Transaction) -> Incident:
            head = _locked(tx, allowed.head.id)
            if head.is_active:
                raise AlreadyActive
            at = self._now()
            changed = replace(head, phase=Phase.ACTIVE, end_at=0)
            return self._change(tx, changed, allowed.person_id, at, IncidentAction.RESTART, texts.restarted(person))

        return await self._commit(work)

    def _change(
        self, tx: Transaction, changed: Head, person_id: str, at: int, action: IncidentAction, message: str
    ) -> Incident:
        version = tx.incidents.set_phase(changed.id, changed.phase, end_at=changed.end_at)
        incident = tx.incidents.get(changed.id)
        if incident is None:
            raise IncidentNotFound
        entry = TimelineEntry(
            id=self._new_event_id(),
            incident_id=changed.id,
            version=version,
            at=at,
            person_id=person_id,
            kind=EntryKind.ENDED if action is IncidentAction.END else EntryKind.RESTARTED,
        )
        tx.timeline.add(entry)
        tx.tracker.track(incident_event(entry, incident, action))
        tx.posts.add(OutgoingPost(channel_id=changed.channel_id, message=message))
        return incident

    async def _commit(self, work: Callable[[Transaction], Incident]) -> Incident:
        incident = await self._store.run(work)
        await self._live.changed(incident.head)
        return incident

    async def _username(self, person_id: str) -> str:
        return (await self._chat.usernames([person_id])).get(person_id, "somebody")


def _locked(tx: Transaction, incident_id: str) -> Head:
    head = tx.incidents.lock(incident_id)
    if head is None:
        raise IncidentNotFound
    return head
