"""`incident-response export`: an incident's channel into a file, over the HTTP API of a running Mattermost."""

import json
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp

from plugin.export.table import BROKEN
from plugin.manifest import API_ROOT
from plugin.settings import Settings
from telemetry.proxy import proxy_for

_CHUNK = 65_536
_TELL_EVERY_S = 0.5
_BROKEN = f"{BROKEN}\r\n".encode()


class DownloadError(Exception):
    """The export could not be had; `str()` is one line for whoever typed the command."""


async def download(settings: Settings, incident_id: str, target: Path, *, newest_first: bool) -> None:
    """Write the file; it gets its name when it is whole, so what has the name is never a part. Raises DownloadError."""
    token = settings.mattermost_token.get_secret_value()
    if not settings.mattermost_url or not token:
        raise DownloadError("Set INCIDENT_RESPONSE_MATTERMOST_URL and INCIDENT_RESPONSE_MATTERMOST_TOKEN.")
    url = f"{settings.mattermost_url.rstrip('/')}{API_ROOT}/incidents/{incident_id}"
    part = target.with_name(f"{target.name}.part")
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=60)
    async with aiohttp.ClientSession(
        headers={"Authorization": f"Bearer {token}"}, timeout=timeout, proxy=proxy_for(url)
    ) as session:
        try:
            expected = (await _json(session, f"{url}/metadata"))["total_posts"]
            await _fetch(session, f"{url}/export?order={'newest' if newest_first else 'oldest'}", part, expected)
            part.replace(target)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise DownloadError(
                f"The export broke off, no file was made: {str(error) or type(error).__name__}."
            ) from error
        finally:
            part.unlink(missing_ok=True)


async def _json(session: aiohttp.ClientSession, url: str) -> Any:
    async with session.get(url) as answer:
        await _check(answer)
        return await answer.json()


async def _fetch(session: aiohttp.ClientSession, url: str, part: Path, expected: int) -> None:
    async with session.get(url) as answer:
        await _check(answer)
        with part.open("wb") as file:
            progress, tail = Progress(expected), b""
            async for piece in answer.content.iter_chunked(_CHUNK):
                file.write(piece)
                progress.add(piece)
                tail = (tail + piece)[-len(_BROKEN) :]
            if tail == _BROKEN:  # some proxies end an answer as if it were whole
                raise DownloadError("The export broke off, no file was made.")
            progress.end()


async def _check(answer: aiohttp.ClientResponse) -> None:
    if answer.status == 200:
        return
    try:
        reason = json.loads(await answer.read())["message"]
    except (ValueError, KeyError, TypeError):
        reason = f"status {answer.status}"
    raise DownloadError(f"Mattermost refused it: {reason}")


class Progress:
    """What a person sees while it runs: on a terminal one line that changes, elsewhere only the last one."""

    def __init__(self, expected: int) -> None:
        self._expected = expected
        self._lines = self._bytes = 0
        self._began = self._told = time.monotonic()

    def add(self, piece: bytes) -> None:
        self._lines += piece.count(b"\r\n")
        self._bytes += len(piece)
        if sys.stderr.isatty() and time.monotonic() - self._told > _TELL_EVERY_S:
            self._told = time.monotonic()
            sys.stderr.write(f"\r{self._text()} of about {self._expected:,}")
            sys.stderr.flush()

    def end(self) -> None:
        lead = "\r\033[K" if sys.stderr.isatty() else ""
        sys.stderr.write(f"{lead}{self._text()}, {time.monotonic() - self._began:.1f} s\n")

    def _text(self) -> str:
        return f"{max(0, self._lines - 1):,} lines, {self._bytes / 1e6:.1f} MB"
