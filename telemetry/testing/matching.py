"""A tracker that remembers, and how to ask whether something was counted."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from telemetry import check
from telemetry.check import Fault, checker
from telemetry.events import Event, declared
from telemetry.registry import DEFINITIONS

_KNOWN = {(one.family, one.action) for one in DEFINITIONS}


class SpyTracker:
    """`telemetry.tracker.Tracker` that keeps events, and raises Fault for what was not declared."""

    def __init__(self) -> None:
        self.tracked: list[Event] = []

    def track(self, event: Event) -> None:
        if (type(event), getattr(event, "action", None)) not in _KNOWN:
            raise Fault("unknown event")
        for field, one in declared(type(event)).items():
            if not checker(one)(getattr(event, field)):
                raise Fault(f"{event.name} {one.name}")
        self.tracked.append(event)

    def __contains__(self, wanted: object) -> bool:
        return any(wanted == one for one in self)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """As they would be on the wire: `event` and `properties`."""
        for event in self.tracked:
            named = declared(type(event)).items()
            yield {"event": event.name, "properties": {one.name: getattr(event, field) for field, one in named}}


class Tracked:
    """Equal to each message of that event that has these properties, among others."""

    def __init__(self, event: str, properties: dict[str, Any]) -> None:
        self._event = event
        self._properties = properties

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, dict) or other.get("event") != self._event:
            return False
        given = other.get("properties", {})
        return all(name in given and given[name] == value for name, value in self._properties.items())

    def __hash__(self) -> int:
        return hash(self._event)

    def __repr__(self) -> str:
        return f"tracked({', '.join([repr(self._event), *(f'{n}={v!r}' for n, v in self._properties.items())])})"


def tracked(event: str, **properties: Any) -> Tracked:
    """`assert tracked("incident", Action="create") in collector`, or in a SpyTracker."""
    return Tracked(event, properties)


def assert_tracked(where: Iterable[dict[str, Any]], event: str, *, times: int = 1, **properties: Any) -> None:
    """Just so often; else the failure lists what was counted instead."""
    all_of_them = list(where)
    wanted = Tracked(event, properties)
    there = sum(wanted == one for one in all_of_them)
    if there != times:
        listed = "\n".join(f"  {one['event']} {one.get('properties')}" for one in all_of_them) or "  nothing"
        raise AssertionError(f"{wanted!r} is there {there} times, not {times}. There is:\n{listed}")


@contextmanager
def strictly() -> Iterator[None]:
    """While this lasts, counting what was not declared raises Fault, where in production it is left out."""
    before, check.strict = check.strict, True
    try:
        yield
    finally:
        check.strict = before
