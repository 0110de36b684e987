"""What people type can neither format the bot's posts nor ping anybody."""

import re

from hypothesis import given
from hypothesis import strategies as st

from incidents import texts

PING = re.compile(r"@\w")


@given(st.text())
def test_plain_text_is_one_line_without_markup_or_mention(text: str) -> None:
    plain = texts.plain(text)
    assert plain
    assert "\n" not in plain
    assert not set("*_~`#|>[]\\!") & set(plain)
    assert not PING.search(plain)
    assert len(plain) <= 2 * 200


@given(st.text(alphabet="%sd@ab \n>", max_size=200))
def test_every_line_of_a_quote_is_quoted(message: str) -> None:
    """Blank lines too, so that the quote does not end early."""
    told = texts.started("alice", "Down", quote=message, permalink="http://x/pl/1")
    body = told.split(":\n\n", 1)[1] if message else ""
    assert all(line.startswith("> ") for line in body.splitlines())
    assert len(PING.findall(told.replace("@alice", ""))) == 0


def test_a_percent_sign_stays_what_it_is() -> None:
    assert texts.task_checked("50% done %s") == "checked off **50% done %s**"


def test_posts_of_one_person_are_a_list_in_order() -> None:
    assert texts.merged("@bob", ["a"]) == "@bob a."
    assert texts.merged("@bob", ["a", "b"]) == "@bob:\n- a\n- b"
    assert texts.merged("", ["a"]) == "a"
