"""What a data plane's answer means. Pure. Source: the published Rudder gateway and Segment's pages on errors."""

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import Enum, auto


class Verdict(Enum):
    ACCEPTED = auto()
    BAD_BATCH = auto()
    """An event in it is not wanted, or it is too large."""
    REFUSED = auto()
    """The key, the address, or something in between: it will be the same for every batch."""
    LATER = auto()


_REFUSED = {401, 403, 404, 410, 501, 505}


def verdict_of(status: int) -> Verdict:
    """Of an HTTP status."""
    if 200 <= status < 300:
        return Verdict.ACCEPTED
    if status in (400, 413):
        return Verdict.BAD_BATCH
    if status in _REFUSED or 300 <= status < 400:  # a redirect is not followed: it could lead to another house
        return Verdict.REFUSED
    return Verdict.LATER


def wished_pause_ms(headers: Mapping[str, str], now: int) -> int:
    """How long a receiver wants to be left alone: Retry-After (seconds or a date), or X-RateLimit-Reset (seconds).

    0 if it does not say, or nothing that makes sense. `now` is ms since the epoch.
    """
    text = (headers.get("Retry-After") or headers.get("X-RateLimit-Reset") or "").strip()
    if text.isascii() and text.isdigit():
        return int(text[:9]) * 1000
    try:
        at = parsedate_to_datetime(text)
        aware = at if at.tzinfo else at.replace(tzinfo=UTC)
        return max(0, int(aware.timestamp() * 1000) - now)
    except (ValueError, OverflowError, TypeError):
        return 0
