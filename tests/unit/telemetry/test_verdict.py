"""What answers mean, and every way to say "later"."""

import pytest

from telemetry.destination import is_private_way
from telemetry.verdict import Verdict, verdict_of, wished_pause_ms

NOW = 1_700_000_000_000


@pytest.mark.parametrize(
    ("statuses", "verdict"),
    [
        ((200, 202, 204), Verdict.ACCEPTED),
        ((400, 413), Verdict.BAD_BATCH),
        ((301, 302, 307, 401, 403, 404, 410, 501, 505), Verdict.REFUSED),
        ((408, 425, 429, 451, 460, 500, 502, 503, 504, 599), Verdict.LATER),
    ],
)
def test_statuses(statuses: tuple[int, ...], verdict: Verdict) -> None:
    assert {verdict_of(status) for status in statuses} == {verdict}


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({}, 0),
        ({"Retry-After": "120"}, 120_000),
        ({"X-RateLimit-Reset": "7"}, 7_000),
        ({"Retry-After": "Tue, 14 Nov 2023 22:14:20 GMT"}, 60_000),
        ({"Retry-After": "Tue, 14 Nov 2023 22:00:00 GMT"}, 0),
        ({"Retry-After": "soon"}, 0),
        ({"Retry-After": "-5"}, 0),
        ({"Retry-After": "1e9"}, 0),
        ({"Retry-After": "²"}, 0),
        ({"Retry-After": "9" * 400}, 999_999_999_000),
    ],
)
def test_pauses(headers: dict[str, str], pause: int) -> None:
    assert wished_pause_ms(headers, NOW) == pause


@pytest.mark.parametrize(
    ("url", "private"),
    [
        ("https://rudder.example", True),
        ("http://127.0.0.1:8080", True),
        ("http://[::1]:8080", True),
        ("http://localhost/x", True),
        ("http://rudder.example", False),
        ("http://127.0.0.1.example", False),
        ("http://localhost@rudder.example", False),
        ("ftp://127.0.0.1", False),
        ("rudder.example", False),
        ("", False),
    ],
)
def test_plain_http_is_for_this_machine(url: str, private: bool) -> None:
    assert is_private_way(url) is private
