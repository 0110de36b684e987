"""`incident-response telemetry`: what leaves, and deciding it, from a shell.

Asks the server that MATTERMOST_URL and MATTERMOST_TOKEN name; else the database that DATABASE_URL names.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
from sqlalchemy import Connection

from plugin.manifest import API_ROOT
from plugin.reporting import offline
from plugin.reporting.control import forget_who_we_are
from plugin.reporting.errors import ReportingError
from plugin.reporting.everything import everything
from plugin.reporting.text import status_text
from plugin.settings import Settings
from plugin.storage import telemetry_looks
from plugin.storage.database import Database
from plugin.storage.errors import DatabaseGone, StorageError
from telemetry.consent import Level
from telemetry.proxy import proxy_for

T = TypeVar("T")

_FOLLOW_EVERY_S = 1.0
_AT_ONCE = 1_000
_NO_PLACE = (
    "Set INCIDENT_RESPONSE_MATTERMOST_URL and INCIDENT_RESPONSE_MATTERMOST_TOKEN (of a system administrator), "
    "or INCIDENT_RESPONSE_DATABASE_URL."
)


class TelemetryCommandError(Exception):
    """`str()` is one line for whoever typed the command."""


def run(settings: Settings, options: argparse.Namespace) -> None:
    """Carry it out and print. Raises TelemetryCommandError."""
    token = settings.mattermost_token.get_secret_value()
    place: Server | Store
    if settings.mattermost_url and token:
        place = Server(f"{settings.mattermost_url.rstrip('/')}{API_ROOT}/telemetry", token)
    elif settings.database_url or options.what == "preview":
        place = Store(settings)
    else:
        raise TelemetryCommandError(_NO_PLACE)
    try:
        asyncio.run(_carry_out(place, options))
    except (ReportingError, StorageError, DatabaseGone) as error:
        raise TelemetryCommandError(str(error)) from error
    except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as error:
        raise TelemetryCommandError("INCIDENT_RESPONSE_MATTERMOST_URL must be like https://chat.example.") from error
    except (aiohttp.ClientError, TimeoutError) as error:
        raise TelemetryCommandError(f"Mattermost did not answer: {str(error) or type(error).__name__}.") from error


async def _carry_out(place: "Server | Store", options: argparse.Namespace) -> None:
    match options.what:
        case "status":
            status = await place.status()
            print(json.dumps(status, indent=1) if options.json else status_text(status))
        case "preview":
            print(json.dumps(await place.preview(options.level), indent=1))
        case "tail":
            await _tail(place, options.n, follow=options.follow)
        case "export":
            await _export(place, Path(options.output))
        case "reset":
            status = await place.reset()
            print(f"This is another installation from now on; what had not left was deleted.\n\n{status_text(status)}")
        case _:
            print(status_text(await place.choose(options.level)))


async def _tail(place: "Server | Store", count: int, *, follow: bool) -> None:
    after, last = telemetry_looks.NEWEST, 0
    while True:
        for one in await place.sent(after, count):
            last = one["number"]
            print(json.dumps(one), flush=True)
        if not follow:
            return
        after, count = last, _AT_ONCE
        await asyncio.sleep(_FOLLOW_EVERY_S)  # between two looks


async def _export(place: "Server | Store", target: Path) -> None:
    part, size = target.with_name(f"{target.name}.part"), 0
    try:
        with part.open("wb") as file:
            async for piece in place.everything():
                size += file.write(piece)
        part.replace(target)
    except OSError as error:
        if isinstance(error, aiohttp.ClientError):
            raise
        raise TelemetryCommandError(f"{target} can't be written: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)
    sys.stderr.write(f"{size:,} bytes\n")


class Server:
    """A running Mattermost, by HTTP. Raises aiohttp.ClientError, TelemetryCommandError."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._token = token

    async def status(self) -> Any:
        return await self._ask("GET", "")

    async def preview(self, level: str | None) -> Any:
        return await self._ask("GET", f"/preview?level={level or ''}")

    async def sent(self, after: int, limit: int) -> Any:
        return await self._ask("GET", f"/sent?after={after}&limit={limit}")

    async def everything(self) -> AsyncIterator[bytes]:
        async with self._session(sock_read=60) as session, session.get(f"{self._url}/export") as answer:
            if answer.status != 200:
                raise _refused(answer.status, await answer.text())
            async for piece in answer.content.iter_chunked(65_536):
                yield piece

    async def choose(self, level: str) -> Any:
        return await self._ask("PUT", "", {"level": level})

    async def reset(self) -> Any:
        return await self._ask("POST", "/reset")

    async def _ask(self, method: str, path: str, body: Any = None) -> Any:
        async with (
            self._session(total=60) as session,
            session.request(method, f"{self._url}{path}", json=body) as answer,
        ):
            text = await answer.text()
            if answer.status != 200:
                raise _refused(answer.status, text)
        try:
            return json.loads(text)
        except ValueError as error:
            raise TelemetryCommandError(
                f"What answers at {self._url} is not Incident Response. Look at INCIDENT_RESPONSE_MATTERMOST_URL."
            ) from error

    def _session(self, **timeouts: float) -> aiohttp.ClientSession:
        headers = {"Authorization": f"Bearer {self._token}"}
        return aiohttp.ClientSession(
            headers=headers, timeout=aiohttp.ClientTimeout(**timeouts), proxy=proxy_for(self._url)
        )


def _refused(status: int, text: str) -> TelemetryCommandError:
    if status == 401:
        return TelemetryCommandError("Mattermost does not know INCIDENT_RESPONSE_MATTERMOST_TOKEN, or it has expired.")
    try:
        reason = json.loads(text)["message"]
    except (ValueError, KeyError, TypeError):
        reason = f"status {status}"
    return TelemetryCommandError(f"Mattermost refused it: {reason}")


class Store:
    """A database, without a server. Raises StorageError, DatabaseGone."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def status(self) -> Any:
        return await self._read(offline.status)

    async def preview(self, level: str | None) -> Any:
        return offline.preview(self._settings, Level(level) if level else None, _now())

    async def sent(self, after: int, limit: int) -> Any:
        return await self._read(lambda c: telemetry_looks.sent(c, after=after, limit=limit))

    async def everything(self) -> AsyncIterator[bytes]:
        database = self._opened()
        try:
            async for piece in everything(await self.status(), database.read):
                yield piece
        finally:
            database.close()

    async def choose(self, level: str) -> Any:
        await self._write(lambda c: offline.choose(self._settings, c, Level(level)))
        return await self.status()

    async def reset(self) -> Any:
        await self._write(forget_who_we_are)
        return await self.status()

    async def _read(self, work: Callable[[Connection], T]) -> T:
        database = self._opened()
        try:
            return await database.read(work)
        finally:
            database.close()

    async def _write(self, work: Callable[[Connection], T]) -> T:
        database = self._opened()
        try:
            return await database.write(work)
        finally:
            database.close()

    def _opened(self) -> Database:
        url = self._settings.database_url
        file = url.removeprefix("sqlite:///") if url.startswith("sqlite:///") else ""
        if file and not Path(file).exists():
            raise TelemetryCommandError(f"There is no database at {file}.")
        database = Database(url, schema=self._settings.database_schema)
        database.look_at()
        return database


def _now() -> int:
    return time.time_ns() // 1_000_000
