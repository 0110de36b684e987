"""How long and of what kind the texts of stages and tasks may be, in playbooks and in incidents alike."""

import unicodedata

MAX_TITLE = 1024
MAX_DESCRIPTION = 4096
MAX_COMMAND = 1024
MAX_STAGES = 100
MAX_TASKS = 1000


def text_problem(text: str, longest: int, *, required: bool = False) -> str:
    """The rule that a text breaks; empty if none."""
    if required and not text.strip():
        return "must not be blank"
    if any(unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\r\t" for char in text):
        return "must not have control characters"
    return f"must have at most {longest} characters" if len(text) > longest else ""


def command_problem(command: str) -> str:
    """The same for a slash command, which may be empty."""
    if command.strip() and not command.strip().startswith("/"):
        return "must be empty or start with /"
    return text_problem(command, MAX_COMMAND)
