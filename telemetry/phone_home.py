"""The nightly record of an installation: what it may hold at each level, and when it is due. Pure.

One record a day (UTC), of the day that is over. Every value has a declared kind; what is not declared cannot be in it.
"""

import re
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from telemetry.check import MAX_COUNT, Fault, checker
from telemetry.consent import Level
from telemetry.events import Kind, Property

SCHEMA_VERSION = 1
CATCH_UP_DAYS = 7
MAX_ROWS = 5_000
"""Of each list, so that a record has a bound; `totals` count all."""
DAY = timedelta(days=1)

PLANS = ("none", "professional", "enterprise", "other")
JOIN_METHODS = ("email", "ldap", "saml", "gitlab", "google", "office365", "openid", "other")
INTEGRATIONS = (
    "mattermost", "jira", "github", "gitlab", "zoom", "jitsi", "pagerduty", "opsgenie", "servicenow", "statuspage",
    "grafana", "other",
)  # fmt: skip
_OSES = ("linux", "darwin", "windows", "other")
_ARCHES = ("x86_64", "aarch64", "other")
_DATABASES = ("sqlite", "postgresql")
HOMES = ("native", "sandbox")


@dataclass(frozen=True, slots=True)
class Group:
    """A part of the record; `many` is a list of such, and `name` "" the record itself."""

    name: str
    level: Level
    meaning: str
    properties: tuple[Property, ...]
    many: bool = False


def _count(name: str, meaning: str) -> Property:
    return Property(name, Kind.COUNT, meaning)


GROUPS: tuple[Group, ...] = (
    Group("", Level.BASE, "That there is an installation, and on what it runs.", (
        Property("type", Kind.CHOICE, "What this is.", ("phone_home",)),
        _count("schemaVersion", "Of this record; grows when something goes or is narrowed."),
        Property("messageId", Kind.UUID, "Made of installation and day: a record that arrives twice has the same."),
        Property("date", Kind.DAY, "The day that it tells of."),
        Property("installationId", Kind.UUID, "Random, made when telemetry was first turned on; can be made anew."),
        Property("installationVersion", Kind.VERSION, "Of this plugin."),
        Property("serverVersion", Kind.VERSION, "Of Mattermost."),
        Property("pythonVersion", Kind.VERSION, "Of Python."),
        Property("os", Kind.CHOICE, "The operating system.", _OSES),
        Property("arch", Kind.CHOICE, "The processor.", _ARCHES),
        Property("databaseEngine", Kind.CHOICE, "The database.", _DATABASES),
        Property("databaseVersion", Kind.VERSION, "Its version."),
        Property("deploymentType", Kind.CHOICE, "Where the plugin runs.", HOMES),
        Property("uptimeSeconds", Kind.SECONDS, "Of this process."),
    )),
    Group("instance", Level.STATISTICS, "How it is set up.", (
        Property("telemetryLevel", Kind.CHOICE, "The level.", ("base", "statistics", "usage")),
        Property("outboundEmailEnabled", Kind.FLAG, "Whether Mattermost sends e-mail notifications."),
        Property("integrations", Kind.CHOICES, "What the commands of playbooks' tasks belong to, by their first word.",
                 INTEGRATIONS),
        Property("nonDefaultSettings", Kind.CHOICES, "Which settings have another value than their default.", (
            "database_url", "database_schema", "playbook_creators", "telemetry", "rudder_data_plane_url",
            "rudder_write_key", "phone_home_url", "telemetry_ids", "telemetry_naming", "telemetry_dialect",
            "mattermost_url", "mattermost_token", "log_format", "log_level", "max_body_bytes",
        )),
    )),
    Group("totals", Level.STATISTICS, "How much there is.", (
        _count("incidents", "All incidents."),
        _count("activeIncidents", "Those that go on."),
        _count("tasks", "Their tasks."),
        _count("tasksDone", "Those that are done."),
        _count("playbooks", "Playbooks, but for deleted ones."),
        _count("teams", "Teams that have either."),
        _count("activeUsers", "People who did something that day; 0 below `usage`, where nobody is counted."),
    )),
    Group("telemetry", Level.STATISTICS, "What became of events, since the installation's id was made.", (
        _count("sent", "Accepted by the data plane, or by whom this goes to."),
        _count("dropped", "Given up, because there was no room or they were 30 days old."),
        _count("quarantined", "Refused by the receiver."),
        _count("refused", "Not as they were declared, so never queued."),
        _count("limited", "Held back by a limit."),
        Property("oldestPendingSeconds", Kind.SECONDS, "How long the oldest has waited."),
    )),
    Group("organizations", Level.USAGE, "This Mattermost.", (
        Property("id", Kind.ID, "Of its diagnostic id."),
        Property("isDeactivated", Kind.FLAG, "Never."),
        Property("plan", Kind.CHOICE, "Its licence.", PLANS),
    ), many=True),
    Group("teams", Level.USAGE, "Teams that have incidents or playbooks.", (
        Property("id", Kind.ID, "The team."),
        Property("organizationId", Kind.ID, "This Mattermost."),
        Property("isDeactivated", Kind.FLAG, "Whether it is archived."),
        Property("createdAt", Kind.MILLISECONDS, "When it was made."),
        _count("memberCount", "Its active members."),
        _count("playbookCount", "Its playbooks."),
        _count("activeIncidentCount", "Its incidents that go on."),
    ), many=True),
    Group("users", Level.USAGE, "People who did something that day.", (
        Property("id", Kind.ID, "The person."),
        Property("isRegistered", Kind.FLAG, "Whether there still is such an account."),
        Property("isDeactivated", Kind.FLAG, "Whether it is deactivated."),
        Property("isAdmin", Kind.FLAG, "Whether they are a system administrator."),
        Property("registeredAt", Kind.DAY, "When the account was made; empty if it is gone."),
        Property("joinMethod", Kind.CHOICE, "How they log in.", JOIN_METHODS),
        _count("incidentsStarted", "That day."),
        _count("incidentsEnded", "That day."),
        _count("tasksAdded", "That day."),
        _count("tasksChanged", "Ticked, unticked, taken up or skipped that day."),
        _count("playbooksCreated", "That day."),
        _count("playbooksUpdated", "That day."),
        _count("slashCommandsRun", "Of tasks, that day."),
    ), many=True),
    Group("incidents", Level.USAGE, "Incidents that were started, ended or went on that day.", (
        Property("id", Kind.ID, "The incident."),
        Property("teamId", Kind.ID, "Its team."),
        Property("playbookId", Kind.ID, "Its playbook; empty if none."),
        Property("createdAt", Kind.MILLISECONDS, "When it was started."),
        Property("endedAt", Kind.MILLISECONDS, "When it was ended; 0 if it goes on."),
        Property("isActive", Kind.FLAG, "Whether it goes on."),
        Property("isPublic", Kind.FLAG, "Whether its channel is public."),
        _count("numStages", "Its stages."),
        _count("numTasks", "Its tasks."),
        _count("numTasksDone", "Those that are done."),
    ), many=True),
    Group("playbooks", Level.USAGE, "Playbooks, but for deleted ones.", (
        Property("id", Kind.ID, "The playbook."),
        Property("teamId", Kind.ID, "Its team."),
        Property("createdAt", Kind.MILLISECONDS, "When it was made."),
        _count("numChecklists", "Its stages."),
        _count("totalChecklistItems", "Its tasks."),
        _count("numSlashCommands", "Those that have a command."),
        _count("numMembers", "Who may use it."),
        Property("isPublic", Kind.FLAG, "Whether the incidents that it makes are public."),
    ), many=True),
)  # fmt: skip

