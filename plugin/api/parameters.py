"""Parameters of query strings: each is defined once, and is what handlers read and what the OpenAPI page tells."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Protocol

from aiohttp import web

from plugin.api.errors import BadRequest


class Parameter(Protocol):
    """A parameter that can be told of."""

    @property
    def name(self) -> str: ...

    @property
    def help(self) -> str: ...

    @property
    def required(self) -> bool: ...

    def schema(self) -> dict[str, Any]:
        """Its JSON schema."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Any text; white space around it is dropped."""

    name: str
    help: str
    required: bool = False

    def read(self, request: web.Request) -> str:
        """Empty if it is not there. Raises BadRequest."""
        value = request.query.get(self.name, "").strip()
        if self.required and not value:
            raise BadRequest(self.name, "must be given")
        if "\0" in value:
            raise BadRequest(self.name, "must not have control characters")
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "string", **({"minLength": 1} if self.required else {})}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of some words."""

    name: str
    help: str
    choices: Collection[str]
    default: str
    required: bool = False

    def read(self, request: web.Request) -> str:
        """Raises BadRequest."""
        value = request.query.get(self.name, "").strip() or self.default
        if value not in self.choices:
            raise BadRequest(self.name, f"must be one of {', '.join(self.choices)}")
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": [str(choice) for choice in self.choices], "default": str(self.default)}


def flag(name: str, help_text: str) -> Choice:
    """`true` or `false`, which is the default."""
    return Choice(name=name, help=help_text, choices=("true", "false"), default="false")


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A whole number. What is over `clamp` counts as `clamp`."""

    name: str
    help: str
    default: int
    lowest: int
    highest: int | None = None
    clamp: int | None = None
    required: bool = False

    def read(self, request: web.Request) -> int:
        """Raises BadRequest."""
        text = request.query.get(self.name, "").strip()
        if not text:
            return self.default
        if not re.fullmatch(r"-?[0-9]{1,11}", text):
            raise BadRequest(self.name, "must be a whole number")
        value = int(text)
        if value < self.lowest:
            raise BadRequest(self.name, f"must be at least {self.lowest}")
        if self.highest is not None and value > self.highest:
            raise BadRequest(self.name, f"must be at most {self.highest}")
        return value if self.clamp is None else min(value, self.clamp)

    def schema(self) -> dict[str, Any]:
        highest = {} if self.highest is None else {"maximum": self.highest}
        return {"type": "integer", "minimum": self.lowest, **highest, "default": self.default}


MAX_PER_PAGE = 1000

TEAM_ID = Text(name="team_id", help="The team's id.", required=True)
PAGE = Whole(name="page", help="Counted from 0.", default=0, lowest=0, highest=1_000_000)
PER_PAGE = Whole(
    name="per_page",
    help=f"Items of a page; more than {MAX_PER_PAGE} counts as {MAX_PER_PAGE}.",
    default=MAX_PER_PAGE,
    lowest=1,
    clamp=MAX_PER_PAGE,
)


def direction(default: str) -> Choice:
    return Choice(name="direction", help="Of the sorting.", choices=("asc", "desc"), default=default)
