"""Moving an incident from stage to stage."""

from dataclasses import replace

from incidents import texts
from incidents.changing import Changer, NoChange
from incidents.errors import PlaceNotFound
from incidents.gate import EditPass
from incidents.model import EntryKind, Incident, TaskState
from incidents.ports import Chat, Transaction
from telemetry.events import IncidentAction


def open_tasks(incident: Incident) -> int:
    """How many tasks of the active stage nobody has begun or closed."""
    if not incident.stages:
        return 0
    return sum(task.state is TaskState.OPEN for task in incident.stages[incident.active_stage].tasks)


class Stages:
    """The use case of `/incident stage next|prev` and of the stage's field in the API."""

    def __init__(self, *, changer: Changer, chat: Chat) -> None:
        self._changer = changer
        self._chat = chat

    async def go_to(self, allowed: EditPass, place: int) -> bool:
        """Make the stage at that zero-based place the active one; False if it is already. Raises PlaceNotFound."""
        person = (await self._chat.usernames([allowed.person_id])).get(allowed.person_id, "somebody")

        def work(tx: Transaction) -> Incident:
            before = self._changer.locked(tx, allowed.head.id)
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
                person_id=allowed.person_id,
                at=self._changer.now(),
                kind=EntryKind.STAGE,
                action=IncidentAction.CHANGE_STAGE,
                message=texts.stage_changed(person, old.title, new.title),
                change=(old.id, new.id),
            )
            return after

        return await self._changer.change_if_needed(work)
