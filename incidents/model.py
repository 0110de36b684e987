"""Incident values. How they change is in the verbs' own modules, who may in `rules`."""

from dataclasses import dataclass
from enum import StrEnum

MIN_NAME = 2
MAX_NAME = 64
MAX_DESCRIPTION = 1024


class Phase(StrEnum):
    """Where an incident is in its life.

    STARTING: claimed, its channel is being made; nobody sees it yet. UNDOING: its start failed, what was made is being
    taken away. Both are finished by `incidents.recovery` if the process dies.
    """

    STARTING = "starting"
    UNDOING = "undoing"
    ACTIVE = "active"
    ENDED = "ended"


class TaskState(StrEnum):
    """Values as on the v0 wire."""

    OPEN = ""
    IN_PROGRESS = "in_progress"
    CLOSED = "closed"
    SKIPPED = "skipped"
    """Ours: not done, and not to be done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task of one incident. Times are ms since the epoch, 0 = never; `*_post_id` is "" until the bot has posted."""

    id: str
    title: str
    description: str = ""
    command: str = ""
    state: TaskState = TaskState.OPEN
    state_modified: int = 0
    state_modified_post_id: str = ""
    assignee_id: str = ""
    assignee_modified: int = 0
    assignee_modified_post_id: str = ""
    command_last_run: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """An ordered group of tasks."""

    id: str
    title: str
    tasks: tuple[Task, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """An incident without its stages. `version` grows by one with every change of it."""

    id: str
    team_id: str
    channel_id: str
    """Empty until the channel is made."""
    channel_name: str
    """The URL name that was claimed at the start; a channel can be renamed later in Mattermost."""
    name: str
    description: str
    phase: Phase
    is_public: bool
    commander_id: str
    reporter_id: str
    playbook_id: str
    playbook_version: int
    post_id: str
    create_at: int
    end_at: int
    active_since: int
    """When it was started or last restarted; 0 while it is ended."""
    active_ms: int
    """How long it was active in all before that."""
    active_stage_id: str
    version: int

    def lasted(self, now: int) -> int:
        """Ms that it was active in all; the time between an end and a restart does not count."""
        return self.active_ms + (now - self.active_since if self.active_since else 0)

    @property
    def is_active(self) -> bool:
        return self.phase is Phase.ACTIVE

    @property
    def is_visible(self) -> bool:
        """False while it is being started or undone: such incidents are never listed or readable."""
        return self.phase in (Phase.ACTIVE, Phase.ENDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """An incident with its stages, in order."""

    head: Head
    stages: tuple[Stage, ...]

    @property
    def id(self) -> str:
        return self.head.id

    @property
    def num_tasks(self) -> int:
        return sum(len(stage.tasks) for stage in self.stages)

    @property
    def active_stage(self) -> int:
        """Zero-based place of the active stage; -1 when there are no stages."""
        places = (place for place, stage in enumerate(self.stages) if stage.id == self.head.active_stage_id)
        return next(places, 0 if self.stages else -1)

    @property
    def active_stage_title(self) -> str:
        return self.stages[self.active_stage].title if self.stages else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTask:
    """A task together with the stage that it stands in, and its zero-based place there."""

    stage_id: str
    place: int
    task: Task


class EntryKind(StrEnum):
    """What a timeline entry tells."""

    STARTED = "started"
    ENDED = "ended"
    RESTARTED = "restarted"
    RENAMED = "renamed"
    DESCRIBED = "described"
    COMMANDER = "commander"
    STAGE = "stage"
    STAGE_ADDED = "stage_added"
    STAGE_RENAMED = "stage_renamed"
    STAGE_MOVED = "stage_moved"
    STAGE_REMOVED = "stage_removed"
    TASK_STATE = "task_state"
    TASK_ADDED = "task_added"
    TASK_REMOVED = "task_removed"
    TASK_EDITED = "task_edited"
    TASK_MOVED = "task_moved"
    TASK_ASSIGNED = "task_assigned"
    TASK_RUN = "task_run"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """One change: who, when, what. Never changed or removed once written; ids and enums only.

    `old` and `new` hold what changed: a state, a person's id, a stage's id.
    `id` is also the telemetry message id of the same change; `version` is the incident's version that the change made.
    """

    id: str
    incident_id: str
    version: int
    at: int
    person_id: str
    kind: EntryKind
    stage_id: str = ""
    task_id: str = ""
    old: str = ""
    new: str = ""
