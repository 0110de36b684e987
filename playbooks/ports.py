"""What playbooks need from outside, as Protocols."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

from playbooks.model import Playbook, PlaybookSummary
from telemetry.tracker import Tracker

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamStanding:
    """What Mattermost says about a person in a team. A deactivated or unknown person has nothing."""

    person_id: str
    team_id: str
    system_admin: bool
    team_admin: bool
    is_member: bool
    """Of the team itself; a system administrator need not be."""
    sees_team: bool
    """May list the team's channels: members, but not guests."""
    may_create_public_channel: bool
    may_create_private_channel: bool


class TeamAccess(Protocol):
    """Facts about people in teams."""

    async def in_team(self, person_id: str, team_id: str) -> TeamStanding:
        """The standing of a person in a team; of nobody and nowhere: one without any right."""


class PlaybookSort(StrEnum):
    TITLE = "title"
    STAGES = "stages"
    TASKS = "steps"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybookQuery:
    """`member_id` None means everybody's playbooks. `page` counts from 0."""

    team_id: str
    member_id: str | None
    sort: PlaybookSort = PlaybookSort.TITLE
    descending: bool = False
    page: int = 0
    per_page: int = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybookPage:
    total: int
    items: tuple[PlaybookSummary, ...]


class PlaybookRows(Protocol):
    """Playbooks inside one transaction."""

    def add(self, playbook: Playbook) -> None:
        """Store a new playbook."""

    def replace(self, playbook: Playbook) -> None:
        """Store a playbook that is known, whole."""

    def lock(self, playbook_id: str) -> Playbook | None:
        """The same as `get`, kept from other writers until the transaction ends."""

    def get(self, playbook_id: str) -> Playbook | None:
        """The playbook, deleted ones too; None if unknown."""

    def page(self, query: PlaybookQuery) -> PlaybookPage:
        """One page of the playbooks that are not deleted."""


class PlaybookTransaction(Protocol):
    """All of it is stored, or nothing."""

    @property
    def playbooks(self) -> PlaybookRows: ...

    @property
    def tracker(self) -> Tracker: ...


class PlaybookStore(Protocol):
    """Runs a unit of work whole, off the event loop."""

    def run(self, work: Callable[[PlaybookTransaction], T]) -> Awaitable[T]:
        """Run `work` in a writing transaction; an exception in it undoes everything and is raised again."""

    def read(self, work: Callable[[PlaybookTransaction], T]) -> Awaitable[T]:
        """Run `work` against one consistent snapshot."""
