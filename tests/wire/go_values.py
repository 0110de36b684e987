"""Values of the Go fixtures: JSON with marks (see tests/wire/protocol/README.md) compared with what was decoded."""

import math
from typing import Any

from plugin.runtime.gob import Interface, Opaque, Pairs


def differs(expected: Any, got: Any, where: str = "") -> str:
    """Where and how they differ; empty if they do not. `got` is None for what was not on the wire."""
    if isinstance(expected, dict):
        marked = next((key for key in expected if key.startswith("$")), "")
        return _MARKS[marked](expected, got, where) if marked else _struct(expected, got, where)
    if expected is None or expected in (False, 0, "", []):
        zero = got is None or got in (0, "", [], b"") or (isinstance(got, dict) and not got)
        return "" if zero else f"{where}: {got!r} is no zero"
    if isinstance(expected, list):
        if not isinstance(got, list) or len(got) != len(expected):
            return f"{where}: {got!r} is no list of {len(expected)}"
        return _first(differs(e, g, f"{where}[{n}]") for n, (e, g) in enumerate(zip(expected, got, strict=True)))
    same = type(expected) is type(got) and expected == got
    return "" if same else f"{where}: {expected!r} is not {got!r}"


def _first(found: Any) -> str:
    return next((text for text in found if text), "")


def _struct(expected: dict[str, Any], got: Any, where: str) -> str:
    if got is None:
        got = {}
    if not isinstance(got, dict):
        return f"{where}: {got!r} is no struct"
    if extra := got.keys() - expected.keys():
        return f"{where}: has {extra} too"
    return _first(differs(value, got.get(name), f"{where}.{name}") for name, value in expected.items())


def _map(expected: dict[str, Any], got: Any, where: str) -> str:
    pairs = got.items if isinstance(got, Pairs) else list((got or {}).items())
    wanted = list(expected["$map"])
    if len(pairs) != len(wanted):
        return f"{where}: {len(pairs)} entries, not {len(wanted)}"
    for key, value in wanted:
        if all(differs(key, k) or differs(value, v) for k, v in pairs):
            return f"{where}: no entry {key!r}"
    return ""


def _interface(expected: dict[str, Any], got: Any, where: str) -> str:
    if not isinstance(got, Interface) or got.name != expected["$interface"]:
        return f"{where}: {got!r} is no {expected['$interface']}"
    return differs(expected["value"], got.value, where)


def _bytes(expected: dict[str, Any], got: Any, where: str) -> str:
    wanted = bytes.fromhex(expected["$bytes"])
    if isinstance(got, Opaque):
        got = got.data
    return "" if (got or b"") == wanted else f"{where}: {got!r} is not {wanted!r}"


def _opaque(expected: dict[str, Any], got: Any, where: str) -> str:
    if got is None:
        return "" if expected.get("zero") else f"{where}: is missing"
    wanted = bytes.fromhex(expected["bytes"])
    return "" if isinstance(got, Opaque) and got.data == wanted else f"{where}: {got!r} is not {wanted!r}"


def _float(expected: dict[str, Any], got: Any, where: str) -> str:
    wanted = float(expected["$float"].replace("Inf", "inf"))
    if got is None:
        return "" if wanted == 0 else f"{where}: is missing"
    same = math.isnan(got) if math.isnan(wanted) else (got, math.copysign(1, got)) == (wanted, math.copysign(1, wanted))
    return "" if same else f"{where}: {got!r} is not {wanted!r}"


def _complex(expected: dict[str, Any], got: Any, where: str) -> str:
    parts = ((got or 0j).real, (got or 0j).imag)
    return _first(differs(e, g, where) for e, g in zip(expected["$complex"], parts, strict=True))


def _string(expected: dict[str, Any], got: Any, where: str) -> str:
    wanted = bytes.fromhex(expected["$string_hex"])
    same = isinstance(got, str) and got.encode("utf-8", "surrogateescape") == wanted
    return "" if same else f"{where}: {got!r} is not {wanted!r}"


_MARKS: dict[str, Any] = {
    "$map": _map,
    "$interface": _interface,
    "$bytes": _bytes,
    "$time": _opaque,
    "$url": _opaque,
    "$opaque": _opaque,
    "$float": _float,
    "$complex": _complex,
    "$string_hex": _string,
}
