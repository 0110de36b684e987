"""The plugin inside the sandbox's process: the same calls and hooks, only the transport is a function call.

Everything crosses as JSON text, so neither side can lean on the other's objects; HTTP goes through a socket.
"""

import json
from collections.abc import Awaitable, Callable

from plugin.host.api import HostGone, Json


class InProcessApi:
    """`plugin.host.api.HostApi` over the sandbox's plugin API."""

    def __init__(self, callee: Callable[[str, list[Json]], Awaitable[list[Json]]]) -> None:
        self._callee = callee

    async def call(self, name: str, *args: Json) -> list[Json]:
        try:
            results = await self._callee(name, json.loads(json.dumps(args)))
        except OSError as error:
            raise HostGone(name) from error
        copied: list[Json] = json.loads(json.dumps(results))
        return copied
