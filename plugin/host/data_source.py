"""Mattermost's own database as ours: its data source, written for Go's driver, as a URL for ours."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from sqlalchemy import URL

_PLACES = ("user", "password", "host", "port", "dbname")
_SAME = frozenset(
    {"sslmode", "sslcert", "sslkey", "sslrootcert", "sslpassword", "connect_timeout", "target_session_attrs"}
)
"""Options that libpq knows by the same name."""
_GO_ONLY = frozenset(
    {"binary_parameters", "disable_prepared_binary_result", "application_name", "fallback_application_name"}
)
"""Options of Go's driver that mean nothing to ours, or that are ours to choose."""
_PAIR = re.compile(r"\s*(\w+)\s*=\s*('(?:[^'\\]|\\.)*'|(?:[^\s'\\]|\\.)+)")


@dataclass(frozen=True, slots=True)
class DataSource:
    """`left_out` are the names of options that were not understood."""

    url: URL
    left_out: tuple[str, ...]


def translated(source: str) -> DataSource:
    """Of the form `postgres://user:password@host/database?option=value`, or `user=... dbname=...`.

    Raises ValueError, which says nothing of what is in it.
    """
    options = _of_url(source) if "://" in source else _of_pairs(source)
    place = {name: options.pop(name, "") for name in _PLACES}
    if not place["dbname"]:
        raise ValueError("the data source names no database")
    if place["port"] and not place["port"].isdigit():
        raise ValueError("the data source's port is no number")
    query = {name: value for name, value in options.items() if name in _SAME}
    if place["host"].startswith("/"):  # a folder with a unix socket
        query["host"] = place.pop("host")
    url = URL.create(
        "postgresql",
        username=place["user"] or None,
        password=place["password"] or None,
        host=place.get("host") or None,
        port=int(place["port"]) if place["port"] else None,
        database=place["dbname"],
        query=query,
    )
    return DataSource(url, tuple(sorted(options.keys() - _SAME - _GO_ONLY)))


def _of_url(source: str) -> dict[str, str]:
    parts = urlsplit(source)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ValueError("the data source is not of PostgreSQL")
    place = {
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "host": unquote(parts.hostname or ""),
        "port": str(parts.port or ""),
        "dbname": unquote(parts.path.removeprefix("/")),
    }
    return {**place, **dict(parse_qsl(parts.query, keep_blank_values=True))}


def _of_pairs(source: str) -> dict[str, str]:
    options, at = {}, 0
    while source[at:].strip():
        found = _PAIR.match(source, at)
        if not found:
            raise ValueError("the data source can't be read")
        name, value = found.groups()
        options[name] = re.sub(r"\\(.)", r"\1", value[1:-1] if value.startswith("'") else value)
        at = found.end()
    return options
