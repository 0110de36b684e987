"""go-plugin's MuxBroker: streams that both sides know by a number which travels in an RPC argument.

Whoever dials writes the number, 4 bytes little endian; whoever accepts writes it back.
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable

from plugin.runtime.yamux import Ended, Session, Stream

_PATIENCE_S = 5
"""go-plugin's own: a stream that is not accepted by then is closed."""


class Broker:
    """The streams of a session behind the first three."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._ids = itertools.count(1)
        self._dialled: dict[int, asyncio.Future[Stream]] = {}

    def next_id(self) -> int:
        """A number of ours, for the other side to dial."""
        return next(self._ids)

    async def dial(self, number: int) -> Stream:
        """The stream of a number of theirs. Raises Ended, TimeoutError."""
        stream, acknowledged = await self.begin(number)
        await acknowledged()
        return stream

    async def begin(self, number: int) -> tuple[Stream, Callable[[], Awaitable[None]]]:
        """The same without waiting: one may write at once, and has to await the second result before one reads.

        Saves a way to Mattermost and back for each request (ServeHTTP). Raises Ended, as the second does, TimeoutError.
        """
        stream = await self._session.open()
        await stream.write(number.to_bytes(4, "little"))

        async def acknowledged() -> None:
            async with asyncio.timeout(_PATIENCE_S):
                echoed = int.from_bytes(await stream.read_exactly(4), "little")
            if echoed != number:
                raise Ended("the broker answered another number")

        return stream, acknowledged

    async def accept(self, number: int) -> Stream:
        """The stream that they dial for a number of ours. Raises TimeoutError, Ended."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                stream = await self._future(number)
        finally:
            self._dialled.pop(number, None)
        await stream.write(number.to_bytes(4, "little"))
        return stream

    async def arrived(self, stream: Stream) -> None:
        """A stream that they have opened: find out what it is for, and hand it over; nobody's is closed."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                number = int.from_bytes(await stream.read_exactly(4), "little")
                future = self._future(number)
                if not future.done():
                    future.set_result(stream)
                    return
        except (TimeoutError, Ended):
            pass
        await stream.close()

    def _future(self, number: int) -> "asyncio.Future[Stream]":
        known = self._dialled.get(number)
        if known is None:
            known = self._dialled[number] = asyncio.get_running_loop().create_future()
        return known
