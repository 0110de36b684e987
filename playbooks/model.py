"""Playbook values. How they are stored and who may see them is elsewhere."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskTemplate:
    """A task as a playbook foresees it. `description` is Markdown, `command` a slash command or empty."""

    id: str
    title: str
    description: str = ""
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageTemplate:
    """An ordered group of tasks."""

    id: str
    title: str
    tasks: tuple[TaskTemplate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Playbook:
    """A template of a response. Times are ms since the epoch, 0 = not (yet).

    `create_public_incident` is about the incidents it makes; the playbook itself is seen by its members only.
    """

    id: str
    team_id: str
    title: str
    description: str
    create_public_incident: bool
    create_at: int
    delete_at: int
    version: int
    stages: tuple[StageTemplate, ...]
    member_ids: tuple[str, ...]

    @property
    def num_tasks(self) -> int:
        return sum(len(stage.tasks) for stage in self.stages)

    @property
    def num_slash_commands(self) -> int:
        return sum(1 for stage in self.stages for task in stage.tasks if task.command)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybookSummary:
    """A row of a list: the playbook without its stages and members."""

    id: str
    team_id: str
    title: str
    description: str
    create_public_incident: bool
    create_at: int
    delete_at: int
    version: int
    num_stages: int
    num_tasks: int
