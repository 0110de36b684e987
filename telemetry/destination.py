"""Where things go, and what a request to there looks like. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol
from urllib.parse import urlsplit

from telemetry import wire
from telemetry.wire import Dialect


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A POST; `body` is gzipped JSON."""

    url: str
    body: bytes
    headers: Mapping[str, str]


class Destination(Protocol):
    """Somebody who takes what is stored."""

    @property
    def max_events(self) -> int:
        """How many a request may carry."""

    @property
    def fingerprint(self) -> str:
        """Of address and key: another one is another destination."""

    def request(self, payloads: Sequence[str], now: int) -> Request:
        """One attempt at `now` (ms)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataPlane:
    """Takes events: base URL and write key of a Rudder data plane, or of Segment."""

    max_events: ClassVar[int] = 250

    url: str
    write_key: str
    dialect: Dialect = Dialect.RUDDER

    @property
    def fingerprint(self) -> str:
        return _fingerprint(self.url, self.write_key)

    def request(self, payloads: Sequence[str], now: int) -> Request:
        return Request(
            url=f"{self.url.rstrip('/')}/v1/batch",
            body=wire.batch(payloads, now, self.dialect),
            headers=wire.headers(self.write_key),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneHome:
    """Takes the record of a day, one a request, at just this address."""

    max_events: ClassVar[int] = 1

    url: str

    @property
    def fingerprint(self) -> str:
        return _fingerprint(self.url, "")

    def request(self, payloads: Sequence[str], now: int) -> Request:
        body = f'{payloads[0][:-1]},"sentAt":"{wire.iso(now)}"}}'
        return Request(url=self.url, body=wire.packed(body), headers=wire.headers())


def _fingerprint(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def refusal_of(url: str) -> str:
    """Why nothing is sent there, for administrators; empty if nobody on the way can read along."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "it is no address"
    if parts.scheme not in ("https", "http") or not host:
        return "it is no address"
    if parts.username is not None:
        return "it must not have a name or a password in it"
    if parts.scheme == "http" and not is_this_machine(host):
        return "plain http is for this machine only"
    return ""


def is_this_machine(host: str) -> bool:
    return host in ("127.0.0.1", "::1", "localhost")


def without_password(url: str) -> str:
    """As it may be shown."""
    head, at, rest = url.rpartition("@")
    return f"{head.partition('//')[0]}//…@{rest}" if at else url
