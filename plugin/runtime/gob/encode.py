"""Encoding by a schema. All definitions that a value needs go ahead of it, as messages of their own."""

import struct
from collections.abc import Callable, Iterable
from typing import Any

from plugin.runtime.gob.decode import COMPLEX, FLOAT, INTERFACE
from plugin.runtime.gob.schema import (
    BOOL,
    BYTES,
    INT,
    REGISTERED,
    STRING,
    UINT,
    Array,
    Basic,
    Map,
    SelfEncoding,
    Slice,
    Struct,
    Type,
)
from plugin.runtime.gob.values import GobError, Interface, Opaque, Pairs

_FIRST_ID = 65


def uint(value: int) -> bytes:
    """An unsigned number: one byte below 128, else the negated count of bytes, and the bytes."""
    if 0 <= value < 0x80:
        return bytes((value,))
    length = (value.bit_length() + 7) // 8
    if value < 0 or length > 8:
        raise GobError(f"{value} is no unsigned number of 64 bits")
    return bytes((256 - length,)) + value.to_bytes(length, "big")


def integer(value: int) -> bytes:
    """A signed number: the sign is the last bit."""
    if not -(1 << 63) <= value < 1 << 63:
        raise GobError(f"{value} is no number of 64 bits")
    return uint(~value << 1 | 1 if value < 0 else value << 1)


def sized(data: bytes) -> bytes:
    return uint(len(data)) + data


class Encoder:
    """One direction of one stream; definitions are sent once."""

    def __init__(self) -> None:
        self._ids: dict[int, int] = {}
        self._keep: list[Type] = []
        self._out: list[bytes] = []

    def encode(self, kind: Type, value: Any) -> bytes:
        """The messages of one value. Raises GobError; then nothing of it may be sent."""
        return self.encode_all(((kind, value),))

    def encode_all(self, values: Iterable[tuple[Type, Any]]) -> bytes:
        """Several values, all or none. Raises GobError like `encode`."""
        known, kept = dict(self._ids), len(self._keep)
        try:
            return b"".join([self._messages(kind, value) for kind, value in values])
        except (GobError, AttributeError, TypeError, ValueError, RecursionError) as error:
            self._ids = known
            del self._keep[kept:]
            if isinstance(error, GobError):
                raise
            raise GobError(f"a value does not fit its schema: {type(error).__name__}") from error

    def _messages(self, kind: Type, value: Any) -> bytes:
        self._out = []
        message = self._top(kind, value)
        return b"".join([*self._out, sized(integer(self._id(kind)) + message)])

    # -- types

    def _id(self, kind: Type) -> int:
        """The type's id on this stream; defines it, and what it is made of, the first time."""
        if isinstance(kind, Basic):
            return kind.id
        known = self._ids.get(id(kind))
        if known is None:
            known = self._ids[id(kind)] = _FIRST_ID + len(self._ids)
            self._keep.append(kind)  # as long as its id() is in use
            self._out.append(b"")
            place = len(self._out) - 1
            self._out[place] = sized(integer(-known) + self._definition(kind, known))
        return known

    def _definition(self, kind: Type, own: int) -> bytes:
        def numbered(*parts: bytes) -> bytes:
            """Fields from the first on; an empty part is a zero, and is left out."""
            out, skipped = b"", 1
            for part in parts:
                out, skipped = (out + uint(skipped) + part, 1) if part else (out, skipped + 1)
            return out + b"\0"

        def number(value: int) -> bytes:
            return integer(value) if value else b""

        def common(name: str = "") -> bytes:
            return numbered(sized(name.encode()) if name else b"", integer(own))

        match kind:
            case Array(elem, length):
                return uint(1) + numbered(common(), number(self._id(elem)), number(length)) + b"\0"
            case Slice(elem):
                return uint(2) + numbered(common(), number(self._id(elem))) + b"\0"
            case Struct():
                fields = [numbered(sized(n.encode()), number(self._id(t))) for n, t in kind.fields.items()]
                listed = uint(len(fields)) + b"".join(fields) if fields else b""
                return uint(3) + numbered(common(kind.name), listed) + b"\0"
            case Map(key, elem):
                return uint(4) + numbered(common(), number(self._id(key)), number(self._id(elem))) + b"\0"
            case SelfEncoding(name, binary):
                return uint(6 if binary else 5) + numbered(common(name)) + b"\0"
            case _:
                raise GobError("a type that has no definition")

    # -- values

    def _top(self, kind: Type, value: Any) -> bytes:
        self._id(kind)
        return self._value(kind, value) if isinstance(kind, Struct) else b"\0" + self._value(kind, value)

    def _value(self, kind: Type, value: Any) -> bytes:
        if isinstance(kind, Basic):
            return self._basic(kind.id, value)
        match kind:
            case Struct():
                return self._struct(kind, value)
            case Slice(elem):
                return uint(len(value)) + b"".join([self._value(elem, item) for item in value])
            case Array(elem, length):
                if len(value) != length:
                    raise GobError("an array of another length")
                return uint(length) + b"".join([self._value(elem, item) for item in value])
            case Map(key, elem):
                items = value.items if isinstance(value, Pairs) else list(value.items())
                written = [self._value(key, k) + self._value(elem, v) for k, v in items]
                return uint(len(written)) + b"".join(written)
            case SelfEncoding():
                return sized(value.data if isinstance(value, Opaque) else value)

    def _struct(self, kind: Struct, value: dict[str, Any]) -> bytes:
        unknown = value.keys() - kind.fields.keys()
        if unknown:
            raise GobError(f"{kind.name} has no field {min(unknown)}")
        out, skipped = [], 1
        for name, of in kind.fields.items():
            item = value.get(name)
            if _is_zero(of, item):
                skipped += 1
                continue
            out += [uint(skipped), self._value(of, item)]
            skipped = 1
        return b"".join(out) + b"\0"

    def _basic(self, type_id: int, value: Any) -> bytes:
        if type_id == INTERFACE:
            return self._interface(value)
        if type_id == FLOAT:
            return _float(value)
        if type_id == COMPLEX:
            return _float(value.real) + _float(value.imag)
        return _WRITE[type_id](value)

    def _interface(self, value: Any) -> bytes:
        if value is None:
            return b"\0"
        if not isinstance(value, Interface):
            value = Interface(*_named(value))
        kind = REGISTERED.get(value.name)
        if kind is None:
            raise GobError(f"nothing is registered as {value.name}")
        type_id = self._id(kind)
        return sized(value.name.encode()) + integer(type_id) + sized(self._top(kind, value.value))


