"""A demo in a process of its own, which can be killed; and a collector that takes its telemetry."""

import asyncio
import os
import signal
import socket
import sqlite3
import sys
from pathlib import Path
from typing import Any

import aiohttp
from pydantic import SecretStr

from plugin.settings import Ids, Settings
from telemetry.consent import Level
from telemetry.testing import FakeCollector
from tests.command import without_ours
from tests.people import until

FULL = os.environ.get("STORM") == "full"  # noqa: TID251 - chosen by `make soak`
WRITE_KEY = "storm-key"


def counting(collector: FakeCollector, **changes: Any) -> Settings:
    """Settings with which everything is counted, with ids that a test knows."""
    chosen = {
        "telemetry": Level.USAGE,
        "rudder_data_plane_url": collector.url,
        "rudder_write_key": SecretStr(WRITE_KEY),
        "telemetry_ids": Ids.RAW,
    }
    return Settings(**{**chosen, **changes})


def telemetry_environment(collector: FakeCollector) -> dict[str, str]:
    return {
        "INCIDENT_RESPONSE_TELEMETRY": "usage",
        "INCIDENT_RESPONSE_RUDDER_DATA_PLANE_URL": collector.url,
        "INCIDENT_RESPONSE_RUDDER_WRITE_KEY": WRITE_KEY,
        "INCIDENT_RESPONSE_TELEMETRY_IDS": "raw",
    }


class DemoProcess:
    """`incident-response demo`, as `make demo` runs it."""

    def __init__(self, data: Path, environment: dict[str, str]) -> None:
        self.data = data
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self._environment = {
            **without_ours(),
            "PYTHONDONTWRITEBYTECODE": "1",
            **environment,
        }
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it and wait for ping; a port still held by a dying process is tried again by the demo's own rule."""
        log = (self.data / "log.txt").open("ab")
        arguments = ["-m", "plugin", "demo", "--port", str(self.port), "--data", str(self.data)]
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, stdout=log, stderr=log, env=self._environment
        )
        log.close()
        async with aiohttp.ClientSession() as session:

            async def ready() -> bool:
                assert self._process
                assert self._process.returncode is None, (self.data / "log.txt").read_text()[-3000:]
                try:
                    async with session.get(f"{self.base}/api/v4/system/ping") as answer:
                        return answer.status == 200
                except aiohttp.ClientError:
                    return False

            await until(ready, patience_s=30)

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    async def kill(self) -> None:
        """SIGKILL: nothing is said, nothing is finished."""
        assert self._process
        self._process.send_signal(signal.SIGKILL)
        await self._process.wait()

    async def stop(self) -> None:
        assert self._process
        if self._process.returncode is None:
            self._process.terminate()
            await asyncio.wait_for(self._process.wait(), 10)

    def rows(self, database: str, sql: str) -> list[tuple[Any, ...]]:
        """What a database file of the demo holds."""
        connection = sqlite3.connect(f"file:{self.data / database}?mode=ro", uri=True)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