DAILY = {
    "incident/create": "incidentsStarted",
    "incident/end": "incidentsEnded",
    "tasks/add_task": "tasksAdded",
    "tasks/modify_task_state": "tasksChanged",
    "playbook/create": "playbooksCreated",
    "playbook/update": "playbooksUpdated",
    "tasks/run_task_slash_command": "slashCommandsRun",
}
"""What a person's day counts, from which events."""

Values = Mapping[str, Any]


def record(level: Level, found: Mapping[str, Values | Iterable[Values]]) -> dict[str, Any]:
    """The record as it may leave at `level`, from what was found for each group (by name).

    Raises Fault for a value that is not of its kind, KeyError for one that is missing.
    """
    whole: dict[str, Any] = {}
    for group in GROUPS:
        if not level.allows(group.level):
            continue
        given = found[group.name]
        if isinstance(given, Mapping):
            checked: Any = _checked(group, given)
        else:
            checked = [_checked(group, one) for one in given][:MAX_ROWS]
        whole |= {group.name: checked} if group.name else checked
    return whole


def _checked(group: Group, values: Values) -> dict[str, Any]:
    checked = {}
    for one in group.properties:
        value = values[one.name]
        if one.kind is Kind.COUNT:
            value = min(value, MAX_COUNT)
        if not checker(one)(value):
            raise Fault(f"phone_home {group.name} {one.name}".replace("  ", " "))
        checked[one.name] = value
    return checked


def message_id(installation_id: str, day: str) -> str:
    """The same whoever builds it, and however often."""
    return str(uuid.uuid5(uuid.UUID(installation_id), day))


def days_due(now: int, minute: int, *, since: int, built: Collection[str]) -> list[str]:
    """The days whose record has to be made at `now`, oldest first: at most a week of them.

    A day's record is due in the night after it, at the installation's own `minute` of the day (UTC); there is none
    for days that were over before `since`, when telemetry was turned on. `now` and `since` are ms.
    """
    at = _at(now) - timedelta(minutes=minute)
    last = at.date() - DAY
    first = max(last - DAY * (CATCH_UP_DAYS - 1), _at(since).date())
    days = (first + DAY * number for number in range((last - first).days + 1))
    return [day.isoformat() for day in days if day.isoformat() not in built]


def bounds(day: str) -> tuple[int, int]:
    """When a day begins and when the next one does, in ms."""
    begin = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)
    return int(begin.timestamp() * 1000), int((begin + DAY).timestamp() * 1000)


def version(text: str) -> str:
    """The numbers that a version begins with; "0" for none."""
    found = re.match(r"\d{1,5}(\.\d{1,5}){0,3}", text)
    return found.group() if found else "0"


def choice(text: str, values: tuple[str, ...]) -> str:
    """One of them, or "other"."""
    return text if text in values else "other"


def integration(command: str) -> str:
    """What a task's command belongs to; nothing of it but that leaves."""
    words = command.lower().lstrip("/").split()
    return choice(_TRIGGERS.get(words[0], words[0]), INTEGRATIONS) if words else "other"


_TRIGGERS = dict.fromkeys(("echo", "invite", "join", "msg", "remind", "header", "incident", "away", "me"), "mattermost")


def _at(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
