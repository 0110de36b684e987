"""The API is asked everything that its own OpenAPI page allows, and much that it does not: never a 5xx, never an answer
that is not on the page.
"""

import asyncio
import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import CHECKS
from schemathesis.generation import GenerationMode

from plugin.api import openapi
from plugin.api.routes import ROUTES
from plugin.demo import demo
from plugin.settings import Settings
from tests.databases import on_postgres
from tests.people import API, Person, log_in
from tests.storms.harness import FULL

pytestmark = pytest.mark.storm

EXAMPLES = 100 if FULL else 6
_OF_HTTP = ("transfer-encoding", "content-length", "connection", "upgrade", "expect", "host")
"""Made up, these break the request itself; what answers then is the web server, not the API."""
WANTED = ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"]
schema = schemathesis.openapi.from_dict(openapi.document(ROUTES))


class Target:
    """A demo on a thread of its own, with an incident and a playbook that requests can hit."""

    def __init__(self, folder: Path, store: dict[str, Any]) -> None:
        self._folder = folder
        self._store = store
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._run()))
        self.base = self.token = self.admin_token = ""
        self.known: dict[str, list[str]] = {}

    def __enter__(self) -> "Target":
        self._thread.start()
        assert self._ready.wait(30)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(30)
        self._loop.close()

    async def _run(self) -> None:
        chosen = Settings().model_copy(update=self._store)
        async with (
            demo(chosen, host="127.0.0.1", port=0, data=self._folder) as base,
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
        ):
            self.base = base
            await self._prepare(await log_in(http, base, "alice"))
            self.admin_token = (await log_in(http, base, "sysadmin")).token
            self._ready.set()
            await self._stop.wait()

    async def _prepare(self, alice: Person) -> None:
        self.token = alice.token
        incidents = [await alice.start(f"Fuzz {number}") for number in range(3)]
        self.known = {
            "id": [*(one["id"] for one in incidents), await alice.playbook()],
            "channel_id": [one["channel_id"] for one in incidents],
            "stage": ["0", "1", incidents[0]["checklists"][0]["id"]],
            "task": ["0", "1", incidents[0]["checklists"][0]["items"][0]["id"]],
            "team_id": [incidents[0]["team_id"]],
            "commander_user_id": [alice.id],
            "commander_id": [alice.id],
            "assignee_id": [alice.id],
            "user_id": [alice.id],
            "playbook_id": [await alice.playbook()],
        }


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    store = on_postgres(request.getfixturevalue("postgres_url")) if request.param == "postgresql" else {}
    with Target(tmp_path_factory.mktemp("fuzz"), store) as running:
        yield running


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["allowed", "not allowed"])
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_any_request_gets_a_documented_answer(target: Target, route: openapi.Route, mode: GenerationMode) -> None:
    operation = schema[route.path][route.method]
    aims = random.Random(route.path)

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(mode))
    def ask(case: Any) -> None:
        for part in (case.path_parameters, case.query, case.body):
            _aim(part, target.known, aims)
        for name in [name for name in case.headers or () if name.lower() in _OF_HTTP]:
            del case.headers[name]
        token = target.admin_token if route.path.startswith("/telemetry") else target.token
        answer = case.call(base_url=f"{target.base}{API}", headers={"Authorization": f"Bearer {token}"})
        case.validate_response(answer, checks=CHECKS.get_by_names(WANTED))

    ask()


def _aim(part: Any, known: dict[str, list[str]], aims: random.Random) -> None:
    """Most of the time at something that is there: else nearly every answer would be 404."""
    for name in part if isinstance(part, dict) else ():
        if name in known and aims.random() < 0.8:
            part[name] = aims.choice(known[name])
