"""Playbooks on the v0 wire."""

from typing import Literal

from playbooks.editing import NewStage, NewTask, WritePlaybook
from playbooks.model import Playbook, PlaybookSummary
from playbooks.ports import PlaybookPage
from plugin.schemas.incidents import Id, Wire


class TaskTemplateOut(Wire):
    id: str
    title: str
    description: str
    command: str


class StageTemplateOut(Wire):
    id: str
    title: str
    items: list[TaskTemplateOut]


class PlaybookOut(Wire):
    id: str
    title: str
    description: str
    team_id: str
    create_public_incident: bool
    create_at: int
    delete_at: int
    version: int
    num_stages: int
    num_steps: int
    checklists: list[StageTemplateOut]
    member_ids: list[str]

    @classmethod
    def of(cls, playbook: Playbook) -> "PlaybookOut":
        return cls(
            id=playbook.id,
            title=playbook.title,
            description=playbook.description,
            team_id=playbook.team_id,
            create_public_incident=playbook.create_public_incident,
            create_at=playbook.create_at,
            delete_at=playbook.delete_at,
            version=playbook.version,
            num_stages=len(playbook.stages),
            num_steps=playbook.num_tasks,
            checklists=[
                StageTemplateOut(
                    id=stage.id,
                    title=stage.title,
                    items=[
                        TaskTemplateOut(id=t.id, title=t.title, description=t.description, command=t.command)
                        for t in stage.tasks
                    ],
                )
                for stage in playbook.stages
            ],
            member_ids=list(playbook.member_ids),
        )

    @classmethod
    def listed(cls, row: PlaybookSummary) -> "PlaybookOut":
        """A row of a list: without stages and members."""
        return cls(
            id=row.id,
            title=row.title,
            description=row.description,
            team_id=row.team_id,
            create_public_incident=row.create_public_incident,
            create_at=row.create_at,
            delete_at=row.delete_at,
            version=row.version,
            num_stages=row.num_stages,
            num_steps=row.num_tasks,
            checklists=[],
            member_ids=[],
        )


class PlaybookListOut(Wire):
    total_count: int
    page_count: int
    has_more: bool
    items: list[PlaybookOut]

    @classmethod
    def of(cls, page: PlaybookPage, *, number: int, per_page: int) -> "PlaybookListOut":
        pages = -(-page.total // per_page)
        return cls(
            total_count=page.total,
            page_count=pages,
            has_more=number + 1 < pages,
            items=[PlaybookOut.listed(row) for row in page.items],
        )


class TaskTemplateIn(Wire):
    title: str
    description: str = ""
    command: str = ""


class StageTemplateIn(Wire):
    title: str
    items: list[TaskTemplateIn] | None = None


def new_stages(checklists: list[StageTemplateIn] | None) -> tuple[NewStage, ...]:
    """Stages as `playbooks.editing` takes them."""
    return tuple(
        NewStage(
            title=stage.title,
            tasks=tuple(
                NewTask(title=t.title, description=t.description, command=t.command) for t in stage.items or ()
            ),
        )
        for stage in checklists or ()
    )


class PlaybookIn(Wire):
    """Body of POST /playbooks."""

    title: str
    team_id: Id
    description: str = ""
    create_public_incident: bool = False
    checklists: list[StageTemplateIn] | None = None
    member_ids: list[Id] | None = None
    id: Literal[""] | None = None
    create_at: Literal[0] | None = None

    def to_command(self, person_id: str, playbook_id: str) -> WritePlaybook:
        return WritePlaybook(
            person_id=person_id,
            playbook_id=playbook_id,
            team_id=self.team_id,
            title=self.title,
            description=self.description,
            create_public_incident=self.create_public_incident,
            stages=new_stages(self.checklists),
            member_ids=tuple(self.member_ids or ()),
        )


class PlaybookUpdateIn(PlaybookIn):
    """Body of PUT /playbooks/{id}: a client sends back what it got, so ids and times are there and mean nothing."""

    team_id: Id = ""
    id: str | None = None  # type: ignore[assignment]
    create_at: int | None = None  # type: ignore[assignment]


class PlaybookCreatedOut(Wire):
    id: str
