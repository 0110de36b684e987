"""The events that can be counted: ids, enums, numbers and flags, never text. How they travel is in `wire`.

Each family is a class; the annotation of a field says what it is on the wire; `registry` tells what each action means.
"""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Annotated, ClassVar, get_type_hints


class Kind(StrEnum):
    """All that a property can be. There is no kind for what people write."""

    ID = "id"
    """26 small letters and digits, or empty."""
    IDS = "list of one id"
    FLAG = "flag"
    COUNT = "count"
    """From 0 to 1,000,000."""
    PLACE = "place"
    """From 0; -1 for none."""
    MILLISECONDS = "milliseconds since the epoch"
    CHOICE = "choice"
    """One of the property's values."""
    CHOICES = "choices"
    """Some of the property's values, each once."""
    SECONDS = "seconds"
    DAY = "day"
    """`2026-01-31`, in UTC; or empty."""
    VERSION = "version"
    """Numbers with dots between them."""
    UUID = "uuid"


@dataclass(frozen=True, slots=True)
class Property:
    """How a field is called on the wire, and what it is."""

    name: str
    kind: Kind
    meaning: str
    values: tuple[str | None, ...] = ()
    flat_name: str | None = None
    """What it is called with flat names, if otherwise; empty: it is not sent then."""
    only_flat: bool = False
    """Left out unless names are flat."""


def _action(actions: type[StrEnum]) -> Property:
    return Property("Action", Kind.CHOICE, "What happened.", tuple(actions), flat_name="")


class IncidentAction(StrEnum):
    """What happened to an incident."""

    CREATE = "create"
    END = "end"
    RESTART = "restart"
    CHANGE_COMMANDER = "change_commander"
    CHANGE_STAGE = "change_stage"


class TaskAction(StrEnum):
    """What happened to a task of a running incident."""

    MODIFY_STATE = "modify_task_state"
    ADD = "add_task"
    REMOVE = "remove_task"
    RENAME = "rename_task"
    MOVE = "move_task"
    ASSIGN = "set_assignee_for_task"
    RUN = "run_task_slash_command"


class PlaybookAction(StrEnum):
    """What happened to a playbook."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


Action = IncidentAction | TaskAction | PlaybookAction


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What all events share. Each subclass names its family in `name`, the wire's `event`.

    `message_id` is fixed when the change is made and is the same on every delivery attempt, so that a receiver can
    tell a repetition; `at` is the time of the change in ms since the epoch.
    """

    name: ClassVar[str]

    message_id: str
    at: int
    user_id: Annotated[str, Property("UserActualID", Kind.ID, "Who did it; `userId` is the installation.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentEvent(Event):
    """An incident was started or changed; the values are those right after the change."""

    name = "incident"

    action: Annotated[IncidentAction, _action(IncidentAction)]
    incident_id: Annotated[str, Property("IncidentID", Kind.ID, "The incident.")]
    is_active: Annotated[bool, Property("IsActive", Kind.FLAG, "Whether it is going on.")]
    commander_user_id: Annotated[str, Property("CommanderUserID", Kind.ID, "Its commander.")]
    team_id: Annotated[str, Property("TeamID", Kind.ID, "The team that its channel is in.")]
    create_at: Annotated[int, Property("CreateAt", Kind.MILLISECONDS, "When it was started.", flat_name="CreatedAt")]
    channel_id: Annotated[str, Property("ChannelIDs", Kind.IDS, "Its channel.", only_flat=True)]
    post_id: Annotated[str, Property("PostID", Kind.ID, "The post that it was started from; empty if from none.")]
    playbook_id: Annotated[
        str, Property("PlaybookID", Kind.ID, "The playbook that it was started from; empty if none.")
    ]
    num_stages: Annotated[int, Property("NumChecklists", Kind.COUNT, "Its stages.")]
    num_tasks: Annotated[int, Property("TotalChecklistItems", Kind.COUNT, "Its tasks, in all stages.")]
    active_stage: Annotated[int, Property("ActiveStage", Kind.PLACE, "The stage that it is in.")]
    public: Annotated[bool, Property("Public", Kind.FLAG, "Whether its channel was made as a public one.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEvent(Event):
    """A task of an incident changed."""

    name = "tasks"

    action: Annotated[TaskAction, _action(TaskAction)]
    incident_id: Annotated[str, Property("IncidentID", Kind.ID, "The incident that the task is in.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStateEvent(TaskEvent):
    """A task was ticked, unticked, taken up or skipped."""

    new_state: Annotated[
        str | None,
        Property(
            "NewState", Kind.CHOICE, "The task's state now; null is open.", (None, "in_progress", "done", "skipped")
        ),
    ]
    was_commander: Annotated[
        bool, Property("WasCommander", Kind.FLAG, "Whether who did it was the commander just before.")
    ]
    was_assignee: Annotated[
        bool, Property("WasAssignee", Kind.FLAG, "Whether who did it was the task's assignee just before.")
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybookEvent(Event):
    """A playbook changed."""

    name = "playbook"

    action: Annotated[PlaybookAction, _action(PlaybookAction)]
    playbook_id: Annotated[str, Property("PlaybookID", Kind.ID, "The playbook.")]
    team_id: Annotated[str, Property("TeamID", Kind.ID, "The team that it belongs to.")]
    num_stages: Annotated[int, Property("NumChecklists", Kind.COUNT, "Its stages.")]
    num_tasks: Annotated[int, Property("TotalChecklistItems", Kind.COUNT, "Its tasks, in all stages.")]
    is_public: Annotated[bool, Property("IsPublic", Kind.FLAG, "Whether the incidents that it makes are public.")]
    num_members: Annotated[int, Property("NumMembers", Kind.COUNT, "Who may use it.")]
    num_slash_commands: Annotated[int, Property("NumSlashCommands", Kind.COUNT, "Its tasks that have a command.")]


_DECLARED: dict[type[Event], dict[str, Property]] = {}


def declared(family: type[Event]) -> dict[str, Property]:
    """Field -> property, of a family with all that it inherits."""
    known = _DECLARED.get(family)
    if known is None:
        hints = get_type_hints(family, include_extras=True)
        known = {field: one for field, hint in hints.items() for one in getattr(hint, "__metadata__", ())}
        for field in fields(family):
            one = known.get(field.name)
            if one is None and field.name not in ("message_id", "at"):
                raise TypeError(f"{family.__name__}.{field.name}: declare what it is on the wire")
            if one and (one.kind in (Kind.CHOICE, Kind.CHOICES)) != bool(one.values):
                raise TypeError(f"{family.__name__}.{field.name}: choices, and only they, have values")
        _DECLARED[family] = known
    return known
