"""What answers mean, and every way to say "later"."""

import pytest

from telemetry.destination import refusal_of, without_password
from telemetry.proxy import proxy_for
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
        ({"Retry-After": "Mon, 01 Jan 2024 00:00:00 +99999999999999999999"}, 0),
        ({"Retry-After": "Mon, 99999999999999999999 Jan 2024 00:00:00 GMT"}, 0),
        ({"Retry-After": "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"}, 0),
    ],
)
def test_pauses(headers: dict[str, str], pause: int) -> None:
    assert wished_pause_ms(headers, NOW) == pause


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://rudder.example", ""),
        ("http://127.0.0.1:8080", ""),
        ("http://[::1]:8080", ""),
        ("http://localhost/x", ""),
        ("http://rudder.example", "plain http is for this machine only"),
        ("http://127.0.0.1.example", "plain http is for this machine only"),
        ("http://localhost@rudder.example", "it must not have a name or a password in it"),
        ("https://name:secret@rudder.example", "it must not have a name or a password in it"),
        ("http://rudder.example\\@127.0.0.1/", "it must not have a name or a password in it"),
        ("ftp://127.0.0.1", "it is no address"),
        ("rudder.example", "it is no address"),
        ("https://", "it is no address"),
        ("https://[bad", "it is no address"),
        ("https://rudder.example:x", "it is no address"),
        ("", "it is no address"),
    ],
)
def test_where_nothing_is_sent(url: str, why: str) -> None:
    assert refusal_of(url) == why


def test_a_password_is_not_shown() -> None:
    assert without_password("https://name:secret@rudder.example/x") == "https://…@rudder.example/x"
    assert without_password("https://rudder.example/x") == "https://rudder.example/x"


PROXIES = {"https_proxy": "http://proxy.example:3128", "http_proxy": "http://proxy.example:3128"}


@pytest.mark.parametrize(
    ("url", "no_proxy", "proxy"),
    [
        ("https://rudder.example", "", "http://proxy.example:3128"),
        ("https://rudder.example", "rudder.example", None),
        ("https://rudder.example:8443", ".example", None),
        ("http://127.0.0.1:8080", "", None),
        ("http://localhost:8080", "", None),
        ("http://[::1]:8080", "", None),
    ],
)
def test_the_environments_proxies_but_never_to_this_machine(
    url: str, no_proxy: str, proxy: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**PROXIES, "no_proxy": no_proxy}.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(url) == proxy
