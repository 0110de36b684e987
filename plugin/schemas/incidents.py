"""Incidents on the v0 wire. Zero-based places and ms times as there; extra fields of a request are ignored."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from incidents.model import EntryKind, FoundTask, Incident, Stage, Task, TaskState, TimelineEntry
from incidents.ports import IncidentPage, ListedIncident
from incidents.queries import ResolvedTask
from incidents.start import StartCommand

Id = Annotated[str, Field(max_length=26, pattern=r"^[A-Za-z0-9]*$")]
"""An id or nothing."""


class Wire(BaseModel):
    """Base of everything that crosses the edge as JSON: types are taken as they are, not converted."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)


class TaskOut(Wire):
    id: str
    title: str
    description: str
    state: TaskState
    state_modified: int
    state_modified_post_id: str
    assignee_id: str
    assignee_modified: int
    assignee_modified_post_id: str
    command: str
    command_last_run: int

    @classmethod
    def of(cls, task: Task) -> "TaskOut":
        return cls.model_validate(task, from_attributes=True)


class StageOut(Wire):
    id: str
    title: str
    items: list[TaskOut]

    @classmethod
    def of(cls, stage: Stage) -> "StageOut":
        return cls(id=stage.id, title=stage.title, items=[TaskOut.of(task) for task in stage.tasks])


class IncidentOut(Wire):
    """`version` is ours: it grows with every change, and tells a client that it missed some.

    `active_ms` is how long it was active before `active_since`, which is 0 while it is ended.
    """

    id: str
    name: str
    description: str
    is_active: bool
    commander_user_id: str
    team_id: str
    channel_id: str
    create_at: int
    end_at: int
    active_since: int
    active_ms: int
    delete_at: Literal[0] = 0
    active_stage: int
    active_stage_title: str
    post_id: str
    playbook_id: str
    playbook_version: int
    version: int
    checklists: list[StageOut]

    @classmethod
    def of(cls, incident: Incident) -> "IncidentOut":
        row = ListedIncident(
            head=incident.head, active_stage=incident.active_stage, active_stage_title=incident.active_stage_title
        )
        return cls._row(row, [StageOut.of(stage) for stage in incident.stages])

    @classmethod
    def listed(cls, row: ListedIncident) -> "IncidentOut":
        """A row of a list: without its stages, unless they were asked for."""
        return cls._row(row, [StageOut.of(stage) for stage in row.stages])

    @classmethod
    def _row(cls, row: ListedIncident, checklists: list[StageOut]) -> "IncidentOut":
        head = row.head
        return cls(
            id=head.id,
            name=head.name,
            description=head.description,
            is_active=head.is_active,
            commander_user_id=head.commander_id,
            team_id=head.team_id,
            channel_id=head.channel_id,
            create_at=head.create_at,
            end_at=head.end_at,
            active_since=head.active_since,
            active_ms=head.active_ms,
            active_stage=row.active_stage,
            active_stage_title=row.active_stage_title,
            post_id=head.post_id,
            playbook_id=head.playbook_id,
            playbook_version=head.playbook_version,
            version=head.version,
            checklists=checklists,
        )


