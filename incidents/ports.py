"""What incidents need from outside, as Protocols."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol, TypeVar

from incidents.model import FoundTask, Head, Incident, Phase, Stage, Task, TaskState, TimelineEntry
from playbooks.ports import PlaybookTransaction, TeamAccess

T = TypeVar("T")


# -- what Mattermost knows about people


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelStanding:
    """What Mattermost says about a person and a channel. A deactivated or unknown person has nothing."""

    system_admin: bool
    reads_channel: bool
    """Members of the channel, guests too."""
    channel_is_public: bool
    sees_team: bool
    """May list the team's channels: members of the team, but not guests."""


class Access(TeamAccess, Protocol):
    """Facts about people in teams and channels."""

    async def in_channel(self, person_id: str, channel_id: str) -> ChannelStanding:
        """The standing of a person in a channel; of nobody and nowhere: one without any right."""

    async def is_public(self, channel_id: str) -> bool:
        """Whether the channel is public, as of some seconds ago at most."""

    async def public_channels(self, team_id: str) -> Collection[str]:
        """Ids of the team's public channels that are not archived."""

    async def channels_of(self, person_id: str, team_id: str) -> Mapping[str, str]:
        """The team's channels that the person is a member of: id -> URL name."""


# -- what Mattermost does for an incident


class ChatUnavailable(Exception):
    """Mattermost did not answer; what was asked may or may not have happened."""


class ChatRefused(Exception):
    """Mattermost said no, and would say so again."""


class ChannelNameTaken(ChatRefused):
    """The team has a channel of this URL name, perhaps an archived one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPlan:
    """The channel that an incident needs. `marker` is kept with the channel and tells whose it is."""

    team_id: str
    name: str
    display_name: str
    public: bool
    header: str
    marker: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundChannel:
    id: str
    marker: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedPost:
    """A post that an incident is started from, as its reader may see it."""

    message: str
    permalink: str


class Chat(Protocol):
    """What incidents ask of Mattermost. Every call may raise ChatUnavailable."""

    async def create_channel(self, plan: ChannelPlan) -> str:
        """Make the channel, return its id. Raises ChannelNameTaken, ChatRefused."""

    async def find_channel(self, team_id: str, name: str) -> FoundChannel | None:
        """The team's channel of that URL name, if it is not archived."""

    async def gather(self, channel_id: str, team_id: str, commander_id: str) -> None:
        """Make the commander and the bot members of the team's channel; no harm if they are. Raises ChatRefused."""

    async def archive_channel(self, channel_id: str) -> None:
        """Archive the channel; no harm if it is archived or gone."""

    async def read_post(self, person_id: str, post_id: str) -> QuotedPost | None:
        """The post, if that person may read it."""

    async def run_command(self, person_id: str, channel_id: str, command: str) -> None:
        """Run a slash command as that person. Raises ChatRefused with the reason."""

    async def tell(self, person_id: str, channel_id: str, message: str) -> None:
        """A message from the bot that only this person sees. Never raises."""

    async def usernames(self, person_ids: Collection[str]) -> dict[str, str]:
        """Id -> username, without @; ids that are nobody's are left out."""


# -- what is stored


class Status(StrEnum):
    """Which incidents a list is about."""

    ALL = "all"
    ACTIVE = "active"
    ENDED = "ended"


