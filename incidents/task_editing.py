"""Adding, editing, moving, removing, assigning and running the tasks of an incident."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from incidents import texts
from incidents.changing import check_version, locked_head
from incidents.errors import InvalidIncident, PlaceNotFound
from incidents.events import task_event
from incidents.gate import EditPass
from incidents.model import EntryKind, FoundTask, Head, Task, TimelineEntry
from incidents.ports import Access, Chat, ChatRefused, Live, OutgoingPost, Store, Transaction
from incidents.rules import may_view
from playbooks.limits import MAX_DESCRIPTION, MAX_TASKS, MAX_TITLE, command_problem, text_problem
from telemetry.events import TaskAction


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskText:
    """What people write about a task; None leaves a part as it is."""

    title: str | None = None
    description: str | None = None
    command: str | None = None


class TaskEditing:
    """Use cases on the tasks of an incident; ended incidents can still be changed. `stage` and `task` are ids or
    zero-based places. All raise PlaceNotFound, OutOfDate.
    """

    def __init__(
        self,
        *,
        store: Store,
        chat: Chat,
        access: Access,
        live: Live,
        now: Callable[[], int],
        new_id: Callable[[], str],
        new_event_id: Callable[[], str],
    ) -> None:
        self._store = store
        self._chat = chat
        self._access = access
        self._live = live
        self._now = now
        self._new_id = new_id
        self._new_event_id = new_event_id

    async def add(self, allowed: EditPass, stage: str, text: TaskText) -> Task:
        """A new open task at the end of a stage. Raises InvalidIncident."""
        _check(text, title_required=True)
        task = _with(Task(id=self._new_id(), title=""), text)

        def work(tx: Transaction) -> Head:
            head = locked_head(tx, allowed)
            stage_id = tx.incidents.find_stage(head.id, stage)
            if tx.incidents.count_tasks(head.id) >= MAX_TASKS:
                raise InvalidIncident(
                    "title", f"would be task number {MAX_TASKS + 1}; an incident has at most {MAX_TASKS}"
                )
            version = tx.incidents.add_task(head.id, stage_id, tx.incidents.count_tasks(head.id, stage_id), task)
            return self._record(tx, allowed, head, version, TaskAction.ADD, EntryKind.TASK_ADDED, stage_id, task.id)

        await self._live.changed(await self._store.run(work))
        return task

    async def edit(self, allowed: EditPass, stage: str, task: str, text: TaskText) -> Task:
        """Change what is written; the same again is no change. Raises InvalidIncident."""
        _check(text)

        def work(tx: Transaction) -> tuple[Head, FoundTask, bool]:
            head = locked_head(tx, allowed)
            before = tx.incidents.find_task(head.id, stage, task)
            after = _with(before.task, text)
            if after == before.task:
                return head, before, False
            version = tx.incidents.edit_task(head.id, after)
            where = (before.stage_id, after.id)
            head = self._record(tx, allowed, head, version, TaskAction.RENAME, EntryKind.TASK_EDITED, *where)
            return head, replace(before, task=after), True

        return await self._told(work)

    async def remove(self, allowed: EditPass, stage: str, task: str) -> None:
        """Take the task away."""

        def work(tx: Transaction) -> Head:
            head = locked_head(tx, allowed)
            found = tx.incidents.find_task(head.id, stage, task)
            version = tx.incidents.remove_task(head.id, found)
            where = (found.stage_id, found.task.id)
            return self._record(tx, allowed, head, version, TaskAction.REMOVE, EntryKind.TASK_REMOVED, *where)

        await self._live.changed(await self._store.run(work))

    async def move(self, allowed: EditPass, stage: str, task: str, to_place: int, *, to_stage: str = "") -> None:
        """To a zero-based place, of another stage if `to_stage` is given; the same place is no change."""

        def work(tx: Transaction) -> Head | None:
            head = locked_head(tx, allowed)
            found = tx.incidents.find_task(head.id, stage, task)
            stage_id = tx.incidents.find_stage(head.id, to_stage) if to_stage else found.stage_id
            last = tx.incidents.count_tasks(head.id, stage_id) - (1 if stage_id == found.stage_id else 0)
            if not 0 <= to_place <= last:
                raise PlaceNotFound("task", str(to_place))
            if (stage_id, to_place) == (found.stage_id, found.place):
                return None
            version = tx.incidents.move_task(head.id, found, stage_id, to_place)
            where = (stage_id, found.task.id)
            return self._record(tx, allowed, head, version, TaskAction.MOVE, EntryKind.TASK_MOVED, *where)

        head = await self._store.run(work)
        if head:
            await self._live.changed(head)

    async def assign(self, allowed: EditPass, stage: str, task: str, person_id: str) -> Task:
        """To somebody who can see the channel, or with "" to nobody; the same again is no change.

        Raises InvalidIncident.
        """
        if person_id and not may_view(await self._access.in_channel(person_id, allowed.head.channel_id)):
            raise InvalidIncident("assignee_id", "must be somebody who can see the incident's channel")
        names = await self._chat.usernames([who for who in (allowed.person_id, person_id) if who])

        def work(tx: Transaction) -> tuple[Head, FoundTask, bool]:
            head = locked_head(tx, allowed)
            before = tx.incidents.find_task(head.id, stage, task)
            if before.task.assignee_id == person_id:
                return head, before, False
            at = self._now()
            version = tx.incidents.set_assignee(head.id, before.task.id, person_id, at)
            where = (before.stage_id, before.task.id)
            head = self._record(tx, allowed, head, version, TaskAction.ASSIGN, EntryKind.TASK_ASSIGNED, *where)
            post = OutgoingPost(
                channel_id=head.channel_id,
                message=texts.task_assigned(before.task.title, names.get(person_id, "")),
                group=f"tasks:{allowed.person_id}",
                heading=texts.task_heading(names.get(allowed.person_id, "somebody")),
                task_id=before.task.id,
                task_at=at,
                about="assignee",
            )
            tx.posts.add(post)
            after = replace(before.task, assignee_id=person_id, assignee_modified=at, assignee_modified_post_id="")
            return head, replace(before, task=after), True

        return await self._told(work)

    async def run(self, allowed: EditPass, stage: str, task: str) -> Task:
        """Run the task's slash command as that person, and note when it ran.

        Raises InvalidIncident when there is none, or when it fails: then nothing is noted, and only they are told.
        """

        def look(tx: Transaction) -> FoundTask:
            check_version(tx, allowed)
            return tx.incidents.find_task(allowed.head.id, stage, task)

        found = await self._store.read(look)
        if not found.task.command:
            raise InvalidIncident("command", "this task has no slash command")
        try:
            await self._chat.run_command(allowed.person_id, allowed.head.channel_id, found.task.command)
        except ChatRefused as failure:
            message = texts.command_failed(found.task.title)
            await self._chat.tell(allowed.person_id, allowed.head.channel_id, message)
            raise InvalidIncident("command", "could not be run; is there such a slash command?") from failure

        def work(tx: Transaction) -> tuple[Head, FoundTask, bool]:
            head = locked_head(tx, allowed.only_at(None))  # it has run, whatever has changed meanwhile
            before = tx.incidents.find_task(head.id, found.stage_id, found.task.id)
            after = replace(before.task, command_last_run=self._now())
            version = tx.incidents.edit_task(head.id, after)
            where = (before.stage_id, after.id)
            head = self._record(tx, allowed, head, version, TaskAction.RUN, EntryKind.TASK_RUN, *where)
            return head, replace(before, task=after), True

        return await self._told(work)

    async def _told(self, work: Callable[[Transaction], tuple[Head, FoundTask, bool]]) -> Task:
        head, found, changed = await self._store.run(work)
        if changed:
            await self._live.task_changed(head, found)
        return found.task

    def _record(
        self,
        tx: Transaction,
        allowed: EditPass,
        head: Head,
        version: int,
        action: TaskAction,
        kind: EntryKind,
        stage_id: str,
        task_id: str,
    ) -> Head:
        entry = TimelineEntry(
            id=self._new_event_id(),
            incident_id=head.id,
            version=version,
            at=self._now(),
            person_id=allowed.person_id,
            kind=kind,
            stage_id=stage_id,
            task_id=task_id,
        )
        tx.timeline.add(entry)
        tx.tracker.track(task_event(entry, action))
        return replace(head, version=version)


def _with(task: Task, text: TaskText) -> Task:
    return replace(
        task,
        title=task.title if text.title is None else text.title.strip(),
        description=task.description if text.description is None else text.description,
        command=task.command if text.command is None else text.command.strip(),
    )


def _check(text: TaskText, *, title_required: bool = False) -> None:
    title = "" if title_required and text.title is None else text.title
    problems = {
        "title": "" if title is None else text_problem(title, MAX_TITLE, required=True),
        "description": text_problem(text.description or "", MAX_DESCRIPTION),
        "command": command_problem(text.command or ""),
    }
    for field, problem in problems.items():
        if problem:
            raise InvalidIncident(field, problem)
