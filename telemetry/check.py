"""Whether a value is of its property's kind. Pure, and quick: it runs in every transaction."""

import re
from collections.abc import Callable
from typing import Any

from telemetry.events import Kind, Property

MAX_COUNT = 1_000_000
_LATEST = 4_102_444_800_000
"""The year 2100."""


strict = False
"""Whether what is not as it was declared raises, as it does in our own tests; else it is left out and counted."""


class Fault(Exception):
    """An event is not as it was declared. `str()` names the event and the property, never a value."""


def _matches(pattern: str) -> Callable[[Any], bool]:
    whole = re.compile(pattern, re.ASCII).fullmatch
    return lambda value: type(value) is str and whole(value) is not None


def _is_between(least: int, most: int) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and least <= value <= most


_IS_ID = _matches(r"[a-z0-9]{26}|")
_OF_KIND: dict[Kind, Callable[[Any], bool]] = {
    Kind.ID: _IS_ID,
    Kind.IDS: _IS_ID,
    Kind.FLAG: lambda value: type(value) is bool,
    Kind.COUNT: _is_between(0, MAX_COUNT),
    Kind.PLACE: _is_between(-1, MAX_COUNT),
    Kind.MILLISECONDS: _is_between(0, _LATEST),
    Kind.SECONDS: _is_between(0, _LATEST // 1000),
    Kind.DAY: _matches(r"\d{4}-\d\d-\d\d|"),
    Kind.VERSION: _matches(r"\d{1,5}(\.\d{1,5}){0,3}"),
    Kind.UUID: _matches(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
}


def checker(one: Property) -> Callable[[Any], bool]:
    """A function that tells whether a value is of the property's kind."""
    values = frozenset(one.values)
    if one.kind is Kind.CHOICE:
        return lambda value: (value is None or isinstance(value, str)) and value in values
    if one.kind is Kind.CHOICES:
        return lambda value: isinstance(value, list) and len(set(value)) == len(value) and values.issuperset(value)
    return _OF_KIND[one.kind]
