"""Moving an incident from stage to stage; adding, renaming, moving and removing its stages."""

from dataclasses import replace

from incidents import texts
from incidents.changing import Change, Changer, NoChange, check_version, username
from incidents.errors import InvalidIncident, PlaceNotFound, StageNotEmpty
from incidents.gate import EditPass
from incidents.model import EntryKind, Incident, Stage, TaskState
from incidents.ports import Chat, Transaction
from playbooks.limits import MAX_STAGES, MAX_TITLE, text_problem
from telemetry.events import IncidentAction


def open_tasks(incident: Incident) -> int:
    """How many tasks of the active stage nobody has begun, closed or skipped."""
    if not incident.stages:
        return 0
    return sum(task.state is TaskState.OPEN for task in incident.stages[incident.active_stage].tasks)


class Stages:
    """Use cases on an incident's stages; ended incidents can still be changed. `stage` is an id or a zero-based place.

    All raise PlaceNotFound, OutOfDate.
    """

    def __init__(self, *, changer: Changer, chat: Chat) -> None:
        self._changer = changer
        self._chat = chat

    async def go_to(self, allowed: EditPass, place: int) -> bool:
        """Make the stage at that zero-based place the active one; False if it is already."""
        person = await username(self._chat, allowed.person_id)
        return await self._changer.change_if_needed(
            lambda tx: self.gone_to(tx, self._changer.locked(tx, allowed), place, allowed.person_id, person)
        )

    def gone_to(self, tx: Transaction, before: Incident, place: int, person_id: str, person: str) -> Incident:
        """`go_to` inside a transaction that has locked the incident. Raises NoChange."""
        if not 0 <= place < len(before.stages):
            raise PlaceNotFound("stage", str(place))
        old, new = before.stages[before.active_stage], before.stages[place]
        if old.id == new.id:
            raise NoChange
        version = tx.incidents.set_active_stage(before.id, new.id)
        after = replace(before, head=replace(before.head, active_stage_id=new.id, version=version))
        self._changer.record(
            tx,
            after,
            person_id,
            self._changer.now(),
            Change(
                kind=EntryKind.STAGE,
                action=IncidentAction.CHANGE_STAGE,
                message=texts.stage_changed(person, old.title, new.title),
                old=old.id,
                new=new.id,
            ),
        )
        return after

    async def add(self, allowed: EditPass, stage_id: str, title: str, place: int | None = None) -> Stage:
        """A new stage without tasks, at the end if no place is given; asking again with its id adds no second one.

        Raises InvalidIncident.
        """
        _check(title)
        stage = Stage(id=stage_id, title=title.strip())

        def work(tx: Transaction) -> Incident:
            before = self._changer.locked(tx, allowed.only_at(None))
            if any(one.id == stage_id for one in before.stages):
                raise NoChange  # a repetition, whatever version it names
            check_version(tx, allowed)
            if len(before.stages) >= MAX_STAGES:
                raise InvalidIncident("title", f"would be stage number {MAX_STAGES + 1}; {MAX_STAGES} are allowed")
            where = len(before.stages) if place is None else place
            if not 0 <= where <= len(before.stages):
                raise PlaceNotFound("stage", str(place))
            stages = (*before.stages[:where], stage, *before.stages[where:])
            version = tx.incidents.add_stage(before.id, stage, [one.id for one in stages])
            active = before.head.active_stage_id or stage.id
            after = replace(before, head=replace(before.head, active_stage_id=active, version=version), stages=stages)
            return self._recorded(tx, after, allowed, EntryKind.STAGE_ADDED, stage.id)

        await self._changer.change_if_needed(work)
        return stage

    async def edit(self, allowed: EditPass, stage: str, *, title: str | None = None, place: int | None = None) -> bool:
        """Another title, another zero-based place, or both; None leaves it. The active stage stays the active one.

        Raises InvalidIncident.
        """
        if title is not None:
            _check(title)

        def work(tx: Transaction) -> Incident:
            before, at = self._found(tx, allowed, stage)
            after, stage_id = before, before.stages[at].id
            if title is not None and title.strip() != before.stages[at].title:
                version = tx.incidents.rename_stage(before.id, stage_id, title.strip())
                named = replace(before.stages[at], title=title.strip())
                stages = (*before.stages[:at], named, *before.stages[at + 1 :])
                after = replace(after, head=replace(after.head, version=version), stages=stages)
                self._recorded(tx, after, allowed, EntryKind.STAGE_RENAMED, stage_id)
            if place is not None and place != at:
                if not 0 <= place < len(before.stages):
                    raise PlaceNotFound("stage", str(place))
                moved = [*after.stages[:at], *after.stages[at + 1 :]]
                moved.insert(place, after.stages[at])
                version = tx.incidents.order_stages(before.id, [one.id for one in moved])
                after = replace(after, head=replace(after.head, version=version), stages=tuple(moved))
                self._recorded(tx, after, allowed, EntryKind.STAGE_MOVED, stage_id)
            if after is before:
                raise NoChange
            return after

        return await self._changer.change_if_needed(work)

    async def remove(self, allowed: EditPass, stage: str, *, with_tasks: bool) -> None:
        """Take it away. Is it the active one, the next becomes active, or else the one before.

        Raises StageNotEmpty, unless `with_tasks`.
        """
        person = await username(self._chat, allowed.person_id)

        def work(tx: Transaction) -> Incident:
            before, place = self._found(tx, allowed, stage)
            gone = before.stages[place]
            if gone.tasks and not with_tasks:
                raise StageNotEmpty
            if len(before.stages) > 1 and place == before.active_stage:
                neighbour = place + 1 if place + 1 < len(before.stages) else place - 1
                before = self.gone_to(tx, before, neighbour, allowed.person_id, person)
            rest = (*before.stages[:place], *before.stages[place + 1 :])
            version = tx.incidents.remove_stage(before.id, gone.id, [one.id for one in rest])
            active = before.head.active_stage_id if rest else ""
            after = replace(before, head=replace(before.head, active_stage_id=active, version=version), stages=rest)
            return self._recorded(tx, after, allowed, EntryKind.STAGE_REMOVED, gone.id)

        await self._changer.change(work)

    def _found(self, tx: Transaction, allowed: EditPass, stage: str) -> tuple[Incident, int]:
        before = self._changer.locked(tx, allowed)
        stage_id = tx.incidents.find_stage(before.id, stage)
        return before, next(place for place, one in enumerate(before.stages) if one.id == stage_id)

    def _recorded(
        self, tx: Transaction, after: Incident, allowed: EditPass, kind: EntryKind, stage_id: str
    ) -> Incident:
        at = self._changer.now()
        self._changer.record(tx, after, allowed.person_id, at, Change(kind=kind, stage_id=stage_id))
        return after


def _check(title: str) -> None:
    if problem := text_problem(title, MAX_TITLE, required=True):
        raise InvalidIncident("title", problem)
