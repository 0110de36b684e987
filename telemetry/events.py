"""The events that can be counted: ids, enums, numbers and flags, never text. How they travel is in `wire`."""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import ClassVar


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What all events share. Each subclass names its family in `name`, the wire's `event`.

    `message_id` is fixed when the change is made and is the same on every delivery attempt, so that a receiver can
    tell a repetition; `at` is the time of the change in ms since the epoch.
    """

    name: ClassVar[str]

    message_id: str
    at: int
    user_id: str
    """The acting person; on the wire `UserActualID`, because `userId` there is the installation."""

    def properties(self) -> dict[str, str | int | bool | None]:
        """The event's own properties under their wire names."""
        return {WIRE_NAMES[f.name]: getattr(self, f.name) for f in fields(self) if f.name in WIRE_NAMES}


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentEvent(Event):
    """An incident was started or changed; the values are those right after the change."""

    name = "incident"

    action: IncidentAction
    incident_id: str
    is_active: bool
    commander_user_id: str
    team_id: str
    create_at: int
    post_id: str
    playbook_id: str
    num_stages: int
    num_tasks: int
    active_stage: int
    public: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEvent(Event):
    """A task of an incident changed."""

    name = "tasks"

    action: TaskAction
    incident_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStateEvent(TaskEvent):
    """A task was ticked, unticked, taken up or skipped. `new_state` is None (open), "in_progress", "done" or "skipped".

    `was_commander` and `was_assignee` tell what the acting person was just before the change.
    """

    new_state: str | None
    was_commander: bool
    was_assignee: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybookEvent(Event):
    """A playbook changed. `is_public` tells whether the incidents that it makes are public."""

    name = "playbook"

    action: PlaybookAction
    playbook_id: str
    team_id: str
    num_stages: int
    num_tasks: int
    is_public: bool
    num_members: int
    num_slash_commands: int


WIRE_NAMES = {
    "action": "Action",
    "user_id": "UserActualID",
    "incident_id": "IncidentID",
    "is_active": "IsActive",
    "commander_user_id": "CommanderUserID",
    "team_id": "TeamID",
    "create_at": "CreateAt",
    "post_id": "PostID",
    "playbook_id": "PlaybookID",
    "num_stages": "NumChecklists",
    "num_tasks": "TotalChecklistItems",
    "active_stage": "ActiveStage",
    "public": "Public",
    "new_state": "NewState",
    "was_commander": "WasCommander",
    "was_assignee": "WasAssignee",
    "is_public": "IsPublic",
    "num_members": "NumMembers",
    "num_slash_commands": "NumSlashCommands",
}
"""Field -> property on the wire. The names are those of the plugin that this one succeeds (its v1.1 pages)."""
