"""Ending and restarting an incident."""

from dataclasses import replace

from incidents import texts
from incidents.changing import Change, Changer, username
from incidents.errors import AlreadyActive, AlreadyEnded
from incidents.gate import EditPass
from incidents.model import EntryKind, Incident, Phase
from incidents.ports import Chat, Transaction
from telemetry.events import IncidentAction


class Lifecycle:
    """Use cases of `/incident end` and `/incident restart`."""

    def __init__(self, *, changer: Changer, chat: Chat) -> None:
        self._changer = changer
        self._chat = chat

    async def end(self, allowed: EditPass) -> Incident:
        """Raises AlreadyEnded; of several at once exactly one ends it."""
        person = await username(self._chat, allowed.person_id)

        def work(tx: Transaction) -> Incident:
            before = self._changer.locked(tx, allowed)
            if not before.head.is_active:
                raise AlreadyEnded
            at = self._changer.now()
            after = _with_clock(tx, before, Phase.ENDED, end_at=at, active_since=0, active_ms=before.head.lasted(at))
            self._changer.record(
                tx,
                after,
                allowed.person_id,
                at,
                Change(
                    kind=EntryKind.ENDED,
                    action=IncidentAction.END,
                    message=texts.ended(person),
                ),
            )
            return after

        return await self._changer.change(work)

    async def restart(self, allowed: EditPass) -> Incident:
        """Raises AlreadyActive. The earlier end stays in the timeline."""
        person = await username(self._chat, allowed.person_id)

        def work(tx: Transaction) -> Incident:
            before = self._changer.locked(tx, allowed)
            if before.head.is_active:
                raise AlreadyActive
            at = self._changer.now()
            lasted = before.head.active_ms
            after = _with_clock(tx, before, Phase.ACTIVE, end_at=0, active_since=at, active_ms=lasted)
            self._changer.record(
                tx,
                after,
                allowed.person_id,
                at,
                Change(
                    kind=EntryKind.RESTARTED,
                    action=IncidentAction.RESTART,
                    message=texts.restarted(person),
                ),
            )
            return after

        return await self._changer.change(work)


def _with_clock(
    tx: Transaction, before: Incident, phase: Phase, *, end_at: int, active_since: int, active_ms: int
) -> Incident:
    version = tx.incidents.set_clock(before.id, phase, end_at=end_at, active_since=active_since, active_ms=active_ms)
    head = replace(
        before.head, phase=phase, end_at=end_at, active_since=active_since, active_ms=active_ms, version=version
    )
    return replace(before, head=head)
