"""Changing tasks of an incident."""

from collections.abc import Callable
from dataclasses import replace

from incidents import texts
from incidents.changing import locked_head, username
from incidents.events import task_state_event
from incidents.gate import EditPass
from incidents.model import EntryKind, FoundTask, Head, TaskState, TimelineEntry
from incidents.ports import Chat, Live, OutgoingPost, Store, Transaction

_TEXTS = {
    TaskState.OPEN: texts.task_unchecked,
    TaskState.IN_PROGRESS: texts.task_in_progress,
    TaskState.CLOSED: texts.task_checked,
    TaskState.SKIPPED: texts.task_skipped,
}


class Tasks:
    """Use cases on the tasks of an incident; ended incidents can still be changed."""

    def __init__(
        self, *, store: Store, chat: Chat, live: Live, now: Callable[[], int], new_event_id: Callable[[], str]
    ) -> None:
        self._store = store
        self._chat = chat
        self._live = live
        self._now = now
        self._new_event_id = new_event_id

    async def set_state(self, allowed: EditPass, stage: str, task: str, state: TaskState) -> FoundTask:
        """Tick, untick, take up or skip a task; `stage` and `task` are ids or zero-based places.

        A state that it already has is no change: nothing is stored, told or counted. Raises PlaceNotFound, OutOfDate.
        """
        person = await username(self._chat, allowed.person_id)

        def work(tx: Transaction) -> tuple[Head, FoundTask, bool]:
            head = locked_head(tx, allowed)
            before = tx.incidents.find_task(head.id, stage, task)
            if before.task.state is state:
                return head, before, False
            return *self._set(tx, head, before, state, allowed.person_id, person), True

        head, found, changed = await self._store.run(work)
        if changed:
            await self._live.task_changed(head, found)
        return found

    def _set(
        self, tx: Transaction, head: Head, before: FoundTask, state: TaskState, person_id: str, person: str
    ) -> tuple[Head, FoundTask]:
        at = self._now()
        version = tx.incidents.set_task_state(head.id, before.task.id, state, at)
        entry = TimelineEntry(
            id=self._new_event_id(),
            incident_id=head.id,
            version=version,
            at=at,
            person_id=person_id,
            kind=EntryKind.TASK_STATE,
            stage_id=before.stage_id,
            task_id=before.task.id,
            old=before.task.state,
            new=state,
        )
        tx.timeline.add(entry)
        tx.tracker.track(task_state_event(entry, head, before))
        tx.posts.add(
            OutgoingPost(
                channel_id=head.channel_id,
                message=_TEXTS[state](before.task.title),
                group=f"tasks:{person_id}",
                heading=texts.task_heading(person),
                task_id=before.task.id,
                task_at=at,
            )
        )
        task = replace(before.task, state=state, state_modified=at, state_modified_post_id="")
        return replace(head, version=version), replace(before, task=task)
