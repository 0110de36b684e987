"""Changing what an incident is called, and which of its stages is active, in one step."""

from dataclasses import dataclass, replace

from incidents import texts
from incidents.changing import Change, Changer, NoChange, username
from incidents.gate import EditPass
from incidents.model import EntryKind, Incident
from incidents.naming import check_description, check_name
from incidents.ports import Chat, Transaction
from incidents.stages import Stages


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailChanges:
    """None leaves a part as it is. `active_stage` is a zero-based place."""

    name: str | None = None
    description: str | None = None
    active_stage: int | None = None


class Details:
    """The use case of PATCH: all of it is changed, or nothing. The channel keeps its name and header."""

    def __init__(self, *, changer: Changer, chat: Chat, stages: Stages) -> None:
        self._changer = changer
        self._chat = chat
        self._stages = stages

    async def change(self, allowed: EditPass, changes: DetailChanges) -> bool:
        """False if all of it is so already. Raises InvalidIncident, PlaceNotFound, OutOfDate."""
        name = None if changes.name is None else check_name(changes.name)
        description = None if changes.description is None else check_description(changes.description)
        person = await username(self._chat, allowed.person_id)

        def work(tx: Transaction) -> Incident:
            before = after = self._changer.locked(tx, allowed)
            if name is not None and name != after.head.name:
                after = self._renamed(tx, after, name, allowed.person_id, person)
            if description is not None and description != after.head.description:
                after = self._described(tx, after, description, allowed.person_id)
            if changes.active_stage is not None and changes.active_stage != after.active_stage:
                after = self._stages.gone_to(tx, after, changes.active_stage, allowed.person_id, person)
            if after is before:
                raise NoChange
            return after

        return await self._changer.change_if_needed(work)

    def _renamed(self, tx: Transaction, before: Incident, name: str, person_id: str, person: str) -> Incident:
        version = tx.incidents.set_text(before.id, name=name, description=before.head.description)
        after = replace(before, head=replace(before.head, name=name, version=version))
        self._changer.record(
            tx,
            after,
            person_id,
            self._changer.now(),
            Change(
                kind=EntryKind.RENAMED,
                message=texts.renamed(person, before.head.name, name),
            ),
        )
        return after

    def _described(self, tx: Transaction, before: Incident, description: str, person_id: str) -> Incident:
        version = tx.incidents.set_text(before.id, name=before.head.name, description=description)
        after = replace(before, head=replace(before.head, description=description, version=version))
        self._changer.record(tx, after, person_id, self._changer.now(), Change(kind=EntryKind.DESCRIBED))
        return after
