"""What the runtime costs: a request by ServeHTTP beside the same one by aiohttp, gob, the handshake, memory."""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from plugin.manifest import VERSION
from plugin.runtime.gob import Decoder, Encoder
from plugin.runtime.models import COMMAND_ARGS, POST, to_go
from plugin.runtime.process import COOKIE
from plugin.sandbox.native import NativeProcess
from tests.bench_table import heading, resident_mb, row
from tests.people import until

ROOT = Path(__file__).resolve().parents[1]
PLUGIN = """
import sys
from aiohttp import web
from plugin.runtime.run import run

async def hello(request):
    return web.Response(text="Hello")

def application():
    app = web.Application()
    app.router.add_get("/hello", hello)
    return app

class Greeter:
    hooks = {}
    async def activate(self, api):
        return application()
    async def close(self):
        pass

if sys.argv[1:]:
    web.run_app(application(), path=sys.argv[1], print=None, access_log=None)
else:
    sys.exit(run(Greeter))
"""


async def runtime() -> None:
    """To stdout."""
    print("\nThe runtime: a trivial route by ServeHTTP, and by HTTP on a unix socket; the host's side is Python here")
    heading()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        script = Path(folder) / "greeter.py"
        script.write_text(PLUGIN)
        async with _direct(script, f"{folder}/direct") as ask:
            await row("aiohttp, one after another", ask, 2000)
            await row("aiohttp, 16 at once", ask, 6000, at_once=16)
        async with _native(script) as (process, ask):
            await row("ServeHTTP, one after another", ask, 2000)
            await row("ServeHTTP, 16 at once", ask, 6000, at_once=16)
            print(f"a plugin that does nothing: resident {resident_mb(process.pid):.0f} MB")
    _gob()
    await _handshake("from the sources", [sys.executable, "-m", "plugin", "native"])
    whole = ROOT / "build" / "bundle" / "linux-amd64" / "incident-response" / "server" / "incident-response"
    if whole.exists():
        await _handshake(f"from the bundle {VERSION}", [str(whole)])


@asynccontextmanager
async def _direct(script: Path, path: str) -> AsyncIterator[Callable[[], Any]]:
    process = await asyncio.create_subprocess_exec(sys.executable, script, path, env=_environment())

    async def listens() -> bool:
        return Path(path).exists()  # noqa: ASYNC240 - a bench

    await until(listens)
    async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(path)) as http:

        async def ask() -> None:
            async with http.get("http://plugin/hello") as answer:
                assert await answer.read() == b"Hello"

        yield ask
    process.kill()
    await process.wait()


@asynccontextmanager
async def _native(script: Path) -> AsyncIterator[tuple[NativeProcess, Callable[[], Any]]]:
    async def callee(_name: str, _args: list[Any]) -> list[Any]:
        return [None]

    process = NativeProcess([sys.executable, str(script)], callee, environment=_environment())
    await process.start()

    async def ask() -> None:
        assert await process.request("GET", "/hello") == (200, b"Hello")

    yield process, ask
    await process.stop()


def _gob() -> None:
    """Microseconds for a message on a stream that knows its type already."""
    post = {"id": "p" * 26, "user_id": "u" * 26, "channel_id": "c" * 26, "message": "It burns " * 20, "create_at": 1}
    command = {"user_id": "u" * 26, "channel_id": "c" * 26, "team_id": "t" * 26, "command": "/incident start"}
    for name, kind, value in (("Post", POST, post), ("CommandArgs", COMMAND_ARGS, command)):
        encoder, decoder, given = Encoder(), Decoder(), to_go(kind, value)
        list(decoder.values(encoder.encode_all(((kind, given),))))
        times, data = 5000, b""
        began = time.perf_counter()
        for _ in range(times):
            data = encoder.encode_all(((kind, given),))
        encoded = (time.perf_counter() - began) / times * 1e6
        began = time.perf_counter()
        for _ in range(times):
            list(decoder.values(data))
        decoded = (time.perf_counter() - began) / times * 1e6
        print(f"gob, {name} of {len(data)} bytes: {encoded:.0f} µs to encode, {decoded:.0f} µs to decode")


async def _handshake(what: str, command: list[str]) -> None:
    took = []
    for _ in range(10):
        began = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, env={**_environment(), COOKIE[0]: COOKIE[1]}, cwd=ROOT
        )
        assert process.stdout
        assert (await process.stdout.readline()).startswith(b"1|1|unix|")
        took.append((time.perf_counter() - began) * 1000)
        process.kill()
        await process.wait()
    print(f"from start to handshake, {what}: median {sorted(took)[5]:.0f} ms, slowest {max(took):.0f} ms")


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}  # noqa: TID251 - for the child
