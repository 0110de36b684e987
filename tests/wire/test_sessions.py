"""Whole connections recorded between a Mattermost and a plugin written in Go: every call in them is understood."""

import base64
import json
import struct
import zlib
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from plugin.runtime.gob import Decoder, Opaque
from tests.wire.go_values import differs

FOLDER = Path(__file__).parent / "protocol" / "sessions"
SESSIONS = sorted(path.stem for path in FOLDER.glob("*.json"))
HEADER = struct.Struct(">BBHII")


def stream_data(session: dict[str, Any]) -> dict[tuple[str, int], bytes]:
    """What each side has said on each stream."""
    whole: dict[str, bytes] = defaultdict(bytes)
    for chunk in session["chunks"]:
        packed = chunk.get("zlib_base64")
        data = zlib.decompress(base64.b64decode(packed)) if packed else bytes.fromhex(chunk["hex"])
        whole[chunk["from"]] += data
    said: dict[tuple[str, int], bytes] = defaultdict(bytes)
    for side, data in whole.items():
        at = 0
        while at + 12 <= len(data):
            _, kind, _, stream, length = HEADER.unpack(data[at : at + 12])
            at += 12
            if kind == 0:
                said[side, stream] += data[at : at + length]
                at += length
    return said


def uncut(expected: Any, got: Any) -> Any:
    """The expected value, with byte strings that were shortened in the file as long as they were."""
    if isinstance(expected, dict):
        if "cut_from" in expected:
            start, whole = bytes.fromhex(expected["$bytes"]), got.data if isinstance(got, Opaque) else got
            same = whole[: len(start)] == start and len(whole) == expected["cut_from"]
            return {"$bytes": whole.hex()} if same else expected
        inner = got.value if hasattr(got, "value") else got
        return {
            key: uncut(value, inner.get(key) if isinstance(inner, dict) and not key.startswith("$") else inner)
            for key, value in expected.items()
        }
    return expected


@pytest.mark.parametrize("name", SESSIONS)
def test_every_call_is_understood(name: str) -> None:
    session = json.loads((FOLDER / f"{name}.json").read_text())
    said = stream_data(session)
    other = {"host": "plugin", "plugin": "host"}
    calls: dict[tuple[str, int], list[tuple[int, int, str, Any, Any]]] = defaultdict(list)
    for call in session["rpc"]:
        begin, end = call["request_at"]
        calls[call["caller"], call["stream"]].append((begin, end, call["method"], call["args"], None))
        if "response_at" in call:
            begin, end = call["response_at"]
            calls[other[call["caller"]], call["stream"]].append(
                (begin, end, call["method"], call["result"], call["error"])
            )
    checked = 0
    for (side, stream), expected in calls.items():
        decoder, data = Decoder(), said[side, stream]
        for begin, end, method, value, error in sorted(expected, key=lambda one: one[0]):
            if end > len(data):
                continue  # the answer to Quit can be cut off by the end of the process
            head, body = list(decoder.values(data[begin:end]))
            assert (head["ServiceMethod"], head.get("Error", "")) == (method, error or "")
            if not error:
                assert differs(uncut(value, body), body) == "", method
            checked += 1
    assert checked >= len(session["rpc"])
