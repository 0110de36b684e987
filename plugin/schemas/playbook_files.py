"""A playbook as a file: the same words as on the wire, without ids, team and members. YAML or JSON."""

from typing import Any

import yaml

from playbooks.editing import NewStage, NewTask, WritePlaybook
from playbooks.model import Playbook, StageTemplate, TaskTemplate
from playbooks.templates import Template
from plugin.schemas.incidents import Wire
from plugin.schemas.playbooks import StageTemplateIn, TaskTemplateIn, new_stages


class PlaybookFile(Wire):
    """What an export writes and an import reads."""

    title: str
    description: str = ""
    create_public_incident: bool = False
    checklists: list[StageTemplateIn] | None = None

    @classmethod
    def of(cls, playbook: Playbook) -> "PlaybookFile":
        return cls(
            title=playbook.title,
            description=playbook.description,
            create_public_incident=playbook.create_public_incident,
            checklists=[_stage(stage) for stage in playbook.stages],
        )

    @classmethod
    def read_yaml(cls, text: bytes) -> "PlaybookFile":
        """Raises ValueError with what is wrong, and pydantic's ValidationError."""
        try:
            parsed = yaml.load(text, Loader=_PlainLoader)  # noqa: S506 - a safe loader, stricter than the library's
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            where = f" in line {mark.line + 1}" if mark else ""
            raise ValueError(f"{getattr(error, 'problem', None) or 'is no YAML'}{where}") from error
        except RecursionError as error:
            raise ValueError("is nested too deeply") from error
        return cls.model_validate(parsed)

    def write_yaml(self) -> str:
        """As a person would write it: in order, umlauts as they are, nothing that is empty."""
        content = self.model_dump(exclude_defaults=True)
        return str(yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100))

    def write_json(self) -> str:
        return self.model_dump_json(indent=2, exclude_defaults=True)

    def to_command(self, person_id: str, team_id: str, playbook_id: str) -> WritePlaybook:
        return WritePlaybook(
            person_id=person_id,
            playbook_id=playbook_id,
            team_id=team_id,
            title=self.title,
            description=self.description,
            create_public_incident=self.create_public_incident,
            stages=new_stages(self.checklists),
            member_ids=(),
        )


class _PlainLoader(yaml.SafeLoader):
    """Without anchors and aliases, by which a small file can unfold to a huge one."""

    def fetch_alias(self) -> None:
        raise yaml.scanner.ScannerError(None, None, "aliases are not allowed", self.get_mark())

    def fetch_anchor(self) -> None:
        raise yaml.scanner.ScannerError(None, None, "anchors are not allowed", self.get_mark())


class TemplateOut(PlaybookFile):
    """A template; `id` is a word."""

    id: str

    @classmethod
    def of_template(cls, template: Template) -> "TemplateOut":
        return cls(
            id=template.id,
            title=template.title,
            description=template.description,
            checklists=[_stage(stage) for stage in template.stages],
        )


def _stage(stage: NewStage | StageTemplate) -> StageTemplateIn:
    return StageTemplateIn(title=stage.title, items=[_task(task) for task in stage.tasks])


def _task(task: NewTask | TaskTemplate) -> TaskTemplateIn:
    return TaskTemplateIn(title=task.title, description=task.description, command=task.command)


def is_yaml(content_type: str) -> bool:
    """Whether a media type means YAML."""
    return content_type.rpartition("/")[2].removeprefix("x-").rpartition("+")[2] in ("yaml", "yml")


FORMATS: dict[str, Any] = {"yaml": PlaybookFile.write_yaml, "json": PlaybookFile.write_json}
