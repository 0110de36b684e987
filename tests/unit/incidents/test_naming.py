"""Any name a person may give has a channel name that Mattermost takes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.errors import InvalidIncident
from incidents.naming import channel_name, check_name, with_suffix

VALID = re.compile(r"^[a-z0-9]+([a-z0-9_-]*[a-z0-9]+)$")


@given(st.text(min_size=1, max_size=64))
def test_channel_names_are_valid(name: str) -> None:
    """2 to 64 of a-z, 0-9 and -, also with a suffix."""
    slug = channel_name(name, lambda: "abcdefghijklmnopqrstuvwxyz")
    for made in (slug, with_suffix(slug, lambda: "abcdefghijklmnopqrstuvwxyz")):
        assert VALID.match(made)
        assert 2 <= len(made) <= 64


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Checkout is down!", "checkout-is-down"),
        ("Ünïcödé  5", "unicode-5"),
        ("--a-b--", "a-b"),
        ("!", "incident-abcdef"),
    ],
)
def test_names_are_recognisable(name: str, slug: str) -> None:
    assert channel_name(name, lambda: "abcdefgh") == slug


@given(st.text())
def test_a_checked_name_has_the_right_length_on_one_line(name: str) -> None:
    """Or it is refused, by field."""
    try:
        checked = check_name(name)
    except InvalidIncident as refusal:
        assert refusal.field == "name"
        return
    assert 2 <= len(checked) <= 64
    assert checked == " ".join(checked.split())
