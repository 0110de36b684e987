"""Incidents <-> rows."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Row,
    Select,
    bindparam,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy import func as sql

from incidents.errors import PlaceNotFound
from incidents.model import FoundTask, Head, Incident, Phase, Stage, Task, TaskState
from incidents.ports import IncidentPage, IncidentQuery, Publicity
from plugin.storage import incident_lists
from plugin.storage.incident_lists import Totals
from plugin.storage.tables import incidents, stages, tasks

_UNFINISHED = (Phase.STARTING, Phase.UNDOING)
_MAX_PLACE = 100_000


# What every tick runs is built once: building a statement costs more than running it.
_HEAD = select(incidents).where(incidents.c.id == bindparam("incident_id"))
_LOCKED_HEAD = _HEAD.with_for_update()
_HEAD_BY_CHANNEL = select(incidents).where(incidents.c.channel_id == bindparam("channel_id"))
_INCIDENTS: BindParameter[Any] = bindparam("incident_ids", expanding=True)
_STAGES = select(stages).where(stages.c.incident_id.in_(_INCIDENTS)).order_by(stages.c.position)
_TASKS = select(tasks).where(tasks.c.incident_id.in_(_INCIDENTS)).order_by(tasks.c.position)
_STAGE_IN = select(stages.c.id).where(stages.c.incident_id == bindparam("incident_id"))
_STAGE_BY = {name: _STAGE_IN.where(stages.c[name] == bindparam("ref")) for name in ("id", "position")}
_TASK_IN = select(tasks).join(stages, stages.c.id == tasks.c.stage_id)
_TASK_BY = {
    (of_stage, of_task): _TASK_IN.where(
        stages.c.incident_id == bindparam("incident_id"),
        stages.c[of_stage] == bindparam("stage"),
        tasks.c[of_task] == bindparam("task"),
    )
    for of_stage in ("id", "position")
    for of_task in ("id", "position")
}
_INSERT_INCIDENT, _INSERT_STAGE, _INSERT_TASK = insert(incidents), insert(stages), insert(tasks)
_SET_TASK_STATE = (
    update(tasks)
    .where(tasks.c.id == bindparam("which"))
    .values(state=bindparam("new_state"), state_modified=bindparam("at"), state_modified_post_id="")
)
_NEXT_VERSION = (
    update(incidents)
    .where(incidents.c.id == bindparam("incident_id"))
    .values(version=incidents.c.version + 1)
    .returning(incidents.c.version)
)


class SqlIncidentRows:
    """`incidents.ports.IncidentRows` on one connection."""

    def __init__(self, connection: Connection, totals: Totals | None = None) -> None:
        self._connection = connection
        self._totals = totals or Totals()

    # -- one incident

    def claim(self, incident: Incident, *, lease_until: int) -> None:
        head = incident.head
        values = {**_columns(head), "name_folded": head.name.casefold(), "lease_until": lease_until}
        self._connection.execute(_INSERT_INCIDENT, values)
        if incident.stages:
            self._connection.execute(
                _INSERT_STAGE,
                [
                    {"id": stage.id, "incident_id": head.id, "position": place, "title": stage.title}
                    for place, stage in enumerate(incident.stages)
                ],
            )
        rows = [
            {**_columns(task), "incident_id": head.id, "stage_id": stage.id, "position": place}
            for stage in incident.stages
            for place, task in enumerate(stage.tasks)
        ]
        if rows:
            self._connection.execute(_INSERT_TASK, rows)

    def lock(self, incident_id: str) -> Head | None:
        return self._one(_LOCKED_HEAD, incident_id=incident_id)

    def head(self, incident_id: str) -> Head | None:
        return self._one(_HEAD, incident_id=incident_id)

    def head_by_channel(self, channel_id: str) -> Head | None:
        return self._one(_HEAD_BY_CHANNEL, channel_id=channel_id) if channel_id else None

    def get(self, incident_id: str) -> Incident | None:
        head = self.head(incident_id)
        if head is None:
            return None
        return Incident(head=head, stages=self._stages_of([incident_id]).get(incident_id, ()))

    def _stages_of(self, incident_ids: Collection[str]) -> dict[str, tuple[Stage, ...]]:
        of_stage: dict[str, list[Task]] = {}
        for row in self._connection.execute(_TASKS, {"incident_ids": list(incident_ids)}):
            of_stage.setdefault(row.stage_id, []).append(_task(row))
        found: dict[str, tuple[Stage, ...]] = {}
        for row in self._connection.execute(_STAGES, {"incident_ids": list(incident_ids)}):
            stage = Stage(id=row.id, title=row.title, tasks=tuple(of_stage.get(row.id, ())))
            found[row.incident_id] = (*found.get(row.incident_id, ()), stage)
        return found

    def find_task(self, incident_id: str, stage: str, task: str) -> FoundTask:
        (of_stage, stage_ref), (of_task, task_ref) = _reference(stage), _reference(task)
        where = {"incident_id": incident_id, "stage": stage_ref, "task": task_ref}
        row = self._connection.execute(_TASK_BY[of_stage, of_task], where).one_or_none()
        if row is None:
            self.find_stage(incident_id, stage)
            raise PlaceNotFound("task", task)
        return FoundTask(stage_id=row.stage_id, place=row.position, task=_task(row))

    def find_stage(self, incident_id: str, stage: str) -> str:
        by, ref = _reference(stage)
        found = self._connection.execute(_STAGE_BY[by], {"incident_id": incident_id, "ref": ref})
        stage_id: str | None = found.scalar_one_or_none()
        if stage_id is None:
            raise PlaceNotFound("stage", stage)
        return stage_id

    def count_tasks(self, incident_id: str, stage_id: str = "") -> int:
        where = tasks.c.stage_id == stage_id if stage_id else tasks.c.incident_id == incident_id
        return self._connection.execute(select(sql.count()).select_from(tasks).where(where)).scalar_one()

    # -- changes

    def undo(self, incident_id: str) -> None:
        self._set(incident_id, phase=Phase.UNDOING)

    def set_clock(self, incident_id: str, phase: Phase, *, end_at: int, active_since: int, active_ms: int) -> int:
        return self._set_listed(incident_id, phase=phase, end_at=end_at, active_since=active_since, active_ms=active_ms)

    def set_text(self, incident_id: str, *, name: str, description: str) -> int:
        return self._set_listed(incident_id, name=name, name_folded=name.casefold(), description=description)

    def note_channel_name(self, incident_id: str, name: str) -> bool:
        starting = (incidents.c.id == incident_id, incidents.c.phase == Phase.STARTING)
        return self._connection.execute(update(incidents).where(*starting).values(channel_name=name)).rowcount == 1

    def activate(self, incident_id: str, channel_id: str) -> int:
        return self._set_listed(incident_id, phase=Phase.ACTIVE, channel_id=channel_id)

    def add_task(self, incident_id: str, stage_id: str, place: int, task: Task) -> int:
        self._shift(stage_id, place, 1)
        row = {**_columns(task), "incident_id": incident_id, "stage_id": stage_id, "position": place}
        self._connection.execute(insert(tasks).values(row))
        return self._set(incident_id)

    def remove_task(self, incident_id: str, found: FoundTask) -> int:
        self._connection.execute(delete(tasks).where(tasks.c.id == found.task.id))
        self._shift(found.stage_id, found.place + 1, -1)
        return self._set(incident_id)

    def move_task(self, incident_id: str, found: FoundTask, stage_id: str, place: int) -> int:
        self._shift(found.stage_id, found.place + 1, -1)
        # Between the two shifts the task itself stands aside, or it would be moved with the others.
        aside = update(tasks).where(tasks.c.id == found.task.id)
        self._connection.execute(aside.values(stage_id="", position=0))
        self._shift(stage_id, place, 1)
        self._connection.execute(aside.values(stage_id=stage_id, position=place))
        return self._set(incident_id)

    def edit_task(self, incident_id: str, task: Task) -> int:
        self._connection.execute(
            update(tasks)
            .where(tasks.c.id == task.id)
            .values(
                title=task.title,
                description=task.description,
                command=task.command,
                command_last_run=task.command_last_run,
            )
        )
        return self._set(incident_id)

    def set_assignee(self, incident_id: str, task_id: str, person_id: str, at: int) -> int:
        changes = {"assignee_id": person_id, "assignee_modified": at, "assignee_modified_post_id": ""}
        self._connection.execute(update(tasks).where(tasks.c.id == task_id).values(changes))
        return self._set(incident_id)

    def _shift(self, stage_id: str, place: int, by: int) -> None:
        """Make room at a place of a stage, or close the gap before it."""
        behind = (tasks.c.stage_id == stage_id, tasks.c.position >= place)
        self._connection.execute(update(tasks).where(*behind).values(position=tasks.c.position + by))

    def set_commander(self, incident_id: str, person_id: str) -> int:
        return self._set_listed(incident_id, commander_id=person_id)

    def set_active_stage(self, incident_id: str, stage_id: str) -> int:
        return self._set(incident_id, active_stage_id=stage_id)

    def set_task_state(self, incident_id: str, task_id: str, state: TaskState, at: int) -> int:
        self._connection.execute(_SET_TASK_STATE, {"which": task_id, "new_state": state, "at": at})
        return self._set(incident_id)

    def _set_listed(self, incident_id: str, **changes: Any) -> int:
        incident_lists.changed(self._connection, incident_id)
        return self._set(incident_id, **changes)

    def _set(self, incident_id: str, **changes: Any) -> int:
        # The counter lives in the database, so that no two changes can get the same version.
        statement = _NEXT_VERSION.values(**changes) if changes else _NEXT_VERSION
        version: int = self._connection.execute(statement, {"incident_id": incident_id}).scalar_one()
        return version

    # -- stages

    def add_stage(self, incident_id: str, stage: Stage, order: Sequence[str]) -> int:
        row = {"id": stage.id, "incident_id": incident_id, "position": 0, "title": stage.title}
        self._connection.execute(insert(stages).values(row))
        first = {"active_stage_id": stage.id} if len(order) == 1 else {}
        return self._in_order(incident_id, order, **first)

    def rename_stage(self, incident_id: str, stage_id: str, title: str) -> int:
        self._connection.execute(update(stages).where(stages.c.id == stage_id).values(title=title))
        return self._set(incident_id)

    def order_stages(self, incident_id: str, order: Sequence[str]) -> int:
        return self._in_order(incident_id, order)

    def remove_stage(self, incident_id: str, stage_id: str, order: Sequence[str]) -> int:
        self._connection.execute(delete(tasks).where(tasks.c.stage_id == stage_id))
        self._connection.execute(delete(stages).where(stages.c.id == stage_id))
        return self._in_order(incident_id, order, **({} if order else {"active_stage_id": ""}))

    def _in_order(self, incident_id: str, order: Sequence[str], **changes: str) -> int:
        if order:
            placed = [{"which": stage_id, "place": place} for place, stage_id in enumerate(order)]
            statement = update(stages).where(stages.c.id == bindparam("which")).values(position=bindparam("place"))
            self._connection.execute(statement, placed)
        return self._set(incident_id, **changes)

    # -- lists

    def page(self, query: IncidentQuery) -> IncidentPage:
        return incident_lists.page(self._connection, query, self._totals, head=_head, stages_of=self._stages_of)

    def set_public(self, incident_ids: Collection[str], *, public: bool) -> None:
        self._connection.execute(update(incidents).where(incidents.c.id.in_(incident_ids)).values(is_public=public))
        for incident_id in incident_ids:
            incident_lists.changed(self._connection, incident_id)

    def teams(self) -> Sequence[str]:
        return self._connection.execute(select(incidents.c.team_id).distinct()).scalars().all()

    def publicity(self, team_id: str) -> Sequence[Publicity]:
        known = select(incidents.c.id, incidents.c.channel_id, incidents.c.is_public).where(
            incidents.c.team_id == team_id, incidents.c.phase.in_(incident_lists.VISIBLE)
        )
        return [
            Publicity(incident_id=row.id, channel_id=row.channel_id, is_public=row.is_public)
            for row in self._connection.execute(known)
        ]

    def of_each_commander(self, query: IncidentQuery) -> Sequence[Head]:
        matching = incident_lists.matching(self._connection, query)
        newest = select(sql.max(incidents.c.id)).where(*matching).group_by(incidents.c.commander_id)
        return [_head(row) for row in self._connection.execute(select(incidents).where(incidents.c.id.in_(newest)))]

    # -- unfinished starts

    def next_unfinished(self, *, free_at: int, lease_until: int) -> Head | None:
        left = (
            select(incidents)
            .where(incidents.c.phase.in_(_UNFINISHED), incidents.c.lease_until <= free_at)
            .order_by(incidents.c.create_at)
            .limit(1)
        )
        row = self._connection.execute(left.with_for_update(skip_locked=True)).one_or_none()
        if row is None:
            return None
        self._connection.execute(update(incidents).where(incidents.c.id == row.id).values(lease_until=lease_until))
        return _head(row)

    def forget(self, incident_id: str) -> None:
        self._connection.execute(delete(tasks).where(tasks.c.incident_id == incident_id))
        self._connection.execute(delete(stages).where(stages.c.incident_id == incident_id))
        self._connection.execute(
            delete(incidents).where(incidents.c.id == incident_id, incidents.c.phase.in_(_UNFINISHED))
        )

    def release_leases(self) -> None:
        self._connection.execute(update(incidents).where(incidents.c.phase.in_(_UNFINISHED)).values(lease_until=0))

    def _one(self, query: Select[Any], **which: str) -> Head | None:
        row = self._connection.execute(query, which).one_or_none()
        return None if row is None else _head(row)


def _reference(ref: str) -> tuple[str, str | int]:
    """The column that a stage or task is meant by, and the value: an id, or a zero-based place."""
    if ref.isascii() and ref.isdigit() and len(ref) <= len(str(_MAX_PLACE)):
        return "position", int(ref)
    return "id", ref


def _head(row: Row[Any]) -> Head:
    return Head(
        id=row.id,
        team_id=row.team_id,
        channel_id=row.channel_id,
        channel_name=row.channel_name,
        name=row.name,
        description=row.description,
        phase=Phase(row.phase),
        is_public=row.is_public,
        commander_id=row.commander_id,
        reporter_id=row.reporter_id,
        playbook_id=row.playbook_id,
        playbook_version=row.playbook_version,
        post_id=row.post_id,
        create_at=row.create_at,
        end_at=row.end_at,
        active_since=row.active_since,
        active_ms=row.active_ms,
        active_stage_id=row.active_stage_id,
        version=row.version,
    )


def _columns(value: Head | Task) -> dict[str, Any]:
    """What `asdict` makes, without copying what is inside."""
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def _task(row: Row[Any]) -> Task:
    return Task(
        id=row.id,
        title=row.title,
        description=row.description,
        command=row.command,
        state=TaskState(row.state),
        state_modified=row.state_modified,
        state_modified_post_id=row.state_modified_post_id,
        assignee_id=row.assignee_id,
        assignee_modified=row.assignee_modified,
        assignee_modified_post_id=row.assignee_modified_post_id,
        command_last_run=row.command_last_run,
    )
