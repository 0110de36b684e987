"""A playbook as a file: the same words as on the wire, without ids, team and members. YAML or JSON."""

from typing import Any

import yaml

from playbooks.editing import NewStage, NewTask, WritePlaybook
from playbooks.model import Playbook, StageTemplate, TaskTemplate
from playbooks.templates import Template
from plugin.schemas.incidents import Wire
from plugin.schemas.playbooks import StageTemplateIn, TaskTemplateIn, new_stages

MAX_YAML = 262_144


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
        """Takes its time: not for the event loop. Raises ValueError with what is wrong, pydantic's ValidationError."""
        if len(text) > MAX_YAML:
            raise ValueError(f"must have at most {MAX_YAML} bytes")
        try:
            parsed = yaml.load(text, Loader=_PlainLoader)  # noqa: S506 - a safe loader, stricter than the library's
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            where = f" in line {mark.line + 1}" if mark else ""
            raise ValueError(f"{getattr(error, 'problem', None) or 'is no YAML'}{where}") from None
        except (RecursionError, LookupError, AttributeError, ArithmeticError, UnicodeError):
            raise ValueError("is no YAML that can be read, or nested too deeply") from None
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
    """Texts, flags, lists and maps. Without tags, and without anchors, by which a small file unfolds to a huge one."""

    def fetch_alias(self) -> None:
        self._refuse("aliases")

    def fetch_anchor(self) -> None:
        self._refuse("anchors")

    def fetch_tag(self) -> None:
        self._refuse("tags")

    def _refuse(self, what: str) -> None:
        raise yaml.scanner.ScannerError(None, None, f"{what} are not allowed", self.get_mark())


# Numbers and dates are texts here, as they are for people; to work some of them out takes endlessly long.
_PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.endswith((":bool", ":null"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


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
