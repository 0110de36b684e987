"""`send(event, {...})`: for events outside of a transaction, in three bags of properties, each of which is declared."""

import contextlib
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from telemetry import check
from telemetry.check import Fault, checker
from telemetry.consent import Level
from telemetry.events import Property
from telemetry.registry import DEFINITIONS, SENDABLE, Definition, Sendable
from telemetry.switch import Plan, Switch
from telemetry.wire import as_it_leaves

BAGS = ("event_properties", "user_properties", "group_properties")
Message = tuple[str, str, str]
"""Message id, what it is counted as, payload."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be queued, all of it or nothing."""

    message: Message
    permit: str
    """Of the plan that it was made for."""
    limit_key: str = ""
    """Empty: no limit."""
    limit_times: int = 0
    limit_ms: int = 0
    group: Message | None = None
    """Tells of the installation as a whole; queued only if `group_hash` is another than the last time."""
    group_hash: str = ""


class Messages(Protocol):
    """The queue, in transactions of its own."""

    async def queue(self, wanted: Wanted) -> bool:
        """False, and counted, if the limit is reached; False if telemetry is off by now."""

    async def refused(self, said: str) -> None:
        """Count what was not as it was declared."""


class Telemetry:
    """Asks nothing of its caller: it never raises, and waits for the database, not for the network."""

    def __init__(
        self,
        *,
        switch: Switch,
        messages: Messages,
        now: Callable[[], int],
        new_event_id: Callable[[], str],
        sendable: Sequence[Sendable] = SENDABLE,
    ) -> None:
        self._switch = switch
        self._messages = messages
        self._now = now
        self._new_event_id = new_event_id
        self._sendable = {one.name: one for one in sendable}
        self._definitions = {(one.family.name, str(one.action)): one for one in DEFINITIONS}

    @property
    def is_disabled(self) -> bool:
        """Whether events leave at all, now."""
        plan = self._switch.plan
        return plan is None or plan.data_plane is None or not plan.level.allows(Level.USAGE)

    async def send(self, event: str, bags: Mapping[str, Mapping[str, Any]] | None = None) -> bool:
        """Queue an event; `bags` are `event_properties`, `user_properties` and `group_properties`, each by wire name.

        True: queued, or telemetry is off. False: not as it was declared, more often than it may, or not stored.
        In our own tests what is not as it was declared raises Fault.
        """
        plan = self._switch.plan
        if plan is None or self.is_disabled:
            return True
        try:
            return await self._messages.queue(self._wanted(plan, event, bags or {}))
        except Fault as fault:
            if check.strict:
                raise
            await self._count(str(fault))
        except Exception as error:  # noqa: BLE001 - whoever counts must not fail for it; the type is in `status`
            await self._count(type(error).__name__)
        return False

    async def _count(self, said: str) -> None:
        with contextlib.suppress(Exception):  # the database is gone; its log says so
            await self._messages.refused(said[:64])

    def _wanted(self, plan: Plan, event: str, bags: Mapping[str, Mapping[str, Any]]) -> Wanted:
        if not set(bags) <= set(BAGS):
            raise Fault("unknown bag of properties")
        own, users, groups = (bags.get(name) or {} for name in BAGS)
        definition = self._definition(event, own)
        at, outside = self._now(), plan.writer.outside
        values = _checked(definition.name, definition.event_properties, own, outside)
        traits = _checked(definition.name, definition.user_properties, users, outside)
        group = _checked(definition.name, definition.group_properties, groups, outside)
        head = {"type": "track", "event": definition.name}
        payload = plan.writer.written(
            head, message_id := self._new_event_id(), at, values, **({"traits": traits} if traits else {})
        )
        wanted: dict[str, Any] = {"message": (message_id, definition.counted_as, payload), "permit": plan.permit}
        if definition.limit:
            by = [event, *(values[name] for name in definition.limit.by)]
            wanted |= {
                "limit_key": hashlib.sha256(json.dumps(by).encode()).hexdigest(),
                "limit_times": definition.limit.times,
                "limit_ms": definition.limit.per_s * 1000,
            }
        if group:
            told = {"type": "group", "groupId": plan.installation_id, "traits": group}
            group_id = self._new_event_id()
            wanted |= {
                "group": (group_id, "group", plan.writer.written(told, group_id, at, None)),
                "group_hash": hashlib.sha256(json.dumps(group, sort_keys=True).encode()).hexdigest(),
            }
        return Wanted(**wanted)

    def _definition(self, event: str, own: Mapping[str, Any]) -> Sendable:
        known = self._sendable.get(event)
        if known is not None:
            return known
        family = self._definitions.get((event, str(own.get("Action"))))
        if family is None:
            raise Fault("unknown event")
        return _of_family(family)


def _of_family(one: Definition) -> Sendable:
    """The registry's own events may be sent by hand too."""
    return Sendable(name=one.family.name, meaning=one.meaning, event_properties=one.properties, counted_as=one.key)


def _checked(
    event: str, declared: Sequence[Property], given: Mapping[str, Any], outside: Callable[[str], str]
) -> dict[str, Any]:
    """All that was declared, and nothing else."""
    if not given and not declared:
        return {}
    if unknown := set(given) - {one.name for one in declared}:
        raise Fault(f"{event}: {len(unknown)} unknown properties")
    values = {}
    for one in declared:
        if one.name not in given or not checker(one)(given[one.name]):
            raise Fault(f"{event} {one.name}")
        values[one.name] = as_it_leaves(one.kind, given[one.name], outside)
    return values
