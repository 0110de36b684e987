"""Whether a message is what TELEMETRY.md says: the receiver's own check, for tests."""

import re
from typing import Any

from telemetry.check import checker
from telemetry.events import Kind
from telemetry.registry import DEFINITIONS, SENDABLE, Definition

_GROUPED = {(one.family.name, str(one.action)): one for one in DEFINITIONS}
_FLAT = {one.legacy_event: one for one in DEFINITIONS}
_COMMON = {"PluginVersion", "ServerVersion"}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def fault_of(message: dict[str, Any]) -> str:
    """What is wrong with it; empty if nothing is."""
    if message.get("type") == "group":
        return ""
    if not message.get("messageId") or not message.get("userId") or not _TIME.fullmatch(message.get("timestamp", "")):
        return "messageId, userId or timestamp"
    given = message.get("properties")
    if not isinstance(given, dict):
        return "no properties"
    known = {one.name for one in SENDABLE}
    name = message.get("event", "")
    definition = _GROUPED.get((name, given.get("Action", ""))) or _FLAT.get(name)
    if definition is None:
        return "" if name in known else "unknown event"
    return _fault_in(definition, given, flat=name in _FLAT)


def _fault_in(definition: Definition, given: dict[str, Any], *, flat: bool) -> str:
    declared = {one.name: one for one in (definition.flat_properties if flat else definition.properties)}
    if set(given) != set(declared) | _COMMON:
        return f"properties: {sorted(set(given) ^ (set(declared) | _COMMON))}"
    for name, one in declared.items():
        values = given[name] if one.kind is Kind.IDS else [given[name]]
        if not all(map(checker(one), values)):
            return f"{name} is no {one.kind}"
    return ""