class IncidentListOut(Wire):
    total_count: int
    page_count: int
    has_more: bool
    items: list[IncidentOut]

    @classmethod
    def of(cls, page: IncidentPage, *, number: int, per_page: int) -> "IncidentListOut":
        pages = -(-page.total // per_page)
        return cls(
            total_count=page.total,
            page_count=pages,
            has_more=number + 1 < pages,
            items=[IncidentOut.listed(row) for row in page.items],
        )


class IncidentIn(Wire):
    """Body of POST /incidents. The four fields that only the server sets are refused when they are set."""

    name: str
    team_id: Id
    commander_user_id: Id
    description: str = ""
    playbook_id: Id = ""
    post_id: Id = ""
    id: Literal[""] | None = None
    channel_id: Literal[""] | None = None
    create_at: Literal[0] | None = None
    end_at: Literal[0] | None = None

    def to_command(self, person_id: str, incident_id: str) -> StartCommand:
        return StartCommand(
            person_id=person_id,
            incident_id=incident_id,
            team_id=self.team_id,
            name=self.name,
            description=self.description,
            commander_id=self.commander_user_id,
            playbook_id=self.playbook_id,
            post_id=self.post_id,
        )


class Partial(Wire):
    """A body that says what to change: what is left out stays as it is, but something has to be there."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError(f"must have at least one of {', '.join(type(self).model_fields)}")
        return self

    def given(self) -> dict[str, Any]:
        """The fields that were there."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class IncidentPatchIn(Partial):
    """Body of PATCH /incidents/{id}."""

    name: str = ""
    description: str = ""
    active_stage: int = 0


class CommanderIn(Wire):
    commander_id: Id


class CommanderOut(Wire):
    user_id: str
    username: str


class MetadataOut(Wire):
    """`num_members` leaves out the bot; `total_posts` is the channel's message count.

    The incident has lasted `active_ms`, and the time since `active_since`, which is 0 while it is ended.
    """

    channel_name: str
    channel_display_name: str
    team_name: str
    num_members: int
    total_posts: int
    active_since: int
    active_ms: int


class TimelineEntryOut(Wire):
    """Ids, enums and ms only; `old` and `new` hold what changed."""

    id: str
    version: int
    at: int
    user_id: str
    kind: EntryKind
    stage_id: str
    task_id: str
    old: str
    new: str

    @classmethod
    def of(cls, entry: TimelineEntry) -> "TimelineEntryOut":
        return cls(
            id=entry.id,
            version=entry.version,
            at=entry.at,
            user_id=entry.person_id,
            kind=entry.kind,
            stage_id=entry.stage_id,
            task_id=entry.task_id,
            old=entry.old,
            new=entry.new,
        )


class StageIn(Wire):
    """Body of POST …/checklists; `place` is zero-based, at the end if it is left out. An id is never taken over."""

    title: str
    place: int | None = None


class StageEditIn(Partial):
    """Body of PUT …/checklists/{stage}."""

    title: str = ""
    place: int = 0


class ResolvedTaskOut(Wire):
    """A task that is done: `at` in ms since the epoch, `elapsed_ms` since the start of the incident."""

    stage_id: str
    task_id: str
    title: str
    user_id: str
    at: int
    elapsed_ms: int

    @classmethod
    def of(cls, resolved: ResolvedTask, create_at: int) -> "ResolvedTaskOut":
        task = resolved.task
        return cls(
            stage_id=resolved.stage_id,
            task_id=task.id,
            title=task.title,
            user_id=resolved.person_id,
            at=task.state_modified,
            elapsed_ms=task.state_modified - create_at,
        )


class WatchOut(Wire):
    """Until when (ms) a list is live; renew it before."""

    until: int


class SuggestionOut(Wire):
    """What Mattermost's autocomplete shows for `/incident check`."""

    item: str
    hint: str
    helptext: str


class NewTaskIn(Wire):
    """Body of PUT …/add. An id in it is never taken over."""

    title: str
    description: str | None = None
    command: str | None = None


class TaskIn(Wire):
    """Body of PUT …/item/{i}: what is left out stays as it is."""

    title: str | None = None
    description: str | None = None
    command: str | None = None


class ReorderIn(Wire):
    """`item_num` and `new_checklist` are ids or zero-based places; without `new_checklist` it stays in its stage."""

    item_num: int | str
    new_location: int
    new_checklist: int | str | None = None


class AssigneeIn(Wire):
    assignee_id: Id


class TaskStateIn(Wire):
    new_state: TaskState


class TaskChange(Wire):
    """The payload of a push about one task."""

    id: str
    version: int
    stage_id: str
    task: TaskOut

    @classmethod
    def of(cls, incident_id: str, version: int, found: FoundTask) -> "TaskChange":
        return cls(id=incident_id, version=version, stage_id=found.stage_id, task=TaskOut.of(found.task))
