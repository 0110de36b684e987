"""What every event means: one definition each. TELEMETRY.md and `incident-response telemetry events` come from it.

A new event needs a definition in here, and a call of `tracker.track` where it happens. One that loses a property, or
may have fewer values, needs a higher `version`: whoever reads the numbers has to know (`narrowed`).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Any

from telemetry.events import (
    Action,
    Event,
    IncidentAction,
    IncidentEvent,
    Kind,
    PlaybookAction,
    PlaybookEvent,
    Property,
    TaskAction,
    TaskEvent,
    TaskStateEvent,
    declared,
)
from telemetry.phone_home import GROUPS, SCHEMA_VERSION


class Purpose(StrEnum):
    """Why it is counted."""

    USE = "how much and for what incidents are used"
    WORK = "how tasks are worked on, and by whom in the incident"
    PREPARATION = "how teams prepare: how large their playbooks are, and whether they keep them"


@dataclass(frozen=True, slots=True)
class Definition:
    """`label` is what the older pages call it, `legacy_event` the flat name that it had before there were actions."""

    family: type[Event]
    purpose: Purpose
    action: Action
    label: str
    legacy_event: str
    meaning: str
    trigger: str
    version: int = 1
    since: str = "0.1.0"
    owner: str = "incident-response"

    @property
    def key(self) -> str:
        """`incident/create`."""
        return f"{self.family.name}/{self.action}"

    @property
    def properties(self) -> tuple[Property, ...]:
        """On the wire, but for `PluginVersion` and `ServerVersion`, which all have."""
        return tuple(one for one in declared(self.family).values() if not one.only_flat)

    @property
    def flat_properties(self) -> tuple[Property, ...]:
        """The same with flat names."""
        return tuple(
            replace(one, name=one.flat_name or one.name)
            for one in declared(self.family).values()
            if one.flat_name != ""
        )

    def example(self) -> dict[str, Any]:
        """Properties as they could leave."""
        return {one.name: _example(one, self.action) for one in self.properties}

    def sample(self, message_id: str, at: int) -> Event:
        """An event with made-up values."""
        values = {field: _example(one, self.action) for field, one in declared(self.family).items()}
        return self.family(message_id=message_id, at=at, **values)


_NAME = re.compile(r"(did|didNot|will)[A-Z][A-Za-z0-9]{1,60}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most so many in a window of `per_s` seconds, for each value of the properties in `by`."""

    times: int
    per_s: int
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sendable:
    """An event for `telemetry.send`: what did, did not or will happen, as `didExportChannel`.

    `user_properties` tell of the person, `group_properties` of the installation as a whole. Raises ValueError for a
    name that is not of that form and no family of ours.
    """

    name: str
    meaning: str
    event_properties: tuple[Property, ...] = ()
    user_properties: tuple[Property, ...] = ()
    group_properties: tuple[Property, ...] = ()
    limit: Limit | None = None
    counted_as: str = ""
    purpose: Purpose = Purpose.USE
    version: int = 1
    since: str = "0.1.0"
    owner: str = "incident-response"

    @property
    def properties(self) -> tuple[Property, ...]:
        """In all three bags."""
        return self.event_properties + self.user_properties + self.group_properties

    def __post_init__(self) -> None:
        families = {one.family.name for one in DEFINITIONS}
        if not _NAME.fullmatch(self.name) and self.name not in families:
            raise ValueError(f"{self.name}: must begin with did, didNot or will, or be a family")
        if not self.counted_as:
            object.__setattr__(self, "counted_as", self.name)


def _example(one: Property, action: Action) -> Any:
    if one.name == "Action":
        return str(action)
    if one.name == "IsActive":
        return action is not IncidentAction.END
    if one.kind is Kind.CHOICE:
        return one.values[-1]
    return {
        Kind.ID: "8ck7kdyh3trxuxdm8ksapemcue",
        Kind.IDS: "8ck7kdyh3trxuxdm8ksapemcue",
        Kind.FLAG: True,
        Kind.COUNT: 3,
        Kind.PLACE: 0,
        Kind.MILLISECONDS: 1_606_000_000_000,
    }[one.kind]


_incident = partial(Definition, IncidentEvent, Purpose.USE)
_task = partial(Definition, TaskEvent, Purpose.WORK)
_task_state = partial(Definition, TaskStateEvent, Purpose.WORK)
_playbook = partial(Definition, PlaybookEvent, Purpose.PREPARATION)

