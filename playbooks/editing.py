"""Creating, changing, deleting and restoring playbooks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from playbooks.errors import InvalidPlaybook, PlaybookForbidden, PlaybookNotFound, PlaybookOutOfDate
from playbooks.limits import MAX_DESCRIPTION, MAX_STAGES, MAX_TASKS, MAX_TITLE, command_problem, text_problem
from playbooks.model import Playbook, StageTemplate, TaskTemplate
from playbooks.ports import PlaybookStore, PlaybookTransaction, TeamAccess
from playbooks.rules import Creators, may_create, may_edit
from telemetry.events import PlaybookAction, PlaybookEvent

MAX_MEMBERS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTask:
    title: str
    description: str = ""
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStage:
    title: str
    tasks: tuple[NewTask, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WritePlaybook:
    """What a playbook is to be. The caller chooses a new one's `playbook_id`, so that a repetition can be told."""

    person_id: str
    playbook_id: str
    team_id: str
    title: str
    description: str
    create_public_incident: bool
    stages: tuple[NewStage, ...]
    member_ids: tuple[str, ...]
    only_version: int | None = None
    """If given, the change is only wanted of the playbook as it was at that version."""


class PlaybookEditing:
    """Use cases that change playbooks."""

    def __init__(
        self,
        *,
        store: PlaybookStore,
        access: TeamAccess,
        now: Callable[[], int],
        new_id: Callable[[], str],
        new_event_id: Callable[[], str],
        creators: Callable[[], Creators] = lambda: Creators.MEMBERS,
    ) -> None:
        """`creators` is asked at each creation: the administrator may change it while we run."""
        self._store = store
        self._access = access
        self._now = now
        self._new_id = new_id
        self._new_event_id = new_event_id
        self._creators = creators

    async def create(self, command: WritePlaybook) -> Playbook:
        """Create a playbook, or return the one that an earlier call with the same id made.

        Whoever creates it is a member of it.

        Raises: InvalidPlaybook, PlaybookForbidden.
        """
        known = await self._store.read(lambda tx: tx.playbooks.get(command.playbook_id))
        if known is not None:
            return known
        _check_limits(command)
        await self.check_creator(command.person_id, command.team_id)
        members = tuple(dict.fromkeys((command.person_id, *command.member_ids)))
        await self._check_members(members[1:], command.team_id)
        playbook = Playbook(
            id=command.playbook_id,
            team_id=command.team_id,
            title=command.title.strip(),
            description=command.description,
            create_public_incident=command.create_public_incident,
            create_at=self._now(),
            delete_at=0,
            version=1,
            stages=tuple(self._stage(stage) for stage in command.stages),
            member_ids=members,
        )

        def work(tx: PlaybookTransaction) -> None:
            tx.playbooks.add(playbook)
            self._track(tx, playbook, command.person_id, PlaybookAction.CREATE)

        await self._store.run(work)
        return playbook

    async def check_creator(self, person_id: str, team_id: str) -> None:
        """Raises PlaybookForbidden for those who may not create playbooks in the team."""
        if not may_create(await self._access.in_team(person_id, team_id), self._creators()):
            raise PlaybookForbidden("You may not create playbooks in this team.")

    async def update(self, command: WritePlaybook) -> Playbook:
        """Replace all that a playbook says; its team stays, and its members must not be nobody.

        Running incidents are not touched. Raises: InvalidPlaybook, PlaybookNotFound.
        """
        current = await self._editable(command.person_id, command.playbook_id)
        _check_limits(command)
        if command.team_id and command.team_id != current.team_id:
            raise InvalidPlaybook("team_id", "can't be changed")
        members = tuple(dict.fromkeys(command.member_ids))
        if not members:
            raise InvalidPlaybook("member_ids", "must have at least one person")
        await self._check_members([m for m in members if m not in current.member_ids], current.team_id)
        stages = tuple(self._stage(stage) for stage in command.stages)

        def change(before: Playbook) -> Playbook:
            return replace(
                before,
                title=command.title.strip(),
                description=command.description,
                create_public_incident=command.create_public_incident,
                stages=stages,
                member_ids=members,
                version=before.version + 1,
            )

        wanted = command.only_version
        return await self._change(current.id, command.person_id, PlaybookAction.UPDATE, change, only_version=wanted)

    async def delete(self, person_id: str, playbook_id: str, *, only_version: int | None = None) -> None:
        """Nobody can start from it any more; it can be restored. Raises PlaybookNotFound, PlaybookOutOfDate."""
        current = await self._editable(person_id, playbook_id)
        deleted_at = self._now()

        def change(before: Playbook) -> Playbook:
            return replace(before, delete_at=deleted_at)

        await self._change(current.id, person_id, PlaybookAction.DELETE, change, only_version=only_version)

    async def restore(self, person_id: str, playbook_id: str) -> Playbook:
        """Take a deletion back; one that is not deleted stays as it is. Raises PlaybookNotFound."""
        current = await self._editable(person_id, playbook_id, deleted=True)
        if not current.delete_at:
            return current
        return await self._change(
            current.id,
            person_id,
            PlaybookAction.UPDATE,
            lambda before: replace(before, delete_at=0),
            deleted=True,
        )

    async def _editable(self, person_id: str, playbook_id: str, *, deleted: bool = False) -> Playbook:
        playbook = await self._store.read(lambda tx: tx.playbooks.get(playbook_id))
        if playbook is None or (playbook.delete_at and not deleted):
            raise PlaybookNotFound
        if not may_edit(await self._access.in_team(person_id, playbook.team_id), playbook):
            raise PlaybookNotFound
        return playbook

    async def _change(
        self,
        playbook_id: str,
        person_id: str,
        action: PlaybookAction,
        change: Callable[[Playbook], Playbook],
        *,
        deleted: bool = False,
        only_version: int | None = None,
    ) -> Playbook:
        def work(tx: PlaybookTransaction) -> Playbook:
            before = tx.playbooks.lock(playbook_id)
            if before is None or (before.delete_at and not deleted):
                raise PlaybookNotFound
            if only_version not in (None, before.version):
                raise PlaybookOutOfDate(before)
            after = change(before)
            tx.playbooks.replace(after)
            self._track(tx, before if action is PlaybookAction.DELETE else after, person_id, action)
            return after

        return await self._store.run(work)

    async def _check_members(self, member_ids: Sequence[str], team_id: str) -> None:
        for member_id in member_ids:
            if not (await self._access.in_team(member_id, team_id)).is_member:
                raise InvalidPlaybook("member_ids", "every member must be in the playbook's team")

    def _stage(self, stage: NewStage) -> StageTemplate:
        tasks = tuple(
            TaskTemplate(id=self._new_id(), title=t.title.strip(), description=t.description, command=t.command.strip())
            for t in stage.tasks
        )
        return StageTemplate(id=self._new_id(), title=stage.title.strip(), tasks=tasks)

    def _track(self, tx: PlaybookTransaction, playbook: Playbook, person_id: str, action: PlaybookAction) -> None:
        tx.tracker.track(
            PlaybookEvent(
                message_id=self._new_event_id(),
                at=self._now(),
                user_id=person_id,
                action=action,
                playbook_id=playbook.id,
                team_id=playbook.team_id,
                num_stages=len(playbook.stages),
                num_tasks=playbook.num_tasks,
                is_public=playbook.create_public_incident,
                num_members=len(playbook.member_ids),
                num_slash_commands=playbook.num_slash_commands,
            )
        )