class IncidentSort(StrEnum):
    """Fields that lists can be sorted by."""

    CREATE_AT = "create_at"
    ID = "id"
    NAME = "name"
    COMMANDER = "commander_user_id"
    TEAM = "team_id"
    END_AT = "end_at"
    IS_ACTIVE = "is_active"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentQuery:
    """`visible_channels` None: no restriction (system administrators); else public ones and those.

    `in_channels` None: no restriction; else only incidents of those channels. `page` counts from 0.
    """

    team_id: str
    visible_channels: frozenset[str] | None = None
    in_channels: frozenset[str] | None = None
    status: Status = Status.ALL
    commander_id: str = ""
    search_term: str = ""
    sort: IncidentSort = IncidentSort.CREATE_AT
    descending: bool = True
    page: int = 0
    per_page: int = 1000
    with_stages: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedIncident:
    """A row of a list; `stages` are only filled in if they were asked for. `active_stage` is -1 without stages."""

    head: Head
    active_stage: int
    active_stage_title: str
    stages: tuple[Stage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Publicity:
    """Whether an incident's channel is public, as far as is known."""

    incident_id: str
    channel_id: str
    is_public: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentPage:
    total: int
    items: tuple[ListedIncident, ...]


class IncidentRows(Protocol):
    """Incidents inside one transaction."""

    def claim(self, incident: Incident, *, lease_until: int) -> None:
        """Store an incident that is being started. Until `lease_until` (ms) no recovery touches it."""

    def lock(self, incident_id: str) -> Head | None:
        """The head, kept from other writers until the transaction ends."""

    def head(self, incident_id: str) -> Head | None:
        """The head; None if unknown."""

    def head_by_channel(self, channel_id: str) -> Head | None:
        """The head of the incident that the channel belongs to."""

    def get(self, incident_id: str) -> Incident | None:
        """The incident with its stages; None if unknown."""

    def find_task(self, incident_id: str, stage: str, task: str) -> FoundTask:
        """The task at `stage` and `task`, each an id or a zero-based place. Raises PlaceNotFound."""

    def find_stage(self, incident_id: str, stage: str) -> str:
        """The id of the stage at `stage`, an id or a zero-based place. Raises PlaceNotFound."""

    def count_tasks(self, incident_id: str, stage_id: str = "") -> int:
        """How many tasks the stage has, or the whole incident."""

    def add_task(self, incident_id: str, stage_id: str, place: int, task: Task) -> int:
        """Put a new task at a place of a stage; returns the incident's new version."""

    def remove_task(self, incident_id: str, found: FoundTask) -> int:
        """Take a task away; returns the incident's new version."""

    def move_task(self, incident_id: str, found: FoundTask, stage_id: str, place: int) -> int:
        """Take a task out and put it in at a place of a stage; returns the incident's new version."""

    def edit_task(self, incident_id: str, task: Task) -> int:
        """Store title, description, command and last run of a task; returns the incident's new version."""

    def set_assignee(self, incident_id: str, task_id: str, person_id: str, at: int) -> int:
        """Change a task's assignee, "" for nobody; returns the incident's new version."""

    def undo(self, incident_id: str) -> None:
        """Its start failed: from now on it is being undone."""

    def set_clock(self, incident_id: str, phase: Phase, *, end_at: int, active_since: int, active_ms: int) -> int:
        """End or restart it; returns the new version."""

    def set_text(self, incident_id: str, *, name: str, description: str) -> int:
        """Change what it is called; returns the new version."""

    def add_stage(self, incident_id: str, stage: Stage, order: Sequence[str]) -> int:
        """Store a stage without tasks, and the new order of all; the first one becomes the active one.

        Returns the incident's new version.
        """

    def rename_stage(self, incident_id: str, stage_id: str, title: str) -> int:
        """Change a stage's title; returns the incident's new version."""

    def order_stages(self, incident_id: str, order: Sequence[str]) -> int:
        """Put the stages in that order; returns the incident's new version."""

    def remove_stage(self, incident_id: str, stage_id: str, order: Sequence[str]) -> int:
        """Take a stage away, with its tasks, and leave the others in order; without any, none is active.

        Returns the incident's new version.
        """

    def note_channel_name(self, incident_id: str, name: str) -> bool:
        """Note the name that is tried; False if the incident is not being started any more."""

    def activate(self, incident_id: str, channel_id: str) -> int:
        """Its channel is made: from now on it is there for all; returns the new version."""

    def set_task_state(self, incident_id: str, task_id: str, state: TaskState, at: int) -> int:
        """Change a task's state; returns the incident's new version."""

    def set_commander(self, incident_id: str, person_id: str) -> int:
        """Change the commander; returns the new version."""

    def set_active_stage(self, incident_id: str, stage_id: str) -> int:
        """Make a stage the active one; returns the new version."""

    def page(self, query: IncidentQuery) -> IncidentPage:
        """One page of the incidents that are not being started or undone."""

    def set_public(self, incident_ids: Collection[str], *, public: bool) -> None:
        """Note that their channels were made public or private; no change of the incidents themselves."""

    def teams(self) -> Sequence[str]:
        """Ids of the teams that have incidents."""

    def publicity(self, team_id: str) -> Sequence["Publicity"]:
        """What is known of the channels of a team's incidents."""

    def of_each_commander(self, query: IncidentQuery) -> Sequence[Head]:
        """One incident of each commander, out of all that match, whatever the page."""

    def next_unfinished(self, *, free_at: int, lease_until: int) -> Head | None:
        """Take over, and lease, the oldest start or undoing that nobody held a lease on any more at `free_at`."""

    def forget(self, incident_id: str) -> None:
        """Remove an incident that never came to be."""

    def release_leases(self) -> None:
        """Let go of what a process that is no more had claimed."""


class WatcherRows(Protocol):
    """Who watches a team's list, and until when (ms)."""

    def watch(self, person_id: str, team_id: str, *, until: int, now: int) -> None:
        """Begin, or go on; what has run out is forgotten."""

    def forget(self, person_id: str, team_id: str) -> None:
        """Stop."""

    def of(self, team_ids: Collection[str], now: int) -> Sequence[tuple[str, str]]:
        """(person, team) of those whose time has not run out."""


class TimelineRows(Protocol):
    """The append-only history."""

    def add(self, entry: TimelineEntry) -> None:
        """Append an entry."""

    def of(self, incident_id: str) -> Sequence[TimelineEntry]:
        """All entries of an incident, oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingPost:
    """A post that the bot will make after the commit.

    Posts of one channel leave in the order of their commits. Consecutive ones of the same non-empty `group` that come
    within a few seconds leave as one post, a line each, under `heading`. `task_id`, if any, gets the post's id for its
    state or assignee (`about`), as long as that is still the one of `task_at`.
    """

    channel_id: str
    message: str
    group: str = ""
    heading: str = ""
    task_id: str = ""
    task_at: int = 0
    about: Literal["state", "assignee"] = "state"


class PostRows(Protocol):
    """The bot's posts that are due."""

    def add(self, post: OutgoingPost) -> None:
        """Have it posted once the transaction has committed."""


class Transaction(PlaybookTransaction, Protocol):
    """All of it is stored, or nothing."""

    @property
    def incidents(self) -> IncidentRows: ...

    @property
    def timeline(self) -> TimelineRows: ...

    @property
    def posts(self) -> PostRows: ...

    @property
    def watchers(self) -> WatcherRows: ...


class Store(Protocol):
    """Runs a unit of work whole, off the event loop."""

    def run(self, work: Callable[[Transaction], T]) -> Awaitable[T]:
        """Run `work` in a writing transaction; an exception in it undoes everything and is raised again."""

    def read(self, work: Callable[[Transaction], T]) -> Awaitable[T]:
        """Run `work` against one consistent snapshot."""

    def look(self, work: Callable[[Transaction], T]) -> Awaitable[T]:
        """The same for work of a single statement, which is cheaper."""


# -- live updates


class Live(Protocol):
    """Tells open screens what was committed. Never raises: a screen that misses a message asks again."""

    async def created(self, incident: Incident, *, person_id: str, client_id: str) -> None:
        """To that person only: the incident that they asked for is there."""

    async def changed(self, head: Head) -> None:
        """To the channel: the incident has a new version."""

    async def task_changed(self, head: Head, found: FoundTask) -> None:
        """To the channel: this task changed, nothing else did."""
