"""Who decides: whoever wants least."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.consent import GRACE_MS, Level, Who, Wishes, decide, locked_by

ORDER = [Level.OFF, Level.BASE, Level.STATISTICS, Level.USAGE]
levels = st.sampled_from(list(Level))
NOW = 10 * GRACE_MS
wishes = st.builds(
    Wishes,
    do_not_track=st.booleans(),
    environment=levels,
    server_allows=st.booleans(),
    console=levels,
    administrator=levels,
    noticed_at=st.integers(0, NOW),
)


@given(wishes)
def test_nobody_gets_more_than_anybody_allows(said: Wishes) -> None:
    level = decide(said, NOW).level
    for one in (said.environment, said.console, said.administrator):
        assert one is Level.UNDECIDED or ORDER.index(level) <= ORDER.index(one)
    if said.do_not_track or not said.server_allows:
        assert level is Level.OFF


@given(wishes)
def test_who_is_not_locked_gets_what_they_choose(said: Wishes) -> None:
    for wanted in ORDER:
        chosen = Wishes(
            do_not_track=said.do_not_track,
            environment=said.environment,
            server_allows=said.server_allows,
            console=said.console,
            administrator=wanted,
        )
        if locked_by(said, wanted) is None:
            assert decide(chosen, NOW).level is wanted
        else:
            assert ORDER.index(decide(chosen, NOW).level) < ORDER.index(wanted)


def test_off_can_always_be_had() -> None:
    assert locked_by(Wishes(environment=Level.USAGE, console=Level.USAGE), Level.OFF) is None


@pytest.mark.parametrize(
    ("said", "level", "who"),
    [
        (Wishes(), Level.OFF, Who.NOBODY),
        (Wishes(environment=Level.USAGE), Level.USAGE, Who.ENVIRONMENT),
        (Wishes(environment=Level.USAGE, do_not_track=True), Level.OFF, Who.DO_NOT_TRACK),
        (Wishes(environment=Level.USAGE, server_allows=False), Level.OFF, Who.MATTERMOST),
        (Wishes(environment=Level.OFF, console=Level.USAGE), Level.OFF, Who.ENVIRONMENT),
        (Wishes(environment=Level.BASE, administrator=Level.USAGE), Level.BASE, Who.ENVIRONMENT),
        (Wishes(environment=Level.USAGE, administrator=Level.OFF), Level.OFF, Who.ADMINISTRATOR),
        (Wishes(console=Level.STATISTICS), Level.STATISTICS, Who.CONSOLE),
        (Wishes(administrator=Level.USAGE), Level.USAGE, Who.ADMINISTRATOR),
        (Wishes(noticed_at=NOW - GRACE_MS + 1), Level.OFF, Who.NOBODY),
        (Wishes(noticed_at=NOW - GRACE_MS), Level.USAGE, Who.NOTICE),
        (Wishes(noticed_at=1, administrator=Level.OFF), Level.OFF, Who.ADMINISTRATOR),
    ],
)
def test_who_has_decided(said: Wishes, level: Level, who: Who) -> None:
    decision = decide(said, NOW)
    assert (decision.level, decision.who) == (level, who)
    assert decision.is_open is (who is Who.NOBODY)


def test_levels_contain_each_other() -> None:
    assert [other for other in Level if Level.STATISTICS.allows(other)] == [Level.BASE, Level.STATISTICS]
    assert not [other for other in Level if Level.OFF.allows(other) or Level.UNDECIDED.allows(other)]
