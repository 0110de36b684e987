"""Types of what is sent. A receiver in Go matches struct fields by name, so a subset of a Go struct is enough."""

from dataclasses import dataclass, field

from plugin.runtime.gob import decode


@dataclass(frozen=True, slots=True, eq=False)
class Basic:
    id: int


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    elem: "Type"


@dataclass(frozen=True, slots=True, eq=False)
class Map:
    key: "Type"
    elem: "Type"


@dataclass(frozen=True, slots=True, eq=False)
class Array:
    elem: "Type"
    length: int


@dataclass(frozen=True, slots=True, eq=False)
class SelfEncoding:
    """A GobEncoder or BinaryMarshaler of Go: its bytes are made by whoever sends it."""

    name: str
    binary: bool = False


@dataclass(slots=True, eq=False)
class Struct:
    """Fields in the order in which they are sent; they can be filled in later, for types that hold themselves."""

    name: str
    fields: dict[str, "Type"] = field(default_factory=dict)


Type = Basic | Slice | Map | Array | SelfEncoding | Struct

BOOL = Basic(decode.BOOL)
INT = Basic(decode.INT)
UINT = Basic(decode.UINT)
FLOAT = Basic(decode.FLOAT)
BYTES = Basic(decode.BYTES)
STRING = Basic(decode.STRING)
COMPLEX = Basic(decode.COMPLEX)
INTERFACE = Basic(decode.INTERFACE)

STRINGS = Slice(STRING)
ANY_MAP = Map(STRING, INTERFACE)
ANY_LIST = Slice(INTERFACE)

REGISTERED: dict[str, Type] = {
    "bool": BOOL,
    "int": INT,
    "int64": INT,
    "uint": UINT,
    "float64": FLOAT,
    "string": STRING,
    "[]uint8": BYTES,
    "[]string": STRINGS,
    "map[string]interface {}": ANY_MAP,
    "[]interface {}": ANY_LIST,
}
"""What may be inside an interface, by the name that Go's gob registers; models add theirs."""
