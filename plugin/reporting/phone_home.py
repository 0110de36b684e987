"""Makes the nightly record: asks the database and Mattermost, and queues it once a day, on whichever node."""

import asyncio
import json
import platform
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Connection

from plugin.host.api import HostApi, found
from plugin.settings import Settings
from plugin.storage import outbox, phone_home_rows, telemetry_rows
from plugin.storage.database import Database
from telemetry import phone_home
from telemetry.consent import Level
from telemetry.switch import Plan, Switch
from telemetry.wire import iso

log = structlog.get_logger()

MINUTE = "phone_home_minute"
EVENT = "phone_home"
_LEASE_MS = 10 * 60_000
_ROLES_OF_ADMINS = "system_admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What does not change while the process runs, and what Mattermost has said at its last configuration."""

    settings: Settings
    home: str
    started_at: int
    """Ms."""
    server_version: str
    diagnostic_id: str
    sends_email: bool


class PhoneHomeRecords:
    """Makes records and queues them; sending them is the sender's."""

    def __init__(self, *, database: Database, api: HostApi, switch: Switch, now: Callable[[], int]) -> None:
        self._database = database
        self._api = api
        self._switch = switch
        self._now = now
        self.surroundings: Surroundings | None = None

    async def run(self) -> bool:
        """Queue the records of all days that are due; True if there was one."""
        plan = self._switch.plan
        if plan is None or plan.phone_home is None or self.surroundings is None:
            return False
        facts = await self._database.look(telemetry_rows.facts)
        minute = facts.get(MINUTE) or await self._draw_minute()
        built = await self._database.look(phone_home_rows.built_days)
        since = int(facts.get(telemetry_rows.OPENED_AT) or self._now())
        due = phone_home.days_due(self._now(), int(minute), since=since, built=built)
        return any([await self._queue(plan, day) for day in due])

    async def record(self, plan: Plan, day: str) -> dict[str, Any]:
        """The record of a day as it would leave now. Raises Fault, HostError, HostGone."""
        around = self.surroundings
        if around is None:
            raise RuntimeError("asked before the host was")
        outside = plan.writer.outside
        wants = plan.level.allows
        rows = await self._database.read(lambda c: self._rows(c, plan, around, day))
        people: Mapping[str, Mapping[str, int]] = rows.pop("counts_of_day")
        found: dict[str, Any] = rows
        if wants(Level.USAGE):
            organization = outside(around.diagnostic_id)
            found["organizations"] = [
                {"id": organization, "isDeactivated": False, "plan": await self._plan_of_licence()}
            ]
            found["teams"] = [
                await self._team(team_id, counted, outside, organization)
                for team_id, counted in sorted(rows.pop("by_team").items())[: phone_home.MAX_ROWS]
            ]
            listed = sorted(people.items())[: phone_home.MAX_ROWS]
            found["users"] = await asyncio.gather(*(self._user(one, counted, outside) for one, counted in listed))
            found["totals"]["activeUsers"] = len(people)
        return phone_home.record(plan.level, found)

    async def _queue(self, plan: Plan, day: str) -> bool:
        now = self._now()
        if not await self._database.write(lambda c: phone_home_rows.claim_day(c, day, now, _LEASE_MS)):
            return False
        record = await self.record(plan, day)
        payload = json.dumps(record, separators=(",", ":"))

        def work(connection: Connection) -> bool:
            """Only if it is still permitted, and nobody was faster."""
            if not telemetry_rows.permits(connection, plan.permit):
                return False
            if not phone_home_rows.day_is_built(connection, day, now):
                return False
            outbox.add_events(connection, outbox.PHONE_HOME, [(record["messageId"], EVENT, payload)], now)
            return True

        queued = self._switch.plan is plan and await self._database.write(work)
        if queued:
            log.info("phone_home.queued", bytes=len(payload))
        return queued

    def _rows(self, connection: Connection, plan: Plan, around: Surroundings, day: str) -> dict[str, Any]:
        """What the database knows, in one snapshot."""
        outside = plan.writer.outside
        settings = around.settings
        changed = {n for n in Settings.model_fields if getattr(settings, n) != Settings.model_fields[n].default}
        return {
            "": {
                "type": EVENT,
                "schemaVersion": phone_home.SCHEMA_VERSION,
                "messageId": phone_home.message_id(plan.installation_id, day),
                "date": day,
                "installationId": plan.installation_id,
                "installationVersion": phone_home.version(plan.writer.installation.plugin_version),
                "serverVersion": phone_home.version(around.server_version),
                "pythonVersion": phone_home.version(platform.python_version()),
                "os": phone_home.choice(platform.system().lower(), ("linux", "darwin", "windows")),
                "arch": phone_home.choice(platform.machine().lower(), ("x86_64", "aarch64")),
                "databaseEngine": "postgresql" if self._database.shared else "sqlite",
                "databaseVersion": phone_home.version(phone_home_rows.database_version(connection)),
                "deploymentType": around.home,
                "uptimeSeconds": max(0, self._now() - around.started_at) // 1000,
            },
            "instance": {
                "telemetryLevel": str(plan.level),
                "outboundEmailEnabled": around.sends_email,
                "integrations": phone_home_rows.integrations(connection),
                "nonDefaultSettings": sorted(changed),
            },
            "totals": phone_home_rows.totals(connection) | {"activeUsers": 0},
            "telemetry": phone_home_rows.losses(connection, self._now()),
            "by_team": phone_home_rows.teams(connection),
            "incidents": phone_home_rows.incidents_of_day(connection, day, outside),
            "playbooks": phone_home_rows.all_playbooks(connection, outside),
            "counts_of_day": phone_home_rows.counts_of_day(connection, day),
        }

    async def _team(
        self, team_id: str, counted: Mapping[str, int], outside: Callable[[str], str], organization: str
    ) -> dict[str, Any]:
        team = await found(self._api, "GetTeam", team_id)
        stats = await found(self._api, "GetTeamStats", team_id)
        return {
            "id": outside(team_id),
            "organizationId": organization,
            "isDeactivated": team is None or bool(team["delete_at"]),
            "createdAt": team["create_at"] if team else 0,
            "memberCount": stats["active_member_count"] if stats else 0,
            **counted,
        }

    async def _user(self, person_id: str, counted: Mapping[str, int], outside: Callable[[str], str]) -> dict[str, Any]:
        user = await found(self._api, "GetUser", person_id)
        method = (user.get("auth_service") or "email") if user else "other"
        return {
            "id": outside(person_id),
            "isRegistered": user is not None,
            "isDeactivated": bool(user and user["delete_at"]),
            "isAdmin": bool(user and _ROLES_OF_ADMINS in user["roles"].split()),
            "registeredAt": iso(user["create_at"])[:10] if user else "",
            "joinMethod": phone_home.choice(method, phone_home.JOIN_METHODS),
            **{name: counted.get(event, 0) for event, name in phone_home.DAILY.items()},
        }

    async def _plan_of_licence(self) -> str:
        licence = (await self._api.call("GetLicense"))[0]
        return phone_home.choice(licence.get("sku_short_name", ""), phone_home.PLANS) if licence else "none"

    async def _draw_minute(self) -> str:
        minute = str(random.randrange(24 * 60))  # noqa: S311 - so that not all installations call at once
        return await self._database.write(lambda c: telemetry_rows.add_fact(c, MINUTE, minute))
