"""What a property may be; what is not that is left out and counted, and raises in our own tests."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.check import Fault, checker
from telemetry.events import IncidentAction, Kind, PlaybookAction, PlaybookEvent, Property
from telemetry.registry import DEFINITIONS
from telemetry.switch import Collected, Switch
from telemetry.testing import SpyTracker, assert_tracked, strictly, tracked
from tests.plans import plan

anything = st.one_of(
    st.text(), st.integers(), st.booleans(), st.none(), st.floats(), st.lists(st.text()),
    st.dictionaries(st.text(), st.text()),
)  # fmt: skip


@given(anything)
def test_no_kind_lets_text_through(value: Any) -> None:
    """Whatever string is let through is an id, a choice, a day, a version or a uuid; never free text."""
    for kind in Kind:
        one = Property("X", kind, "", ("a", "b") if kind in (Kind.CHOICE, Kind.CHOICES) else ())
        if checker(one)(value) and isinstance(value, str):
            assert value in ("", "a", "b") or all(sign in "0123456789abcdefghijklmnopqrstuvwxyz.-" for sign in value)
            assert len(value) <= 36


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (Kind.ID, ["", "a" * 26, "0" * 26], ["a" * 25, "A" * 26, "a b", None, 1, "a" * 26 + "\n"]),
        (Kind.FLAG, [True, False], [0, 1, "true", None]),
        (Kind.COUNT, [0, 1_000_000], [-1, 1_000_001, True, 1.0, "1"]),
        (Kind.PLACE, [-1, 0], [-2, None]),
        (Kind.MILLISECONDS, [0, 1_700_000_000_000], [-1, 10**15, 1.5]),
        (Kind.DAY, ["2026-01-31", ""], ["2026-1-31", "yesterday"]),
        (Kind.VERSION, ["5.35.4", "0"], ["5.35.4-rc1", "v5", ""]),
        (Kind.UUID, ["01a1feb9-aeb2-7c02-9bff-73bbf56e79aa"], ["", "x"]),
    ],
)
def test_kinds(kind: Kind, good: list[Any], bad: list[Any]) -> None:
    holds = checker(Property("X", kind, ""))
    assert all(holds(value) for value in good)
    assert not any(holds(value) for value in bad)


def playbook(**changes: Any) -> PlaybookEvent:
    fields: dict[str, Any] = {
        "message_id": "m", "at": 1, "user_id": "u" * 26, "action": PlaybookAction.CREATE, "playbook_id": "p" * 26,
        "team_id": "t" * 26, "num_stages": 1, "num_tasks": 1, "is_public": True, "num_members": 1,
        "num_slash_commands": 0,
    }  # fmt: skip
    return PlaybookEvent(**(fields | changes))


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"team_id": "Platform team"}, "playbook/create TeamID"),
    ({"num_members": -1}, "playbook/create NumMembers"),
    ({"is_public": "yes"}, "playbook/create IsPublic"),
    ({"action": IncidentAction.END}, "unknown event"),
    ({"action": "leak"}, "unknown event"),
]


@pytest.mark.parametrize(("changes", "said"), WRONG)
def test_what_was_not_declared_is_left_out_and_counted(changes: dict[str, Any], said: str) -> None:
    """Never raised into whoever counts; what is kept names the property, not its value."""
    switch, collected = Switch(), Collected()
    switch.turn_on(plan())
    switch.tracker(collected).track(playbook(**changes))
    assert (collected.events, collected.refused) == ([], Counter({said: 1}))


@pytest.mark.parametrize(("changes", "said"), WRONG)
def test_in_our_own_tests_it_raises(changes: dict[str, Any], said: str) -> None:
    switch = Switch()
    switch.turn_on(plan())
    with strictly(), pytest.raises(Fault, match=said.split(maxsplit=1)[0]):
        switch.tracker(Collected()).track(playbook(**changes))
    with pytest.raises(Fault):
        SpyTracker().track(playbook(**changes))


def test_track_never_raises_whatever_it_is_given() -> None:
    switch, collected = Switch(), Collected()
    switch.turn_on(plan())
    for nonsense in (None, 7, object(), "text"):
        switch.tracker(collected).track(nonsense)  # type: ignore[arg-type]
    assert collected.refused.total() == 4


def test_the_spy_and_the_matcher() -> None:
    spy = SpyTracker()
    spy.track(playbook())
    assert tracked("playbook", Action="create", NumMembers=1) in spy
    assert tracked("playbook", Action="delete") not in spy
    assert_tracked(spy, "playbook", TeamID="t" * 26)
    with pytest.raises(AssertionError, match="there 1 times, not 2"):
        assert_tracked(spy, "playbook", times=2)


def test_examples_are_as_declared() -> None:
    spy = SpyTracker()
    for one in DEFINITIONS:
        spy.track(one.sample("m", 1))
    assert len(spy.tracked) == len(DEFINITIONS)
