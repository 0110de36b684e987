"""What phone-home tells of the database, numbers and ids; and whose turn it is to tell of which day."""

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, case, func, or_, select, update

from plugin.storage.tables import (
    daily_counts,
    incidents,
    phone_home_days,
    playbook_members,
    playbooks,
    stages,
    tasks,
)
from plugin.storage.telemetry_looks import queue_state
from plugin.storage.telemetry_rows import counts, upsert
from telemetry.phone_home import MAX_ROWS, bounds, integration

_LISTED = incidents.c.phase.in_(("active", "ended"))
_DONE = func.sum(case((tasks.c.state == "closed", 1), else_=0))


def database_version(connection: Connection) -> str:
    asked = "SHOW server_version" if connection.dialect.name == "postgresql" else "SELECT sqlite_version()"
    return str(connection.exec_driver_sql(asked).scalar_one())


def totals(connection: Connection) -> dict[str, int]:
    """The record's `totals`, but for `activeUsers`."""
    listed, active = connection.execute(
        select(func.count(), func.coalesce(func.sum(case((incidents.c.phase == "active", 1), else_=0)), 0)).where(
            _LISTED
        )
    ).one()
    number, done = connection.execute(
        select(func.count(), func.coalesce(_DONE, 0))
        .join(incidents, incidents.c.id == tasks.c.incident_id)
        .where(_LISTED)
    ).one()
    kept = connection.execute(select(func.count()).where(playbooks.c.delete_at == 0)).scalar_one()
    return {
        "incidents": listed,
        "activeIncidents": active,
        "tasks": number,
        "tasksDone": done,
        "playbooks": kept,
        "teams": len(teams(connection)),
    }


def teams(connection: Connection) -> dict[str, dict[str, int]]:
    """Team -> how many playbooks, and how many incidents that go on."""
    of_playbooks = select(playbooks.c.team_id, func.count()).where(playbooks.c.delete_at == 0)
    active = func.sum(case((incidents.c.phase == "active", 1), else_=0))
    found: dict[str, dict[str, int]] = {}
    for team_id, number in connection.execute(of_playbooks.group_by(playbooks.c.team_id)):
        found[team_id] = {"playbookCount": number, "activeIncidentCount": 0}
    by_team = select(incidents.c.team_id, active).where(_LISTED).group_by(incidents.c.team_id)
    for team_id, number in connection.execute(by_team):
        found.setdefault(team_id, {"playbookCount": 0})["activeIncidentCount"] = number
    return found


def incidents_of_day(connection: Connection, day: str, outside: Callable[[str], str]) -> list[dict[str, Any]]:
    """Those that were started, ended or went on that day, as they are now."""
    begin, end = bounds(day)
    went_on = or_(incidents.c.end_at == 0, incidents.c.end_at >= begin)
    of_day = (
        select(incidents).where(_LISTED, incidents.c.create_at < end, went_on).order_by(incidents.c.id).limit(MAX_ROWS)
    )
    rows = connection.execute(of_day).all()
    ids = [row.id for row in rows]
    in_stages = _by_incident(connection, select(stages.c.incident_id, func.count()), stages.c.incident_id, ids)
    in_tasks = _by_incident(connection, select(tasks.c.incident_id, func.count(), _DONE), tasks.c.incident_id, ids)
    return [
        {
            "id": outside(row.id),
            "teamId": outside(row.team_id),
            "playbookId": outside(row.playbook_id),
            "createdAt": row.create_at,
            "endedAt": row.end_at,
            "isActive": row.phase == "active",
            "isPublic": row.is_public,
            "numStages": in_stages.get(row.id, (0,))[0],
            "numTasks": in_tasks.get(row.id, (0, 0))[0],
            "numTasksDone": in_tasks.get(row.id, (0, 0))[1],
        }
        for row in rows
    ]


def _by_incident(connection: Connection, counted: Any, column: Any, ids: list[str]) -> dict[str, Any]:
    return {row[0]: tuple(row[1:]) for row in connection.execute(counted.where(column.in_(ids)).group_by(column))}


def all_playbooks(connection: Connection, outside: Callable[[str], str]) -> list[dict[str, Any]]:
    """But for deleted ones."""
    members = select(playbook_members.c.playbook_id, func.count()).group_by(playbook_members.c.playbook_id)
    known: dict[str, int] = {row[0]: row[1] for row in connection.execute(members)}
    kept = select(playbooks).where(playbooks.c.delete_at == 0).order_by(playbooks.c.id).limit(MAX_ROWS)
    return [
        {
            "id": outside(row.id),
            "teamId": outside(row.team_id),
            "createdAt": row.create_at,
            "numChecklists": row.num_stages,
            "totalChecklistItems": row.num_tasks,
            "numSlashCommands": len(_commands(row.stages)),
            "numMembers": known.get(row.id, 0),
            "isPublic": row.create_public_incident,
        }
        for row in connection.execute(kept)
    ]


def integrations(connection: Connection) -> list[str]:
    """What the commands of playbooks' tasks belong to."""
    kept = connection.execute(select(playbooks.c.stages).where(playbooks.c.delete_at == 0).limit(MAX_ROWS)).scalars()
    return sorted({integration(command) for stored in kept for command in _commands(stored)})


def _commands(stored: str) -> list[str]:
    return [task["command"] for stage in json.loads(stored) for task in stage["tasks"] if task["command"]]


def losses(connection: Connection, now: int) -> dict[str, int]:
    """The record's `telemetry`."""
    counted = counts(connection)
    state = queue_state(connection)

    def number(*what: str) -> int:
        return sum(sum(counted.get(one, {}).values()) for one in what)

    return {
        "sent": number("sent"),
        "dropped": number("dropped_full", "dropped_old"),
        "quarantined": number("quarantined"),
        "refused": number("refused"),
        "limited": number("limited"),
        "oldestPendingSeconds": max(0, now - state["oldest_at"]) // 1000 if state["oldest_at"] else 0,
    }


def claim_day(connection: Connection, day: str, now: int, lease_ms: int) -> bool:
    """Whether this node is the one to make that day's record now."""
    upsert(connection, phone_home_days, {"day": day, "lease_until": 0, "built_at": 0}, ["day"], None)
    # A lease that ends later than one made now was made by a clock that was wrong.
    free = or_(phone_home_days.c.lease_until <= now, phone_home_days.c.lease_until > now + lease_ms)
    mine = (phone_home_days.c.day == day, phone_home_days.c.built_at == 0, free)
    return connection.execute(update(phone_home_days).where(*mine).values(lease_until=now + lease_ms)).rowcount == 1


def day_is_built(connection: Connection, day: str, now: int) -> bool:
    """Note that the day's record is queued; False if somebody else has done that."""
    mine = (phone_home_days.c.day == day, phone_home_days.c.built_at == 0)
    return connection.execute(update(phone_home_days).where(*mine).values(built_at=now)).rowcount == 1


def built_days(connection: Connection) -> set[str]:
    built = select(phone_home_days.c.day).where(phone_home_days.c.built_at > 0)
    return set(connection.execute(built).scalars())


def counts_of_day(connection: Connection, day: str) -> dict[str, dict[str, int]]:
    """Person -> event -> how often."""
    people: dict[str, dict[str, int]] = {}
    for row in connection.execute(select(daily_counts).where(daily_counts.c.day == day)):
        people.setdefault(row.person_id, {})[row.event] = row[3]
    return people
