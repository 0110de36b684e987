"""Events -> bytes of a data plane's `POST /v1/batch`. Pure: no clock, no network.

Source of the format: the published rudder-server gateway, Segment's documentation, and both SDKs. An event's own
timestamps never change; `sentAt` is of the attempt, from which the receiver corrects a wrong clock, so it is given
anew each time.
"""

import base64
import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any

from telemetry.check import Fault, checker
from telemetry.events import Event, Kind, declared
from telemetry.registry import DEFINITIONS, Definition

LIBRARY = {"name": "mattermost-incident-response", "version": "1.0.0"}


class Dialect(StrEnum):
    """Whose words the requests are in."""

    RUDDER = "rudder"
    SEGMENT = "segment"


class Naming(StrEnum):
    """What events and properties are called."""

    GROUPED = "grouped"
    """A family with an `Action`: `incident`, `create`."""
    FLAT = "flat"
    """The older names: `CreateIncident`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """Who sends: `id` is Mattermost's diagnostic id, the wire's `userId`; never a person."""

    id: str
    server_version: str
    plugin_version: str


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    get: Callable[[Event], Any]
    holds: Callable[[Any], bool]
    kind: Kind


_BY_KEY = {one.key: one for one in DEFINITIONS}


class Writer:
    """Writes events as one installation wants them. `outside` makes of an id the one that leaves."""

    def __init__(
        self, installation: Installation, *, dialect: Dialect, naming: Naming, outside: Callable[[str], str]
    ) -> None:
        self.installation = installation
        self._dialect = dialect
        self._flat = naming is Naming.FLAT
        self.outside = outside
        self._common = {"PluginVersion": installation.plugin_version, "ServerVersion": installation.server_version}
        self._who = _encoded({"userId": installation.id, "anonymousId": installation.id})[1:-1]

    def payload(self, event: Event) -> tuple[str, str]:
        """The event's key in the registry, and its stored form: all of it but what depends on the attempt.

        Raises Fault for what was not declared.
        """
        key = f"{event.name}/{getattr(event, 'action', '')}"
        definition = _BY_KEY.get(key)
        if definition is None or definition.family is not type(event):
            raise Fault("unknown event")
        values = {}
        for column in _columns(definition, self._flat):
            value = column.get(event)
            if not column.holds(value):
                raise Fault(f"{key} {column.name}")
            values[column.name] = as_it_leaves(column.kind, value, self.outside)
        name = definition.legacy_event if self._flat else event.name
        return key, self.written({"type": "track", "event": name}, event.message_id, event.at, values)

    def written(
        self, head: Mapping[str, Any], message_id: str, at: int, properties: Mapping[str, Any] | None, **more: Any
    ) -> str:
        """A message as it is stored; `head` has its type. `more` goes into its context.

        Put together from pieces, which is quicker: it is part of every transaction.
        """
        stamp = iso(at)
        said = "" if properties is None else f'"properties":{_encoded({**properties, **self._common})},'
        times = f'"timestamp":"{stamp}"'
        rest = '"integrations":{}'
        if self._dialect is Dialect.RUDDER:
            times = f'{times},"originalTimestamp":"{stamp}"'
            rest = '"integrations":null,"channel":"server"'
        context = _encoded({"library": LIBRARY, **more}) if more else _CONTEXT
        return (
            f'{_encoded(head)[:-1]},"messageId":"{message_id}",{self._who},{said}{times},{rest},"context":{context}}}'
        )


def as_it_leaves(kind: Kind, value: Any, outside: Callable[[str], str]) -> Any:
    """A value of that kind, on the wire."""
    if kind is Kind.ID:
        return outside(value)
    return [outside(value)] if kind is Kind.IDS else value


_encoded = json.JSONEncoder(separators=(",", ":")).encode
_CONTEXT = _encoded({"library": LIBRARY})


@cache
def _columns(definition: Definition, flat: bool) -> tuple[_Column, ...]:
    wanted = definition.flat_properties if flat else definition.properties
    names = {one.flat_name or one.name if flat else one.name: f for f, one in declared(definition.family).items()}
    return tuple(_Column(one.name, attrgetter(names[one.name]), checker(one), one.kind) for one in wanted)


def batch(payloads: Sequence[str], sent_at: int, dialect: Dialect = Dialect.RUDDER) -> bytes:
    """The gzipped body for one attempt at `sent_at` (ms)."""
    stamp = iso(sent_at)
    if dialect is Dialect.RUDDER:  # a Rudder server reads nothing but the events
        ending = f',"sentAt":"{stamp}"}}'
        payloads = [stored[:-1] + ending for stored in payloads]
    return packed(f'{{"batch":[{",".join(payloads)}],"sentAt":"{stamp}"}}')


def packed(body: str) -> bytes:
    return gzip.compress(body.encode(), compresslevel=1, mtime=0)


def headers(write_key: str = "") -> dict[str, str]:
    """Basic auth with the write key as user and no password."""
    known = {
        "Content-Type": "application/json",
        "Content-Encoding": "gzip",
        "User-Agent": f"{LIBRARY['name']}/{LIBRARY['version']}",
    }
    if write_key:
        known["Authorization"] = "Basic " + base64.b64encode(f"{write_key}:".encode()).decode()
    return known


def iso(ms: int) -> str:
    """ISO 8601 in UTC with milliseconds and Z."""
    return f"{_second(ms // 1000)}.{ms % 1000:03d}Z"


@lru_cache(maxsize=100)
def _second(s: int) -> str:
    return datetime.fromtimestamp(s, UTC).strftime("%Y-%m-%dT%H:%M:%S")