DEFINITIONS: tuple[Definition, ...] = (
    _incident(
        IncidentAction.CREATE, "Incident created", "CreateIncident", "An incident was started.",
        "`/incident start`, a post's menu, or the API; when its channel is there.",
    ),
    _incident(
        IncidentAction.END, "Incident finished", "EndIncident", "A running incident was ended.",
        "`/incident end`, the sidebar, or the API; `IsActive` is false.",
    ),
    _incident(
        IncidentAction.RESTART, "Restart incident", "RestartIncident", "An ended incident goes on.",
        "`/incident restart`, the sidebar, or the API.",
    ),
    _incident(
        IncidentAction.CHANGE_COMMANDER, "Change commander", "ChangeCommander", "Somebody else is in charge.",
        "`/incident commander`, the sidebar, or the API; `CommanderUserID` is the new one.",
    ),
    _incident(
        IncidentAction.CHANGE_STAGE, "Change stage", "ChangeStage", "The incident is in another stage.",
        "`/incident stage`, the sidebar, or the API; `ActiveStage` is the new one.",
    ),
    _task_state(
        TaskAction.MODIFY_STATE, "Unchecked checklist item checked / Checked checklist item unchecked",
        "ModifyStateChecklistItem", "A task was ticked, unticked, taken up or skipped.",
        "The sidebar, `/incident check`, or the API.",
    ),
    _task(TaskAction.ADD, "Checklist item created", "AddChecklistItem", "A task was added.", "The API."),
    _task(TaskAction.REMOVE, "Checklist item removed", "RemoveChecklistItem", "A task was removed.", "The API."),
    _task(
        TaskAction.RENAME, "Checklist item renamed", "RenameChecklistItem",
        "What a task says, or its command, was edited.", "The API.",
    ),
    _task(TaskAction.MOVE, "Checklist item moved", "MoveChecklistItem", "A task has another place.", "The API."),
    _task(
        TaskAction.ASSIGN, "Set assignee for checklist item", "SetAssignee",
        "A task has another assignee, or none; never who that is.", "The API.",
    ),
    _task(
        TaskAction.RUN, "Run checklist item slash command", "RunChecklistItemSlashCommand",
        "A task's command was run, and Mattermost took it; never which.", "The sidebar, or the API.",
    ),
    _playbook(
        PlaybookAction.CREATE, "Playbook created", "CreatePlaybook", "A playbook was made.",
        "The API, a template, or a file that was brought in.",
    ),
    _playbook(
        PlaybookAction.UPDATE, "Update playbook", "UpdatePlaybook",
        "A playbook was changed, or restored; the values are the new ones.", "The API.",
    ),
    _playbook(
        PlaybookAction.DELETE, "Playbook deleted", "DeletePlaybook",
        "A playbook was deleted; the values are those just before.", "The API.",
    ),
)  # fmt: skip


SENDABLE: tuple[Sendable, ...] = ()
"""What `telemetry.send` takes beside the events above: nothing yet."""


def as_data() -> list[dict[str, Any]]:
    """All of it, for `incident-response telemetry events --json`."""
    return [
        {
            "event": one.family.name, "action": str(one.action), "label": one.label, "legacy_event": one.legacy_event,
            "meaning": one.meaning, "trigger": one.trigger, "purpose": str(one.purpose), "owner": one.owner,
            "since": one.since, "version": one.version, "example": one.example(),
            "properties": [_as_data(p) for p in one.properties],
            "flat_properties": [_as_data(p) for p in one.flat_properties],
        }
        for one in DEFINITIONS
    ]  # fmt: skip


def _as_data(one: Property) -> dict[str, Any]:
    return {"name": one.name, "kind": str(one.kind), "meaning": one.meaning, "values": list(one.values)}


def lock() -> dict[str, Any]:
    """What must not become less without a higher version; kept in registry.lock.json."""
    return {
        **{one.key: _locked(one.version, one.properties) for one in DEFINITIONS},
        **{one.name: _locked(one.version, one.properties) for one in SENDABLE},
        **{f"phone_home/{one.name or 'record'}": _locked(SCHEMA_VERSION, one.properties) for one in GROUPS},
    }


def _locked(version: int, properties: Iterable[Property]) -> dict[str, Any]:
    return {
        "version": version,
        "properties": {one.name: [str(one.kind), *(str(value) for value in one.values)] for one in properties},
    }


def narrowed(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Lines that say what has become less since `before` (both as `lock` makes them) without a higher version."""
    said = []
    for key, old in before.items():
        new = now.get(key)
        if new is None:
            said.append(f"{key} is gone")
            continue
        if new["version"] > old["version"]:
            continue
        for name, kept in old["properties"].items():
            there = new["properties"].get(name)
            if there is None:
                said.append(f"{key}: {name} is gone; give the event a higher version")
            elif there[0] != kept[0] or not set(kept) <= set(there):
                said.append(f"{key}: {name} is another kind or has fewer values; give the event a higher version")
    return said
