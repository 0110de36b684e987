"""When a record is due, and that it can hold nothing else than what was declared."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.check import Fault
from telemetry.consent import Level
from telemetry.events import Kind
from telemetry.phone_home import DAILY, GROUPS, bounds, choice, days_due, integration, message_id, record, version

DAY_MS = 24 * 3600 * 1000


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("now", "minute", "since", "built", "due"),
    [
        ("2026-03-02T00:59", 60, "2026-02-20", [], [f"2026-02-{day}" for day in range(22, 29)]),
        ("2026-03-02T00:59", 60, "2026-03-01", [], []),
        ("2026-03-02T01:00", 60, "2026-03-01", [], ["2026-03-01"]),
        ("2026-03-02T01:00", 60, "2026-03-01", ["2026-03-01"], []),
        ("2026-03-02T01:00", 60, "2026-03-02T00:30", [], []),
        ("2026-03-02T23:00", 0, "2026-02-27T23:59", ["2026-02-28"], ["2026-02-27", "2026-03-01"]),
        ("2026-03-01T12:00", 0, "2027-01-01", [], []),
    ],
    ids=["a week at most", "before its minute", "at its minute", "once", "not for days before consent",
         "what is missing", "clock set back"],
)  # fmt: skip
def test_what_is_due(now: str, minute: int, since: str, built: list[str], due: list[str]) -> None:
    assert days_due(ms(now), minute, since=ms(since), built=built) == due


@given(st.integers(0, 4 * 10**12), st.integers(0, 1439), st.lists(st.integers(0, 40 * DAY_MS), max_size=30))
def test_however_often_it_is_asked_each_day_is_made_once_and_none_is_left_out(
    begin: int, minute: int, steps: list[int]
) -> None:
    built: list[str] = []
    now = begin
    for step in steps:
        now += step % (6 * DAY_MS)  # never away for a week
        built += days_due(now, minute, since=begin, built=built)
    assert built == sorted(set(built))
    if built:
        span = (bounds(built[-1])[0] - bounds(built[0])[0]) // DAY_MS
        assert len(built) == span + 1


def test_a_day_has_one_id() -> None:
    one, other = "48eae5bb-536f-43dc-bb48-ce81143de7ce", "58eae5bb-536f-43dc-bb48-ce81143de7ce"
    assert message_id(one, "2026-03-01") == message_id(one, "2026-03-01")
    assert len({message_id(i, d) for i in (one, other) for d in ("2026-03-01", "2026-03-02")}) == 4


_VALUES: dict[Kind, Any] = {
    Kind.ID: "a" * 26, Kind.FLAG: True, Kind.COUNT: 5, Kind.MILLISECONDS: 1, Kind.SECONDS: 1, Kind.DAY: "2026-03-01",
    Kind.VERSION: "1.2", Kind.UUID: "48eae5bb-536f-43dc-bb48-ce81143de7ce", Kind.CHOICES: [],
}  # fmt: skip


def found() -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for group in GROUPS:
        one = {p.name: p.values[0] if p.kind is Kind.CHOICE else _VALUES[p.kind] for p in group.properties}
        whole[group.name] = [one] if group.many else one
    return whole


@pytest.mark.parametrize(
    ("level", "groups"),
    [
        (Level.BASE, set()),
        (Level.STATISTICS, {"instance", "totals", "telemetry"}),
        (Level.USAGE, {"instance", "totals", "telemetry", "organizations", "teams", "users", "incidents", "playbooks"}),
    ],
)
def test_each_level_has_its_groups(level: Level, groups: set[str]) -> None:
    made = record(level, found())
    assert set(made) - {p.name for p in GROUPS[0].properties} == groups


def test_what_is_not_declared_is_left_out_and_what_is_wrong_is_refused() -> None:
    facts = found()
    facts["incidents"][0]["name"] = "Database is down"
    assert "Database" not in str(record(Level.USAGE, facts))
    facts["incidents"][0]["teamId"] = "Database is down"
    with pytest.raises(Fault, match="phone_home incidents teamId"):
        record(Level.USAGE, facts)


def test_counts_are_bounded_and_lists_too() -> None:
    facts = found()
    facts["totals"]["tasks"] = 10**9
    facts["playbooks"] *= 6_000
    made = record(Level.USAGE, facts)
    assert made["totals"]["tasks"] == 1_000_000
    assert len(made["playbooks"]) == 5_000


def test_there_is_no_group_that_could_hold_text() -> None:
    for group in GROUPS:
        for one in group.properties:
            assert one.kind is not Kind.CHOICE or one.values, one.name
            assert "name" not in one.name.lower() or one.kind is not Kind.ID


@given(st.text())
def test_of_what_people_write_only_a_choice_is_left(text: str) -> None:
    assert integration(text) in GROUPS[1].properties[2].values
    assert choice(text, ("a",)) in ("a", "other")
    assert set(version(text)) <= set("0123456789.")


def test_commands() -> None:
    assert integration("/jira create Secret project") == "jira"
    assert integration("/echo hello") == "mattermost"
    assert integration("/ourtool") == integration("") == "other"


def test_daily_counts_are_of_events_that_there_are() -> None:
    from telemetry.registry import DEFINITIONS  # noqa: PLC0415

    assert set(DAILY) <= {one.key for one in DEFINITIONS}