def _check_limits(command: WritePlaybook) -> None:
    _check_text("title", command.title, MAX_TITLE, required=True)
    _check_text("description", command.description, MAX_DESCRIPTION)
    if len(command.member_ids) > MAX_MEMBERS:
        raise InvalidPlaybook("member_ids", f"must have at most {MAX_MEMBERS} people")
    if len(command.stages) > MAX_STAGES:
        raise InvalidPlaybook("checklists", f"must have at most {MAX_STAGES} stages")
    if sum(len(stage.tasks) for stage in command.stages) > MAX_TASKS:
        raise InvalidPlaybook("checklists", f"must have at most {MAX_TASKS} tasks in all")
    for s, stage in enumerate(command.stages):
        _check_text(f"checklists[{s}].title", stage.title, MAX_TITLE, required=True)
        for t, task in enumerate(stage.tasks):
            where = f"checklists[{s}].items[{t}]"
            _check_text(f"{where}.title", task.title, MAX_TITLE, required=True)
            _check_text(f"{where}.description", task.description, MAX_DESCRIPTION)
            _refuse(f"{where}.command", command_problem(task.command))


def _check_text(field: str, text: str, longest: int, *, required: bool = False) -> None:
    _refuse(field, text_problem(text, longest, required=required))


def _refuse(field: str, problem: str) -> None:
    if problem:
        raise InvalidPlaybook(field, problem)
