"""What a subcommand is; help and autocomplete come from the same table."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from plugin.manifest import TRIGGER
from plugin.services import Services


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One use of the slash command. `words` are what follows the subcommand; `session_id` may be empty."""

    person_id: str
    team_id: str
    channel_id: str
    root_id: str
    trigger_id: str
    session_id: str
    words: tuple[str, ...]


Handler = Callable[[Services, Call], Awaitable[str]]
"""Carries a subcommand out; the text is told to the person alone, an empty one is not told at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A subcommand. `hint` shows its arguments, `help` is one line."""

    name: str
    hint: str
    help: str
    handler: Handler
    choices: tuple[tuple[str, str], ...] = ()
    """Fixed next words, each with its help."""
    for_admins: bool = False
    """Suggested to system administrators only; whether they are is for the handler to ask."""
    fetch: str = ""
    """Where Mattermost asks for suggestions of the next words, below the plugin's own path."""


def help_text(commands: Mapping[str, Command]) -> str:
    """Every subcommand, a line each."""
    lines = [f"- `/{TRIGGER} {c.name}{' ' + c.hint if c.hint else ''}` – {c.help}" for c in commands.values()]
    return "\n".join(["#### Incident response", "Run incidents from any channel:", "", *lines])


def registration(commands: Mapping[str, Command]) -> dict[str, Any]:
    """The slash command as Mattermost's RegisterCommand takes it, with its autocomplete."""
    hint = "[" + "|".join(commands) + "]"
    return {
        "trigger": TRIGGER,
        "display_name": "Incident",
        "description": "Start and run incidents",
        "auto_complete": True,
        "auto_complete_desc": "Start and run incidents",
        "auto_complete_hint": hint,
        "autocomplete_data": _data(TRIGGER, hint, "Start and run incidents")
        | {"SubCommands": [_of_command(command) for command in commands.values()]},
    }


def _of_command(command: Command) -> dict[str, Any]:
    data = _data(command.name, command.hint, command.help)
    if command.for_admins:
        data["RoleID"] = "system_admin"
    data["SubCommands"] = [_data(word, "", text) for word, text in command.choices]
    if command.fetch:
        dynamic = {"FetchURL": command.fetch}
        data["Arguments"] = [
            {"Name": "", "HelpText": command.help, "Type": "DynamicList", "Required": True, "Data": dynamic}
        ]
    return data


def _data(trigger: str, hint: str, text: str) -> dict[str, Any]:
    # RoleID must be set, or members get no suggestions (plugin protocol, section 8).
    return {
        "Trigger": trigger,
        "Hint": hint,
        "HelpText": text,
        "RoleID": "system_user",
        "Arguments": [],
        "SubCommands": [],
    }