def _named(value: Any) -> tuple[str, Any]:
    """Python's own types under the names of Go's."""
    if isinstance(value, bool):
        return "bool", value
    for kind, name in ((str, "string"), (int, "int64"), (float, "float64"), (bytes, "[]uint8")):
        if isinstance(value, kind):
            return name, value
    if isinstance(value, dict):
        return "map[string]interface {}", value
    if isinstance(value, list):
        return "[]interface {}", value
    raise GobError(f"{type(value).__name__} can't be sent in an interface")


def _is_zero(kind: Type, value: Any) -> bool:
    """Zero values are not sent as fields; an empty map that is there is."""
    if value is None:
        return True
    if isinstance(kind, (Struct, Array, SelfEncoding)):
        return False
    if isinstance(kind, Map):
        return False
    if isinstance(kind, Slice):
        return len(value) == 0
    if kind.id == INTERFACE:
        return False
    return bool(value == 0 if not isinstance(value, (str, bytes)) else not value)


def _float(value: float) -> bytes:
    return uint(int.from_bytes(struct.pack("<d", value), "big"))


def _bool(value: bool) -> bytes:
    if not isinstance(value, bool):
        raise GobError("a bool is wanted")
    return b"\1" if value else b"\0"


def _number(write: Callable[[int], bytes]) -> Callable[[int], bytes]:
    def written(value: int) -> bytes:
        if isinstance(value, bool) or not isinstance(value, int):
            raise GobError("a whole number is wanted")
        return write(value)

    return written


def _text(value: str) -> bytes:
    return sized(value.encode("utf-8", "surrogateescape"))


_WRITE: dict[int, Callable[[Any], bytes]] = {
    BOOL.id: _bool,
    INT.id: _number(integer),
    UINT.id: _number(uint),
    BYTES.id: lambda value: sized(bytes(value)),
    STRING.id: _text,
}
