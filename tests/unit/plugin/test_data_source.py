"""Mattermost's data source, as an administrator may have written it."""

import pytest

from plugin.host.data_source import translated
from plugin.storage.postgres import connection_arguments

IGNORED = ("connect_timeout",)
"""Ours to choose."""


@pytest.mark.parametrize(
    ("source", "wanted", "left_out"),
    [
        (
            "postgres://mmuser:mostest@localhost:5432/mattermost?sslmode=disable&connect_timeout=10&binary_parameters=yes",
            {"user": "mmuser", "password": "mostest", "host": "localhost", "port": "5432", "dbname": "mattermost",
             "sslmode": "disable", "connect_timeout": "10"},
            (),
        ),
        (
            "postgres://mm%40user:p%40ss%2F%3Aw%25rd@db.example.com/mm?sslmode=verify-full&sslrootcert=/etc/ca.pem",
            {"user": "mm@user", "password": "p@ss/:w%rd", "host": "db.example.com", "dbname": "mm",
             "sslmode": "verify-full", "sslrootcert": "/etc/ca.pem"},
            (),
        ),
        (
            "postgresql://u@[::1]:6432/mm?statement_timeout=5000&search_path=x",
            {"user": "u", "host": "::1", "port": "6432", "dbname": "mm"},
            ("search_path", "statement_timeout"),
        ),
        (
            r"user=mm password='it\'s a \\ secret' host=/var/run/postgresql dbname=mm sslmode=require",
            {"user": "mm", "password": r"it's a \ secret", "host": "/var/run/postgresql", "dbname": "mm",
             "sslmode": "require"},
            (),
        ),
    ],
)  # fmt: skip
def test_it_means_the_same_to_our_driver(source: str, wanted: dict[str, str], left_out: tuple[str, ...]) -> None:
    found = translated(source)
    given = connection_arguments(found.url)
    assert {name: str(value) for name, value in given.items()} == {k: v for k, v in wanted.items() if k not in IGNORED}
    assert found.left_out == left_out


@pytest.mark.parametrize(
    "source", ["mmuser:mostest@tcp(localhost:3306)/mm", "mysql://u:secret@h/db", "user=secret", "", "postgres://h/"]
)
def test_what_is_none_is_refused_without_saying_what_is_in_it(source: str) -> None:
    with pytest.raises(ValueError, match="the data source") as refused:
        translated(source)
    assert "secret" not in str(refused.value)
    assert "mostest" not in str(refused.value)
