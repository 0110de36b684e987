"""The plugin API of Mattermost as the host adapters see it: calls by name, arguments and results as JSON values.

The transport behind it differs (in process with the sandbox, net/rpc with Mattermost); the calls do not. Their names,
arguments and results are those of Mattermost's Go plugin API.
"""

import asyncio
from typing import Any, Protocol

Json = Any
"""A JSON value: None, bool, number, string, list or dict of such."""


class HostGone(Exception):
    """The host did not answer; whether it did what was asked is unknown."""


class HostApi(Protocol):
    """The transport."""

    async def call(self, name: str, *args: Json) -> list[Json]:
        """Call an API method; the results in order, an AppError as a dict or None. Raises HostGone."""


CALL_TIMEOUT_S = 10
"""Shorter than any lease: whoever waits for Mattermost gives up before its work is taken over."""


_CALLS_AT_ONCE = 64


class BoundedApi:
    """Any transport, with a limit of time for each call, and of how many there are at once."""

    def __init__(self, transport: HostApi) -> None:
        self._transport = transport
        self._free = asyncio.Semaphore(_CALLS_AT_ONCE)

    async def call(self, name: str, *args: Json) -> list[Json]:
        try:
            async with self._free, asyncio.timeout(CALL_TIMEOUT_S):
                return await self._transport.call(name, *args)
        except TimeoutError as error:
            raise HostGone(name) from error


class HostError(Exception):
    """Mattermost's AppError: `id` says what, `status` is the HTTP status that it stands for. Neither holds content."""

    def __init__(self, error: dict[str, Json]) -> None:
        self.id = str(error.get("id", ""))
        self.status = int(error.get("status_code") or 500)
        super().__init__(f"{self.id} ({self.status})")

    @property
    def refused(self) -> bool:
        """Mattermost said no, and would say so again."""
        return 400 <= self.status < 500 and self.status not in (408, 429)


async def checked(api: HostApi, name: str, *args: Json) -> Json:
    """Call a method whose last result is an AppError; returns its first other result. Raises HostError, HostGone."""
    *results, error = await api.call(name, *args)
    if error:
        raise HostError(error)
    return results[0] if results else None


async def found(api: HostApi, name: str, *args: Json) -> Json | None:
    """The same, with None for "not found" and for an id that cannot be one."""
    try:
        return await checked(api, name, *args)
    except HostError as error:
        if error.status in (400, 404):
            return None
        raise
