"""What every change of an incident's head has in common: one lock, one version, one entry, one event, one post."""

from collections.abc import Callable
from dataclasses import dataclass

from incidents.errors import IncidentNotFound, OutOfDate
from incidents.events import incident_event
from incidents.gate import EditPass
from incidents.model import EntryKind, Head, Incident, TimelineEntry
from incidents.ports import Chat, Live, OutgoingPost, Store, Transaction
from telemetry.events import IncidentAction


class NoChange(Exception):
    """Raised by a change that finds nothing to do: the transaction is left without a trace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is told of a change: without `action` it is not counted, without `message` not posted."""

    kind: EntryKind
    action: IncidentAction | None = None
    message: str = ""
    stage_id: str = ""
    old: str = ""
    new: str = ""


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

    def locked(self, tx: Transaction, allowed: EditPass) -> Incident:
        """The incident, kept from other writers until the transaction ends. Raises IncidentNotFound, OutOfDate."""
        locked_head(tx, allowed)
        incident = tx.incidents.get(allowed.head.id)
        if incident is None:
            raise IncidentNotFound
        return incident

    def record(self, tx: Transaction, incident: Incident, person_id: str, at: int, change: Change) -> None:
        """Timeline, telemetry and post of a change; `incident` is the one after it."""
        head = incident.head
        entry = TimelineEntry(
            id=self._new_event_id(),
            incident_id=head.id,
            version=head.version,
            at=at,
            person_id=person_id,
            kind=change.kind,
            stage_id=change.stage_id,
            old=change.old,
            new=change.new,
        )
        tx.timeline.add(entry)
        if change.action:
            tx.tracker.track(incident_event(entry, incident, change.action))
        if change.message:
            tx.posts.add(OutgoingPost(channel_id=head.channel_id, message=change.message))


async def username(chat: Chat, person_id: str) -> str:
    """For posts; somebody whom Mattermost does not know any more has none."""
    return (await chat.usernames([person_id])).get(person_id, "somebody")


def locked_head(tx: Transaction, allowed: EditPass) -> Head:
    """The head, kept from other writers until the transaction ends. Raises IncidentNotFound, OutOfDate."""
    head = tx.incidents.lock(allowed.head.id)
    if head is None:
        raise IncidentNotFound
    _check(tx, allowed, head)
    return head


def check_version(tx: Transaction, allowed: EditPass) -> None:
    """Whether the incident is still as the person wants it, without a lock. Raises IncidentNotFound, OutOfDate."""
    head = tx.incidents.head(allowed.head.id)
    if head is None:
        raise IncidentNotFound
    _check(tx, allowed, head)


def _check(tx: Transaction, allowed: EditPass, head: Head) -> None:
    if allowed.only_version not in (None, head.version):
        raise OutOfDate(tx.incidents.get(head.id) or Incident(head=head, stages=()))
