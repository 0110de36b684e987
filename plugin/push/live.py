"""`incidents.ports.Live` over Mattermost's websocket events; the only place with their names."""

from collections.abc import Callable
from typing import Any

import structlog

from incidents.model import FoundTask, Head, Incident
from plugin.host.api import HostApi, HostGone
from plugin.schemas.incidents import IncidentOut, TaskChange, Wire

UPDATED = "incident_updated"
CREATED = "incident_created"

log = structlog.get_logger()


class _Created(Wire):
    incident: IncidentOut
    client_id: str


class _Changed(Wire):
    id: str
    version: int


class HostLive:
    """Mattermost adds `custom_incident-response_` to the names and delivers to every tab of the people concerned.

    `data.payload` is a JSON string: of an update `{id, version}`, with `{stage_id, task}` when one task is all that
    changed; a client that has not the version before asks for the incident. Of a creation `{incident, client_id}`.
    """

    def __init__(self, api: HostApi, *, noted: Callable[[Head], None]) -> None:
        """`noted` hears of every head that has a new version, for those who watch from outside the channel."""
        self._api = api
        self._noted = noted

    async def created(self, incident: Incident, *, person_id: str, client_id: str) -> None:
        payload = _Created(incident=IncidentOut.of(incident), client_id=client_id)
        await self._publish(CREATED, payload, {"user_id": person_id})

    async def changed(self, head: Head) -> None:
        await self._publish(UPDATED, _Changed(id=head.id, version=head.version), {"channel_id": head.channel_id})
        self._noted(head)

    async def watched(self, person_id: str, head: Head) -> None:
        """To somebody outside the channel: the incident has a new version."""
        await self._publish(UPDATED, _Changed(id=head.id, version=head.version), {"user_id": person_id})

    async def task_changed(self, head: Head, found: FoundTask) -> None:
        payload = TaskChange.of(head.id, head.version, found)
        await self._publish(UPDATED, payload, {"channel_id": head.channel_id})
        self._noted(head)

    async def _publish(self, event: str, payload: Wire, broadcast: dict[str, Any]) -> None:
        try:
            await self._api.call("PublishWebSocketEvent", event, {"payload": payload.model_dump_json()}, broadcast)
        except HostGone:
            log.warning("push.lost", push_event=event)
