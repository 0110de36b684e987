"""Decoding without types: a gob stream describes itself.

A message is `uint length, body`; a body is `int(-id) wireType` (a definition) or `int(id) value`. Go's encoder puts a
definition that it meets inside an interface into the middle of the value: the message ends there, and the value goes on
in the next one. So a value is decoded from as many messages as it needs: when they run out, `decode` asks for more and
begins anew.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from plugin.runtime.gob.values import GobError, Interface, Opaque, Pairs, Truncated

MAX_MESSAGE = 1 << 28
"""Far beyond anything that Mattermost sends; Go itself stops at 1 << 30."""
_MAX_DEPTH = 200
_FIRST_OWN = 64

BOOL, INT, UINT, FLOAT, BYTES, STRING, COMPLEX, INTERFACE = range(1, 9)
_WIRE_TYPE, _COMMON, _FIELD, _FIELDS = 16, 18, 21, 22


@dataclass(slots=True)
class Definition:
    """A type of the stream. `kind` is array, slice, struct, map or opaque; ids are those of other types."""

    kind: str
    name: str = ""
    elem: int = 0
    key: int = 0
    length: int = 0
    fields: list[tuple[str, int]] = field(default_factory=list)


class _NeedsMessage(Exception):
    """The value goes on in a message that has not come yet."""


def read_uint(data: bytes | memoryview, at: int, end: int) -> tuple[int, int]:
    """An unsigned number and the place behind it. Raises Truncated, GobError."""
    if at >= end:
        raise Truncated("number")
    first = data[at]
    if first < 0x80:
        return first, at + 1
    length = 256 - first
    if length > 8:
        raise GobError("number of more than 8 bytes")
    if at + 1 + length > end:
        raise Truncated("number")
    return int.from_bytes(data[at + 1 : at + 1 + length], "big"), at + 1 + length


class Decoder:
    """One direction of one stream; definitions live as long as it."""

    def __init__(self) -> None:
        self._types: dict[int, Definition] = {}
        self.type_id = 0
        """Of the last value."""
        self.interfaces: dict[str, int] = {}
        """The types that were seen inside interfaces, by their registered names."""
        self._messages: list[bytes] = []

    def feed(self, message: bytes) -> tuple[bool, Any]:
        """One message without its length; whether a value is complete with it, and the value. Raises GobError."""
        if not message:
            raise GobError("a message of no length")
        self._messages.append(message)
        state = _State(self._types, self._messages)
        try:
            value = state.top()
        except _NeedsMessage:
            if state.only_definitions:
                self._types |= state.fresh
                self._messages = []
            return False, None
        except RecursionError as error:
            raise GobError("nested too deeply") from error
        self._types |= state.fresh
        self._messages = []
        self.type_id = state.type_id
        self.interfaces |= state.interfaces
        return True, value

    @property
    def types(self) -> Mapping[int, Definition]:
        """What the stream has defined so far."""
        return self._types

    def values(self, data: bytes) -> Iterator[Any]:
        """All values of a stream that is there as a whole. Raises Truncated, GobError."""
        at = 0
        complete = True
        while at < len(data):
            length, at = read_uint(data, at, len(data))
            if length > MAX_MESSAGE:
                raise GobError("message too long")
            if at + length > len(data):
                raise Truncated("message")
            complete, value = self.feed(data[at : at + length])
            at += length
            if complete:
                yield value
        if not complete and self._messages:
            raise Truncated("value")


class _State:
    """One try to decode one value from the messages that there are."""

    def __init__(self, types: dict[int, Definition], messages: list[bytes]) -> None:
        self._known = types
        self.interfaces: dict[str, int] = {}
        self.fresh: dict[int, Definition] = {}
        self._messages = messages
        self._number = 0
        self._data = messages[0]
        self._at = 0
        self._end = len(self._data)
        self._depth = 0
        self.type_id = 0
        self.only_definitions = True
        """Nothing but definitions so far: they need not be read again with the next message."""

    def top(self) -> Any:
        self.type_id = type_id = self._type_sequence(top=True)
        self.only_definitions = False
        return self._top_value(type_id)  # what is left over behind it, Go takes no notice of

    # -- types

    def _type(self, type_id: int) -> Definition:
        found = self.fresh.get(type_id) or self._known.get(type_id)
        if found is None:
            raise GobError(f"unknown type {type_id}")
        return found

    def _type_sequence(self, *, top: bool) -> int:
        """Definitions, each taken in, up to the id of the value that follows."""
        while True:
            type_id = self._int()
            if type_id >= 0:
                return type_id
            self._define(-type_id)
            if self._at == self._end:
                self._next_message()
            elif top:
                raise GobError("bytes left over behind a definition")
            else:
                self._uint()  # inside an interface inside an interface: a count, to be skipped

    def _define(self, type_id: int) -> None:
        if type_id < _FIRST_OWN or type_id in self.fresh or type_id in self._known:
            raise GobError(f"type {type_id} can't be defined")
        wire = self._fields(_WIRE_FIELDS)
        if len(wire) != 1:
            raise GobError("a definition of not exactly one kind")
        ((kind, (common, rest)),) = wire.items()
        self.fresh[type_id] = _definition(kind, common, rest)

    def _fields(self, reads: dict[int, tuple[str, Any]]) -> dict[str, Any]:
        """A struct of the wire's own types."""
        found: dict[str, Any] = {}
        number = -1
        while delta := self._uint():
            number += delta
            if number not in reads:
                raise GobError("unknown field of a definition")
            name, read = reads[number]
            found[name] = read(self)
        return found

    # -- values

    def _top_value(self, type_id: int) -> Any:
        """A struct as it is, anything else behind a 0."""
        if type_id > _FIRST_OWN and self._type(type_id).kind == "struct":
            return self.value(type_id)
        if self._uint() != 0:
            raise GobError("a value without a 0 in front")
        return self.value(type_id)

    def value(self, type_id: int) -> Any:
        read = _BASIC.get(type_id)
        if read:
            return read(self)
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise GobError("nested too deeply")
        definition = self._type(type_id)
        value = _COMPOSED[definition.kind](self, definition)
        self._depth -= 1
        return value

    def _struct(self, definition: Definition) -> dict[str, Any]:
        value: dict[str, Any] = {}
        number, fields = -1, definition.fields
        while self._at < self._end and (delta := self._uint()):  # Go takes the end of the message for the end, too
            number += delta
            if number >= len(fields):
                raise GobError("a field that the struct does not have")
            name, type_id = fields[number]
            value[name] = self.value(type_id)
        return value

    def _list(self, definition: Definition) -> list[Any]:
        count, elem = self._uint(), definition.elem
        if definition.kind == "array" and count != definition.length:
            raise GobError("an array of another length")
        return [self.value(elem) for _ in range(self._bounded(count))]

    def _map(self, definition: Definition) -> Any:
        key, elem = definition.key, definition.elem
        items = [(self.value(key), self.value(elem)) for _ in range(self._bounded(self._uint()))]
        try:
            return dict(items)
        except TypeError:
            return Pairs(items)

    def _bounded(self, count: int) -> int:
        """Every element takes a byte at least, here or in a message to come."""
        if count > MAX_MESSAGE:
            raise GobError("too many elements")
        return count

    def _opaque(self, _definition: Definition) -> Opaque:
        return Opaque(self.bytes())

    def interface(self) -> Interface | None:
        name = self.text()
        if not name:
            return None
        type_id = self.interfaces[name] = self._type_sequence(top=False)
        self._uint()  # the length of the value, for those who skip it
        return Interface(name, self._top_value(type_id))

    # -- primitives

    def _next_message(self) -> None:
        self._number += 1
        if self._number >= len(self._messages):
            raise _NeedsMessage
        self._data = self._messages[self._number]
        self._at, self._end = 0, len(self._data)

    def _uint(self) -> int:
        value, self._at = read_uint(self._data, self._at, self._end)
        return value

    def _int(self) -> int:
        value = self._uint()
        return ~(value >> 1) if value & 1 else value >> 1

    def bool(self) -> bool:
        return self._uint() != 0

    def float(self) -> float:
        (value,) = struct.unpack("<d", self._uint().to_bytes(8, "big"))
        return float(value)

    def complex(self) -> complex:
        return complex(self.float(), self.float())

    def bytes(self) -> bytes:
        length = self._uint()
        start = self._at
        if length > self._end - start:
            raise Truncated("bytes")
        self._at = start + length
        return self._data[start : self._at]

    def text(self) -> str:
        return self.bytes().decode("utf-8", "surrogateescape")

    def integer(self) -> int:
        return self._int()

    def unsigned(self) -> int:
        return self._uint()


