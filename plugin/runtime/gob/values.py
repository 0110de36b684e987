"""What gob streams hold, as Python values.

bool, int, float, complex, str and bytes are themselves (text that is not UTF-8 has surrogate escapes); a struct is a
dict of the fields that were on the wire: a field that is missing is zero; slices and arrays are lists, maps dicts.
"""

from dataclasses import dataclass
from typing import Any


class GobError(Exception):
    """The stream is broken, or what is to be sent does not fit its schema."""


class Truncated(GobError):
    """The stream ends where more is due."""


@dataclass(frozen=True, slots=True)
class Interface:
    """The content of a Go interface, with the name under which its type is registered. A nil interface is None."""

    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class Opaque:
    """A value that encodes itself (GobEncoder, BinaryMarshaler, TextMarshaler), as bytes."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Pairs:
    """A map whose keys Python cannot hash."""

    items: list[tuple[Any, Any]]


def plain(value: Any) -> Any:
    """The value without the names of interfaces, all through."""
    if isinstance(value, Interface):
        return plain(value.value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value
