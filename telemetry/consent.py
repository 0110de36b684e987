"""What may leave: whoever has a say, and what follows. Pure.

Whoever wants least is obeyed: nobody can get more than the environment allows, nor more than the System Console, nor
than an administrator has said in chat or on the command line; each of them can have less.
"""

from dataclasses import dataclass
from enum import StrEnum

GRACE_MS = 3_600_000
"""Between an administrator's seeing the notice and the first that leaves, if nobody decides."""


class Level(StrEnum):
    """How much may leave; each level has all of those before it."""

    UNDECIDED = "undecided"
    OFF = "off"
    BASE = "base"
    """Phone-home: that there is an installation, its versions and machine."""
    STATISTICS = "statistics"
    """And totals."""
    USAGE = "usage"
    """And events, and what phone-home has of teams, people, incidents and playbooks."""

    def allows(self, other: "Level") -> bool:
        """Whether what `other` stands for may leave at this level."""
        return _RANK[self] >= _RANK[other] > _RANK[Level.OFF]


_RANK = {level: rank for rank, level in enumerate(Level)}


class Who(StrEnum):
    """Who has decided."""

    DO_NOT_TRACK = "DO_NOT_TRACK"
    ENVIRONMENT = "environment"
    MATTERMOST = "Mattermost's EnableDiagnostics"
    CONSOLE = "System Console"
    ADMINISTRATOR = "administrator"
    NOTICE = "notice"
    """An administrator has seen it, and has not objected for an hour."""
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What each has said; `noticed_at` is when an administrator saw the notice (ms), 0 for not yet."""

    do_not_track: bool = False
    environment: Level = Level.UNDECIDED
    server_allows: bool = True
    console: Level = Level.UNDECIDED
    administrator: Level = Level.UNDECIDED
    noticed_at: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`level` is never UNDECIDED: that is off, decided by NOBODY."""

    level: Level
    who: Who

    @property
    def is_open(self) -> bool:
        """Whether nobody has decided yet."""
        return self.who is Who.NOBODY


def decide(wishes: Wishes, now: int) -> Decision:
    """What holds at `now` (ms)."""
    said = (
        (Who.ENVIRONMENT, wishes.environment),
        (Who.CONSOLE, wishes.console),
        (Who.ADMINISTRATOR, wishes.administrator),
    )
    if wishes.do_not_track:
        return Decision(level=Level.OFF, who=Who.DO_NOT_TRACK)
    if not wishes.server_allows:
        return Decision(level=Level.OFF, who=Who.MATTERMOST)
    decided = [(who, level) for who, level in said if level is not Level.UNDECIDED]
    if decided:
        who, level = min(decided, key=lambda one: _RANK[one[1]])  # of several the first
        return Decision(level=level, who=who)
    if wishes.noticed_at and now >= wishes.noticed_at + GRACE_MS:
        return Decision(level=Level.USAGE, who=Who.NOTICE)
    return Decision(level=Level.OFF, who=Who.NOBODY)


def locked_by(wishes: Wishes, wanted: Level) -> Who | None:
    """Who keeps an administrator in chat from getting as much as `wanted`; nobody keeps anybody from off."""
    if wanted is Level.OFF:
        return None
    if wishes.do_not_track:
        return Who.DO_NOT_TRACK
    if not wishes.server_allows:
        return Who.MATTERMOST
    for who, level in ((Who.ENVIRONMENT, wishes.environment), (Who.CONSOLE, wishes.console)):
        if level is not Level.UNDECIDED and _RANK[level] < _RANK[wanted]:
            return who
    return None