def _common(state: _State) -> dict[str, Any]:
    return state._fields({0: ("name", _State.text), 1: ("id", _State.integer)})


def _struct_fields(state: _State) -> list[tuple[str, int]]:
    reads = {0: ("name", _State.text), 1: ("id", _State.integer)}
    found = [state._fields(reads) for _ in range(state.unsigned())]
    return [(one.get("name", ""), one.get("id", 0)) for one in found]


def _read(**reads: Any) -> Any:
    """A reader of one kind of definition: the common part, then its own parts in order."""
    numbered = {0: ("common", _common), **dict(enumerate(reads.items(), start=1))}

    def read(state: _State) -> tuple[dict[str, Any], dict[str, Any]]:
        found = state._fields(numbered)
        return found.pop("common", {}), found

    return read


_WIRE_FIELDS: dict[int, tuple[str, Any]] = {
    0: ("array", _read(elem=_State.integer, length=_State.integer)),
    1: ("slice", _read(elem=_State.integer)),
    2: ("struct", _read(fields=_struct_fields)),
    3: ("map", _read(key=_State.integer, elem=_State.integer)),
    4: ("gob", _read()),
    5: ("binary", _read()),
    6: ("text", _read()),
}


def _definition(kind: str, common: dict[str, Any], rest: dict[str, Any]) -> Definition:
    return Definition(
        kind if kind in ("array", "slice", "struct", "map") else "opaque", name=common.get("name", ""), **rest
    )


_BASIC: dict[int, Any] = {
    BOOL: _State.bool,
    INT: _State.integer,
    UINT: _State.unsigned,
    FLOAT: _State.float,
    BYTES: _State.bytes,
    STRING: _State.text,
    COMPLEX: _State.complex,
    INTERFACE: _State.interface,
}
_COMPOSED: dict[str, Any] = {
    "array": _State._list,  # noqa: SLF001
    "slice": _State._list,  # noqa: SLF001
    "struct": _State._struct,  # noqa: SLF001
    "map": _State._map,  # noqa: SLF001
    "opaque": _State._opaque,  # noqa: SLF001
}
