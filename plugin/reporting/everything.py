"""All that there is to see of telemetry, as one JSON document; a page at a time, for it can be very long."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection

from plugin.storage import telemetry_looks
from plugin.storage.telemetry_rows import KINDS

T = TypeVar("T")
Page = list[tuple[int, str]]
"""Places, and what is there as JSON."""


class Read(Protocol):
    """`Database.read`."""

    def __call__(self, work: Callable[[Connection], T]) -> Awaitable[T]: ...


async def everything(status: Mapping[str, Any], read: Read) -> AsyncIterator[bytes]:
    """What has left in seven days, what waits, what was refused; each with `status` as it was at the beginning."""
    yield b'{"status":' + json.dumps(status).encode() + b',"sent":['
    async for piece in _listed(read, telemetry_looks.sent_page):
        yield piece
    yield b'],"waiting":['
    async for piece in _listed(read, *(partial(telemetry_looks.waiting_page, kind=kind) for kind in KINDS)):
        yield piece
    yield b'],"quarantined":['
    async for piece in _listed(read, telemetry_looks.quarantined_page):
        yield piece
    yield b"]}"


async def _listed(read: Read, *lists: Callable[..., Page]) -> AsyncIterator[bytes]:
    separator = ""
    for one in lists:
        after = 0
        while page := await read(partial(one, after=after)):
            yield (separator + ",".join(text for _, text in page)).encode()
            separator, after = ",", page[-1][0]
