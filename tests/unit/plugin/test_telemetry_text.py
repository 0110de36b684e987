"""What administrators read in chat fits into a post, and says so if it is not all."""

from typing import Any

import pytest

from plugin.reporting.text import preview_text, sent_text

LONG = {"rows": [{"id": "i" * 26, "count": number} for number in range(1_000)]}


@pytest.mark.parametrize(
    ("text", "command"),
    [
        (preview_text({"level": "usage", "events": [], "phone_home": LONG}), "preview"),
        (sent_text([{"at": 0, "to": "telemetry", "events": 1, "status": 200, "body": LONG}]), "tail"),
    ],
)
def test_what_is_too_long_says_where_the_rest_is(text: str, command: str) -> None:
    assert len(text) <= 16_000
    assert text.count("```") == 2
    assert text.endswith(f"All of it: `incident-response telemetry {command}`, on the command line.")


def test_what_fits_is_whole() -> None:
    record: dict[str, Any] = {"id": "x"}
    assert preview_text({"level": "base", "events": [], "phone_home": record}).endswith('{\n "id": "x"\n}\n```')
