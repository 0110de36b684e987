"""Events -> bytes of a Rudder data plane's `POST /v1/batch`. Pure: no clock, no network.

Source of the format: the published rudder-server gateway and its SDKs. An event's own timestamps never change; `sentAt`
is of the attempt, from which the receiver corrects a wrong clock, so it is given anew each time.
"""

import base64
import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from telemetry.events import Event

LIBRARY = {"name": "mattermost-incident-response", "version": "1.0.0"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """Who sends: `id` is Mattermost's diagnostic id, the wire's `userId`; never a person."""

    id: str
    server_version: str
    plugin_version: str


def payload(event: Event, installation: Installation) -> str:
    """The stored form of an event: all of it but what depends on the attempt."""
    timestamp = iso(event.at)
    return json.dumps(
        {
            "type": "track",
            "event": event.name,
            "messageId": event.message_id,
            "userId": installation.id,
            "anonymousId": installation.id,
            "properties": {
                **event.properties(),
                "PluginVersion": installation.plugin_version,
                "ServerVersion": installation.server_version,
            },
            "timestamp": timestamp,
            "originalTimestamp": timestamp,
            "context": {"library": LIBRARY},
            "integrations": {},
            "channel": "server",
        },
        separators=(",", ":"),
    )


def batch(payloads: Sequence[str], sent_at: int) -> bytes:
    """The gzipped body for one attempt at `sent_at` (ms)."""
    stamp = iso(sent_at)
    events: list[dict[str, Any]] = [{**json.loads(stored), "sentAt": stamp} for stored in payloads]
    body = json.dumps({"batch": events, "sentAt": stamp}, separators=(",", ":"))
    return gzip.compress(body.encode(), compresslevel=1, mtime=0)


def headers(write_key: str) -> dict[str, str]:
    """Basic auth with the write key as user and no password."""
    credentials = base64.b64encode(f"{write_key}:".encode()).decode()
    return {
        "Authorization": f"Basic {credentials}",
        "Content-Type": "application/json",
        "Content-Encoding": "gzip",
        "User-Agent": f"{LIBRARY['name']}/{LIBRARY['version']}",
    }


def iso(ms: int) -> str:
    """ISO 8601 in UTC with milliseconds and Z."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
