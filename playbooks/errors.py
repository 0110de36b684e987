"""What can go wrong with a playbook.

PlaybookError
├── InvalidPlaybook      a field breaks a rule
├── PlaybookNotFound     unknown, deleted, or not for this person: they look the same
└── PlaybookForbidden    the person may not do this in this team
"""


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


class PlaybookForbidden(PlaybookError):
    code = "playbook.forbidden"
