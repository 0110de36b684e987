"""Handing an incident over to another commander."""

from dataclasses import replace

from incidents import texts
from incidents.changing import Change, Changer, NoChange
from incidents.errors import InvalidIncident
from incidents.gate import EditPass
from incidents.model import EntryKind, Incident
from incidents.ports import Access, Chat, Transaction
from incidents.rules import may_edit
from telemetry.events import IncidentAction


class Commander:
    """The use case of `/incident commander @somebody`."""

    def __init__(self, *, changer: Changer, chat: Chat, access: Access) -> None:
        self._changer = changer
        self._chat = chat
        self._access = access

    async def change(self, allowed: EditPass, commander_id: str) -> bool:
        """Make that person the commander; False if they are already. Raises InvalidIncident."""
        if not may_edit(await self._access.in_channel(commander_id, allowed.head.channel_id)):
            raise InvalidIncident("commander_id", "must be a member of the incident's channel")
        names = await self._chat.usernames([allowed.person_id, allowed.head.commander_id, commander_id])

        def work(tx: Transaction) -> Incident:
            before = self._changer.locked(tx, allowed)
            old = before.head.commander_id
            if old == commander_id:
                raise NoChange
            version = tx.incidents.set_commander(before.id, commander_id)
            after = replace(before, head=replace(before.head, commander_id=commander_id, version=version))
            who = [names.get(person, "somebody") for person in (allowed.person_id, old, commander_id)]
            self._changer.record(
                tx,
                after,
                allowed.person_id,
                self._changer.now(),
                Change(
                    kind=EntryKind.COMMANDER,
                    action=IncidentAction.CHANGE_COMMANDER,
                    message=texts.commander_changed(*who),
                    old=old,
                    new=commander_id,
                ),
            )
            return after

        return await self._changer.change_if_needed(work)
