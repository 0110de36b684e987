"""What can go wrong with a playbook.

PlaybookError
├── InvalidPlaybook      a field breaks a rule
├── PlaybookNotFound     unknown, deleted, or not for this person: they look the same
├── PlaybookOutOfDate    somebody else was faster, and the person wanted to be told
└── PlaybookForbidden    the person may not do this in this team
"""

from playbooks.model import Playbook


class PlaybookError(Exception):
    """Base of all refusals about playbooks; `str()` is fit for the person who asked."""

    code = "playbook.error"


class InvalidPlaybook(PlaybookError):
    code = "playbook.invalid"

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"{field}: {rule}")
        self.field = field
        self.rule = rule


class PlaybookNotFound(PlaybookError):
    code = "playbook.not_found"

    def __init__(self) -> None:
        super().__init__("There is no such playbook, or you are not one of its members.")


class PlaybookOutOfDate(PlaybookError):
    code = "playbook.out_of_date"

    def __init__(self, current: Playbook) -> None:
        super().__init__(f"Somebody has changed this playbook since you looked: it has version {current.version} now.")
        self.current = current


class PlaybookForbidden(PlaybookError):
    code = "playbook.forbidden"
