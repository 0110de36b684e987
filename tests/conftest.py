"""Fixtures: a running demo in this process, and the people in it."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from plugin.demo import demo
from plugin.settings import Settings
from telemetry.testing import FakeCollector
from tests import postgres
from tests.live.server import prepared
from tests.people import Person, log_in

LogIn = Callable[[str], Awaitable[Person]]


@pytest.fixture
def settings() -> Settings:
    """What the demo of a test is started with; a module may override it."""
    return Settings()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL, for all the tests."""
    with postgres.running() as url:
        yield url


@pytest.fixture
def home() -> str:
    """Where the plugin runs; "native": in a process of its own, over Mattermost's plugin protocol."""
    return "sqlite"


@pytest.fixture
def store() -> dict[str, Any]:
    """The settings that choose the database; some folders override it to have each test on every kind."""
    return {}


@pytest.fixture
async def address(
    tmp_path: Path, settings: Settings, store: dict[str, Any], home: str, http: aiohttp.ClientSession
) -> AsyncIterator[str]:
    """The address of a demo that is this test's own, or of a real server with teams that are."""
    if home == "live":
        yield await prepared(http)
        return
    chosen, native = settings.model_copy(update=store), home == "native"
    async with demo(chosen, host="127.0.0.1", port=0, data=tmp_path, native=native) as base:
        yield base


@pytest.fixture
def key() -> str:
    """An Idempotency-Key that nobody has used; a real server remembers those of earlier tests."""
    return secrets.token_hex(8)


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield session


@pytest.fixture
async def alice(http: aiohttp.ClientSession, address: str) -> Person:
    return await log_in(http, address, "alice")


@pytest.fixture
async def bob(http: aiohttp.ClientSession, address: str) -> Person:
    return await log_in(http, address, "bob")


@pytest.fixture
async def carol(http: aiohttp.ClientSession, address: str) -> Person:
    return await log_in(http, address, "carol")


@pytest.fixture
async def dave(http: aiohttp.ClientSession, address: str) -> Person:
    return await log_in(http, address, "dave")


@pytest.fixture
async def sysadmin(http: aiohttp.ClientSession, address: str) -> Person:
    return await log_in(http, address, "sysadmin")


@pytest.fixture
async def collector() -> AsyncIterator[FakeCollector]:
    """A data plane that keeps what it gets."""
    async with FakeCollector().serving() as collector:
        yield collector
