"""Starting an incident: check everything, claim it, make its channel, commit.

Killed at any point, what was claimed is finished by `incidents.recovery` with the same steps; they can all be repeated.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from incidents import texts
from incidents.channels import ChannelMaker
from incidents.errors import IncidentForbidden, InvalidIncident, StartFailed, StartInProgress
from incidents.events import incident_event
from incidents.model import EntryKind, Head, Incident, Phase, Stage, Task, TimelineEntry
from incidents.naming import channel_name, check_description, check_name
from incidents.ports import (
    Access,
    Chat,
    ChatRefused,
    ChatUnavailable,
    Live,
    OutgoingPost,
    QuotedPost,
    Store,
    Transaction,
)
from incidents.rules import may_start
from playbooks.errors import PlaybookNotFound
from playbooks.model import Playbook
from playbooks.rules import may_start_from
from telemetry.events import IncidentAction

CLAIM_MS = 30_000
"""A start takes milliseconds; after this long its process is taken for dead."""
PATIENCE_S = 20
"""How long Mattermost may take for it: less than the claim, so that no two processes work on one start."""
DEFAULT_STAGE = "Default Stage"


@dataclass(frozen=True, slots=True, kw_only=True)
class StartCommand:
    """What is asked for.

    `incident_id` is chosen by the caller: asking again with the same one never makes a second incident. An empty
    `playbook_id` gives one empty stage and a public channel. `client_id` names the browser tab that asked.
    """

    person_id: str
    incident_id: str
    team_id: str
    name: str
    description: str
    commander_id: str
    playbook_id: str = ""
    post_id: str = ""
    client_id: str = ""


class StartIncident:
    """The use case of `/incident start`, of the post menu and of `POST /incidents`."""

    def __init__(
        self,
        *,
        store: Store,
        access: Access,
        chat: Chat,
        live: Live,
        now: Callable[[], int],
        new_id: Callable[[], str],
        new_event_id: Callable[[], str],
    ) -> None:
        self._store = store
        self._access = access
        self._chat = chat
        self._live = live
        self._now = now
        self._new_id = new_id
        self._new_event_id = new_event_id
        self._channels = ChannelMaker(store=store, chat=chat, new_id=new_id)

    async def __call__(self, command: StartCommand) -> Incident:
        """Start it, or return the one that an earlier call with the same `incident_id` started.

        Raises: InvalidIncident, IncidentForbidden, PlaybookNotFound; StartInProgress while another call is at it;
        StartFailed when Mattermost would not make the channel, in which case nothing is left of it.
        """
        known = await self._store.look(lambda tx: tx.incidents.head(command.incident_id))
        if known is not None:
            return await self._started_before(known)
        incident, quoted = await self._plan(command)
        await self._store.run(lambda tx: tx.incidents.claim(incident, lease_until=self._now() + CLAIM_MS))
        try:
            started = await self.carry_out(incident, quoted=quoted)
        except ChatRefused as failure:
            await self.undo(incident.head)
            raise StartFailed from failure
        except ChatUnavailable as failure:
            # What was asked may still happen: the recovery looks again, and undoes it, when the claim has run out.
            await self._give_up(incident.head)
            raise StartFailed from failure
        await asyncio.gather(
            self._live.created(started, person_id=command.person_id, client_id=command.client_id),
            self._live.changed(started.head),
        )
        return started

    async def _started_before(self, head: Head) -> Incident:
        incident = await self._store.read(lambda tx: tx.incidents.get(head.id)) if head.is_visible else None
        if incident is None:
            raise StartInProgress
        return incident

    async def carry_out(self, incident: Incident, *, quoted: QuotedPost | None, again: bool = False) -> Incident:
        """Make the channel and commit; `again` when an earlier process may have made the channel already.

        Raises: ChatRefused, ChatUnavailable; the latter also when it takes so long that the claim could run out.
        """
        try:
            async with asyncio.timeout(PATIENCE_S):
                channel_id = await self._channels.make(incident.head, again=again)
                await self._chat.gather(channel_id, incident.head.team_id, incident.head.commander_id)
                names = await self._chat.usernames([incident.head.commander_id])
        except TimeoutError as slow:
            raise ChatUnavailable from slow
        announcement = texts.started(
            names.get(incident.head.commander_id, "somebody"),
            incident.head.name,
            quote=quoted.message if quoted else "",
            permalink=quoted.permalink if quoted else "",
        )
        return await self._store.run(lambda tx: self._activate(tx, incident, channel_id, announcement))

    async def undo(self, head: Head) -> None:
        """Take away what a start that failed has made. What cannot be taken away now, the recovery will."""
        if not await self._give_up(head):
            return
        try:
            await self._channels.unmake(head)
        except (ChatUnavailable, ChatRefused):
            return
        await self._store.run(lambda tx: tx.incidents.forget(head.id))

    async def _give_up(self, head: Head) -> bool:
        """From now on it can only be undone; False if it has been finished meanwhile."""

        def work(tx: Transaction) -> bool:
            now = tx.incidents.lock(head.id)
            if now is None or now.is_visible:
                return False
            tx.incidents.undo(head.id)
            return True

        return await self._store.run(work)

    async def _plan(self, command: StartCommand) -> tuple[Incident, QuotedPost | None]:
        name = check_name(command.name)
        description = check_description(command.description)
        if not command.team_id:
            raise InvalidIncident("team_id", "must not be empty")
        if not command.commander_id:
            raise InvalidIncident("commander_user_id", "must not be empty")
        standing = await self._access.in_team(command.person_id, command.team_id)
        commands = standing  # most start what they command; who does not, asks Mattermost about two people
        if command.commander_id != command.person_id:
            commands = await self._access.in_team(command.commander_id, command.team_id)
        playbook = await self._playbook(command) if command.playbook_id else None
        if playbook is not None and not may_start_from(standing, playbook):
            raise PlaybookNotFound
        public = playbook.create_public_incident if playbook else True
        if not may_start(standing, public=public):
            raise IncidentForbidden("You may not start incidents in this team.")
        if not commands.is_member:
            raise InvalidIncident("commander_user_id", "must be a member of the incident's team")
        quoted = await self._quoted(command) if command.post_id else None
        stages = _copied(playbook, self._new_id)
        now = self._now()
        head = Head(
            id=command.incident_id,
            team_id=command.team_id,
            channel_id="",
            channel_name=channel_name(name, self._new_id),
            name=name,
            description=description,
            phase=Phase.STARTING,
            is_public=public,
            commander_id=command.commander_id,
            reporter_id=command.person_id,
            playbook_id=playbook.id if playbook else "",
            playbook_version=playbook.version if playbook else 0,
            post_id=command.post_id,
            create_at=now,
            end_at=0,
            active_since=now,
            active_ms=0,
            active_stage_id=stages[0].id if stages else "",
            version=0,
        )
        return Incident(head=head, stages=stages), quoted

    async def _playbook(self, command: StartCommand) -> Playbook:
        playbook = await self._store.read(lambda tx: tx.playbooks.get(command.playbook_id))
        if playbook is None or playbook.delete_at or playbook.team_id != command.team_id:
            raise PlaybookNotFound
        return playbook

    async def _quoted(self, command: StartCommand) -> QuotedPost:
        quoted = await self._chat.read_post(command.person_id, command.post_id)
        if quoted is None:
            raise InvalidIncident("post_id", "must be a message that you can read")
        return quoted

    def _activate(self, tx: Transaction, incident: Incident, channel_id: str, announcement: str) -> Incident:
        head = tx.incidents.lock(incident.id)
        if head is None or head.phase is Phase.UNDOING:
            raise ChatRefused("the start was given up")
        if head.is_visible:  # another process has finished it
            return tx.incidents.get(head.id) or incident
        version = tx.incidents.activate(head.id, channel_id)
        active = replace(head, channel_id=channel_id, phase=Phase.ACTIVE, version=version)
        started = Incident(head=active, stages=incident.stages)
        entry = TimelineEntry(
            id=self._new_event_id(),
            incident_id=head.id,
            version=version,
            at=head.create_at,
            person_id=head.reporter_id,
            kind=EntryKind.STARTED,
        )
        tx.timeline.add(entry)
        tx.tracker.track(incident_event(entry, started, IncidentAction.CREATE))
        tx.posts.add(OutgoingPost(channel_id=channel_id, message=announcement))
        return started


def _copied(playbook: Playbook | None, new_id: Callable[[], str]) -> tuple[Stage, ...]:
    """Stages and tasks by value: what later happens to the playbook does not touch a running incident."""
    if playbook is None:
        return (Stage(id=new_id(), title=DEFAULT_STAGE),)
    return tuple(
        Stage(
            id=new_id(),
            title=stage.title,
            tasks=tuple(
                Task(id=new_id(), title=task.title, description=task.description, command=task.command)
                for task in stage.tasks
            ),
        )
        for stage in playbook.stages
    )
