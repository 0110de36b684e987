"""Streams of Go with some bytes changed, cut or put in: read, or refused with GobError; nothing else, and soon."""

import json
import random
from pathlib import Path

import pytest

from plugin.runtime.gob import Decoder, GobError
from tests.storms.harness import FULL

pytestmark = pytest.mark.storm

STREAMS = 100_000 if FULL else 4_000
FIXTURES = sorted((Path(__file__).parent.parent / "wire" / "protocol" / "gob").glob("*.json"))


def mutated(stream: bytes, chance: random.Random) -> bytes:
    data = bytearray(stream)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data) + 1)
        what = chance.randrange(4)
        if what == 0 and at < len(data):
            data[at] = chance.randrange(256)
        elif what == 1:
            del data[at : at + chance.randint(1, 8)]
        elif what == 2:
            data[at:at] = chance.randbytes(chance.randint(1, 8))
        else:
            data[at:at] = data[: chance.randint(0, 40)]
    return bytes(data)


def test_changed_streams_are_read_or_refused() -> None:
    chance = random.Random(1)
    streams = [bytes.fromhex(json.loads(path.read_text())["gob_hex"]) for path in FIXTURES]
    short = [stream for stream in streams if len(stream) < 4_000]
    read = refused = 0
    for _ in range(STREAMS):
        try:
            for _value in Decoder().values(mutated(chance.choice(short), chance)):
                read += 1
        except GobError:
            refused += 1
    print(f"\n{STREAMS} streams: {refused} refused, {read} values read")
    assert refused > STREAMS // 2
