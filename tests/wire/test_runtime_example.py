"""The example of docs/runtime.md, run as Mattermost would run it."""

import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from plugin.sandbox.native import NativeProcess, PluginDied

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
async def calls() -> list[tuple[str, list[Any]]]:
    return []


@pytest.fixture
async def greeter(tmp_path: Path, calls: list[tuple[str, list[Any]]]) -> AsyncIterator[NativeProcess]:
    """The example in a process of its own."""
    (source,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "runtime.md").read_text(), re.DOTALL)
    assert source.count("\n") <= 45
    script = tmp_path / "greeter.py"
    script.write_text(source)

    async def callee(name: str, args: list[Any]) -> list[Any]:
        calls.append((name, args))
        if name == "GetUser":
            if args[0] != "alice":
                return [None, {"id": "app.user.missing_account.const", "message": "nobody", "status_code": 404}]
            return [{"id": args[0], "username": "alice"}, None]
        return [None]

    environment = {**os.environ, "PYTHONPATH": str(ROOT)}  # noqa: TID251 - for the child
    process = NativeProcess([sys.executable, str(script)], callee, environment=environment)
    await process.start()
    yield process
    await process.stop()


async def test_it_registers_greets_and_serves(greeter: NativeProcess, calls: list[tuple[str, list[Any]]]) -> None:
    assert [name for name, _ in calls] == ["RegisterCommand", "LogInfo"]
    assert calls[0][1][0]["trigger"] == "greet"
    for user, told in (("alice", "Hello @alice!"), ("x", "Hello @stranger!")):
        answer, error = await greeter.hook("ExecuteCommand", [{}, {"user_id": user, "command": "/greet"}])
        assert (answer["text"], answer["response_type"], error) == (told, "ephemeral", None)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", greeter.serve_http)
    async with TestServer(app) as server, aiohttp.ClientSession() as http:
        async with http.get(server.make_url("/hello"), headers={"Mattermost-User-Id": "alice"}) as answered:
            assert (answered.status, await answered.text()) == (200, "Hello alice")
        async with http.get(server.make_url("/nothing")) as answered:
            assert answered.status == 404


async def test_a_program_that_is_no_plugin_is_refused() -> None:
    async def callee(_name: str, _args: list[Any]) -> list[Any]:
        return []

    process = NativeProcess([sys.executable, "-c", "print('hello')"], callee, environment={})
    with pytest.raises(PluginDied, match="not a handshake"):
        await process.start()
    await process.stop()
