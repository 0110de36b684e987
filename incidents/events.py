"""Domain values -> telemetry events."""

from incidents.model import FoundTask, Head, Incident, TaskState, TimelineEntry
from telemetry.events import IncidentAction, IncidentEvent, TaskAction, TaskEvent, TaskStateEvent

_NEW_STATE = {
    TaskState.OPEN: None,
    TaskState.IN_PROGRESS: "in_progress",
    TaskState.CLOSED: "done",
    TaskState.SKIPPED: "skipped",
}


def incident_event(entry: TimelineEntry, incident: Incident, action: IncidentAction) -> IncidentEvent:
    """`incident` is the one right after the change that `entry` tells of."""
    head = incident.head
    return IncidentEvent(
        message_id=entry.id,
        at=entry.at,
        user_id=entry.person_id,
        action=action,
        incident_id=head.id,
        is_active=head.is_active,
        commander_user_id=head.commander_id,
        team_id=head.team_id,
        create_at=head.create_at,
        channel_id=head.channel_id,
        post_id=head.post_id,
        playbook_id=head.playbook_id,
        num_stages=len(incident.stages),
        num_tasks=incident.num_tasks,
        active_stage=incident.active_stage,
        public=head.is_public,
    )


def task_event(entry: TimelineEntry, action: TaskAction) -> TaskEvent:
    """Any change of a task but that of its state."""
    return TaskEvent(
        message_id=entry.id,
        at=entry.at,
        user_id=entry.person_id,
        action=action,
        incident_id=entry.incident_id,
    )


def task_state_event(entry: TimelineEntry, head: Head, before: FoundTask) -> TaskStateEvent:
    """`before` is the task as it was, for it tells who was its assignee."""
    return TaskStateEvent(
        message_id=entry.id,
        at=entry.at,
        user_id=entry.person_id,
        action=TaskAction.MODIFY_STATE,
        incident_id=head.id,
        new_state=_NEW_STATE[TaskState(entry.new)],
        was_commander=entry.person_id == head.commander_id,
        was_assignee=entry.person_id == before.task.assignee_id,
    )
