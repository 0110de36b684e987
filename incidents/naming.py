"""The URL name of an incident's channel, made from any name a person may give."""

import re
import unicodedata
from collections.abc import Callable

from incidents.errors import InvalidIncident
from incidents.model import MAX_DESCRIPTION, MAX_NAME, MIN_NAME

_FILLERS = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and signs that show nothing."""
_MAX_SLUG = 50
"""Mattermost allows 64; room is left for a suffix."""


def check_name(name: str) -> str:
    """The name on one line, without outer white space. Raises InvalidIncident."""
    stripped = " ".join(name.split())
    if any(unicodedata.category(char) == "Cc" for char in stripped):
        raise InvalidIncident("name", "must not have control characters")
    if not any(_is_visible(char) for char in stripped):
        raise InvalidIncident("name", f"must have {MIN_NAME} to {MAX_NAME} characters that can be seen")
    if not MIN_NAME <= len(stripped) <= MAX_NAME:
        raise InvalidIncident("name", f"must have {MIN_NAME} to {MAX_NAME} characters")
    return stripped


def _is_visible(char: str) -> bool:
    return unicodedata.category(char) not in ("Cf", "Zs", "Zl", "Zp", "Mn") and char not in _FILLERS


def check_description(description: str) -> str:
    """Raises InvalidIncident."""
    if len(description) > MAX_DESCRIPTION:
        raise InvalidIncident("description", f"must have at most {MAX_DESCRIPTION} characters")
    if "\0" in description:
        raise InvalidIncident("description", "must not have control characters")
    return description


def channel_name(name: str, new_id: Callable[[], str]) -> str:
    """A valid URL name (`[a-z0-9-]`, at least 2): of a name without Latin letters a random one."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_name.lower()).strip("-")[:_MAX_SLUG].rstrip("-")
    return slug if len(slug) >= 2 else with_suffix("incident", new_id)


def with_suffix(slug: str, new_id: Callable[[], str]) -> str:
    """Another URL name after `slug`, for when that one is taken."""
    return f"{slug[:_MAX_SLUG].rstrip('-')}-{new_id()[:6]}"
