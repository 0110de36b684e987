"""`/incident timeline [tasks]`: who did what, when; or how long after the start each task was done."""

from datetime import UTC, datetime

from incidents.gate import EditPass
from incidents.model import EntryKind, Incident, TaskState, TimelineEntry
from incidents.texts import plain
from plugin.commands.duration import duration
from plugin.commands.here import in_incident
from plugin.commands.registry import Call
from plugin.services import Services

_SHOWN = 50
_TO_TASKS = {
    EntryKind.TASK_ADDED: "added",
    EntryKind.TASK_REMOVED: "removed",
    EntryKind.TASK_EDITED: "edited",
    EntryKind.TASK_MOVED: "moved",
    EntryKind.TASK_ASSIGNED: "assigned",
    EntryKind.TASK_RUN: "ran the command of",
}
_DONE = {
    TaskState.OPEN: "unchecked",
    TaskState.IN_PROGRESS: "started on",
    TaskState.CLOSED: "checked off",
    TaskState.SKIPPED: "skipped",
}
_PLAIN = {
    EntryKind.STARTED: "started the incident",
    EntryKind.ENDED: "ended the incident",
    EntryKind.RESTARTED: "restarted the incident",
    EntryKind.RENAMED: "renamed the incident",
    EntryKind.DESCRIBED: "changed the description",
}
_TO_STAGES = {
    EntryKind.STAGE_ADDED: "added",
    EntryKind.STAGE_RENAMED: "renamed",
    EntryKind.STAGE_MOVED: "moved",
    EntryKind.STAGE_REMOVED: "removed",
}


@in_incident
async def timeline(services: Services, call: Call, allowed: EditPass) -> str:
    """Times are in UTC, for people sit in many zones."""
    if not call.words:
        return await _entries(services, allowed)
    if [word.lower() for word in call.words] == ["tasks"]:
        return await _tasks(services, allowed)
    return "Type `/incident timeline`, or `/incident timeline tasks` for when each task was done."


async def _tasks(services: Services, allowed: EditPass) -> str:
    done = await services.incidents.resolved(allowed)
    if not done:
        return "No task is done yet."
    names = await services.chat.usernames({one.person_id for one in done})
    lines = ["| Task | Done after | By |", "|---|---|---|"]
    for one in done[-_SHOWN:]:
        after = duration(one.task.state_modified - allowed.head.create_at)
        lines.append(f"| {plain(one.task.title)} | {after} | {names.get(one.person_id, 'somebody')} |")
    return "\n".join(lines)


async def _entries(services: Services, allowed: EditPass) -> str:
    """The newest fifty, oldest first."""
    incident = await services.incidents.get(allowed)
    entries = list(await services.incidents.timeline(allowed))
    shown = entries[-_SHOWN:]
    people = {entry.person_id for entry in shown}
    people |= {entry.new for entry in shown if entry.kind is EntryKind.COMMANDER}
    names = await services.chat.usernames(people)
    lines = ["#### Timeline (UTC)"]
    if len(entries) > len(shown):
        lines.append(f"The newest {len(shown)} of {len(entries)}:")
    for entry in shown:
        at = datetime.fromtimestamp(entry.at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
        lines.append(f"- `{at}` {names.get(entry.person_id, 'somebody')} {_told(entry, incident, names)}")
    return "\n".join(lines)


def _told(entry: TimelineEntry, incident: Incident, names: dict[str, str]) -> str:
    match entry.kind:
        case kind if kind in _PLAIN:
            return _PLAIN[kind]
        case EntryKind.COMMANDER:
            return f"made {names.get(entry.new, 'somebody')} the commander"
        case EntryKind.STAGE:
            return f"moved to {_stage(entry.new, incident)}"
        case kind if kind in _TO_STAGES:
            return f"{_TO_STAGES[kind]} the stage {_stage(entry.stage_id, incident)}"
        case EntryKind.TASK_STATE:
            return f"{_DONE[TaskState(entry.new)]} {_task(entry, incident)}"
        case _:
            return f"{_TO_TASKS[entry.kind]} {_task(entry, incident)}"


def _stage(stage_id: str, incident: Incident) -> str:
    titles = {stage.id: stage.title for stage in incident.stages}
    return f"**{plain(titles.get(stage_id, 'a stage that is gone'))}**"


def _task(entry: TimelineEntry, incident: Incident) -> str:
    titles = {task.id: task.title for stage in incident.stages for task in stage.tasks}
    return f"**{plain(titles.get(entry.task_id, 'a task that is gone'))}**"
