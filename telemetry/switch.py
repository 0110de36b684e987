"""On or off, while running: which tracker a transaction gets, and where the senders may send."""

from collections import Counter
from dataclasses import dataclass, field

from telemetry import check
from telemetry.consent import Level
from telemetry.destination import DataPlane, PhoneHome
from telemetry.events import Event
from telemetry.tracker import NoopTracker, Tracker
from telemetry.wire import Writer, iso


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What may leave now, as what, to where. `installation_id` is what phone-home calls us, a UUID."""

    level: Level
    writer: Writer
    installation_id: str
    permit: str = ""
    """Of the decision that it carries out; without it nothing is kept or sent."""
    style: object = None
    """Whatever else two plans can differ in; compared only."""
    data_plane: DataPlane | None = None
    phone_home: PhoneHome | None = None


@dataclass(slots=True)
class Collected:
    """What one transaction has tracked; stored before it commits."""

    events: list[tuple[str, str, str]] = field(default_factory=list)
    """Message id, the event's key, payload."""
    days: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """Day, person, the event's key: for phone-home."""
    refused: Counter[str] = field(default_factory=Counter)
    """What was not as it was declared."""
    permit: str = ""
    """Of the plan that it was tracked under."""

    def __bool__(self) -> bool:
        return bool(self.events or self.days or self.refused)


class DurableTracker:
    """Collects a transaction's events."""

    def __init__(self, collected: Collected, plan: Plan) -> None:
        self._collected = collected
        self._plan = plan

    def track(self, event: Event) -> None:
        """Check, write and append; nothing is sent from here."""
        try:
            key, payload = self._plan.writer.payload(event)
        except Exception as error:
            if check.strict:
                raise
            self._collected.refused[_said(error)] += 1
            return
        if self._plan.data_plane:
            self._collected.events.append((event.message_id, key, payload))
        if self._plan.phone_home:
            self._collected.days[iso(event.at)[:10], event.user_id, key] += 1


def _said(error: Exception) -> str:
    return (str(error) if isinstance(error, check.Fault) else type(error).__name__)[:64]


class Switch:
    """Off until it is turned on. Transactions ask it anew each time, so a change needs no restart."""

    def __init__(self) -> None:
        self.noop = NoopTracker()
        self.plan: Plan | None = None
        """None: nothing may be kept or sent."""

    @property
    def permit(self) -> str:
        """Of what holds here; empty while off."""
        return self.plan.permit if self.plan else ""

    def turn_on(self, plan: Plan) -> None:
        """From the next transaction on, events are kept and sent."""
        self.plan = plan

    def turn_off(self) -> None:
        """From the next transaction on, nothing is kept. What is queued is for the caller to purge."""
        self.plan = None

    def tracker(self, collected: Collected) -> Tracker:
        """The tracker of one transaction."""
        plan = self.plan
        if plan is None or not plan.level.allows(Level.USAGE) or not (plan.data_plane or plan.phone_home):
            return self.noop
        collected.permit = plan.permit
        return DurableTracker(collected, plan)
