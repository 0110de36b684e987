"""Equal ids stay equal; another salt makes all others; nothing comes through."""

import re

from hypothesis import given
from hypothesis import strategies as st

from telemetry.pseudonyms import Pseudonyms

ids = st.from_regex(r"[a-z0-9]{26}", fullmatch=True)


@given(ids, ids)
def test_equal_things_stay_equal_and_others_others(one: str, other: str) -> None:
    names = Pseudonyms(b"salt")
    assert (names.of(one) == names.of(other)) == (one == other)
    assert names.of(one) == Pseudonyms(b"salt").of(one) != Pseudonyms(b"another").of(one)
    assert re.fullmatch(r"[a-z0-9]{26}", names.of(one))
    assert names.of(one) != one


def test_nothing_stays_nothing() -> None:
    assert Pseudonyms(b"salt").of("") == ""


def test_what_is_remembered_is_bounded() -> None:
    names = Pseudonyms(b"salt")
    first = names.of("0" * 26)
    for number in range(25_000):
        names.of(f"{number:026d}")
    assert len(names._known) <= 20_001
    assert names.of("0" * 26) == first
