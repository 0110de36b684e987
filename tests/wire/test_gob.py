"""gob against streams made by Go: each decodes to its value, is encoded again, and what is broken is refused."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from plugin.runtime.gob import Decoder, Encoder, GobError, Truncated, encode, schema
from plugin.runtime.gob.decode import Definition
from plugin.runtime.gob.schema import Array, Basic, Map, SelfEncoding, Slice, Struct, Type
from tests.wire.go_values import differs

FOLDER = Path(__file__).parent / "protocol" / "gob"
FIXTURES = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
SOUND = [name for name, fixture in FIXTURES.items() if not fixture.get("error")]
BROKEN = [name for name, fixture in FIXTURES.items() if fixture.get("error")]


def expected(fixture: dict[str, Any]) -> list[Any]:
    if "values" in fixture:
        decoded = fixture.get("decoded_values") or fixture["values"]
        return list(decoded)
    return [fixture.get("decoded", fixture["value"])]


@pytest.mark.parametrize("name", SOUND)
def test_a_stream_of_go_is_read(name: str) -> None:
    fixture = FIXTURES[name]
    values = list(Decoder().values(bytes.fromhex(fixture["gob_hex"])))
    wanted = expected(fixture)
    assert len(values) == len(wanted)
    for value, one in zip(values, wanted, strict=True):
        assert differs(one, value) == ""


def schema_of(types: Mapping[int, Definition], type_id: int, known: dict[int, Type]) -> Type:
    """The schema of what a stream has defined."""
    if type_id < 64:
        return Basic(type_id)
    if type_id in known:
        return known[type_id]
    definition = types[type_id]
    if definition.kind == "struct":
        made = known[type_id] = Struct(definition.name)
        made.fields = {name: schema_of(types, of, known) for name, of in definition.fields}
        return made
    if definition.kind == "opaque":
        return SelfEncoding(definition.name)
    elem = schema_of(types, definition.elem, known)
    if definition.kind == "map":
        return Map(schema_of(types, definition.key, known), elem)
    return Array(elem, definition.length) if definition.kind == "array" else Slice(elem)


@pytest.mark.parametrize("name", SOUND)
def test_what_is_read_is_written_again(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By schemas made from the definitions of the stream itself."""
    fixture = FIXTURES[name]
    if name.startswith("quirk"):
        return  # Go does not write so either
    decoder, encoder, known = Decoder(), Encoder(), dict[int, Type]()
    stream = bytes.fromhex(fixture["gob_hex"])
    registered = dict(schema.REGISTERED)
    monkeypatch.setattr(encode, "REGISTERED", registered)
    out = b""
    for value in decoder.values(stream):
        for interface_name, type_id in decoder.interfaces.items():
            registered[interface_name] = schema_of(decoder.types, type_id, known)
        out += encoder.encode(schema_of(decoder.types, decoder.type_id, known), value)
    values = list(Decoder().values(out))
    for value, one in zip(values, expected(fixture), strict=True):
        assert differs(one, value) == ""
    if len(fixture.get("message_sizes", ())) == 1:
        assert out == stream, "without definitions there is but one way to write it"


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_stream_is_refused(name: str) -> None:
    """What is cut off is told from what is wrong; what only a receiver with types could refuse is accepted."""
    fixture = FIXTURES[name]
    stream = bytes.fromhex(fixture["gob_hex"])
    if fixture["kind"] in ("receiver", "registry"):
        assert list(Decoder().values(stream))
        return
    with pytest.raises(GobError) as refused:
        list(Decoder().values(stream))
    if fixture["kind"] == "truncated" and "empty" not in name:
        assert isinstance(refused.value, Truncated)
