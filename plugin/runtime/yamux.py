"""hashicorp/yamux over asyncio: many streams, each with its own window, on one connection.

A frame is 12 bytes, big endian: version 0, type, flags, stream, length; DATA has `length` bytes behind it.
"""

import asyncio
import struct
from collections import deque
from enum import IntEnum, IntFlag

WINDOW = 256 * 1024
"""Of each direction of a stream; yamux as Mattermost uses it knows no other."""
_HEADER = struct.Struct(">BBHII")
_BACKLOG = 256
_MAX_FRAME = 64 * 1024
_PING_WAIT_S = 10


class Kind(IntEnum):
    DATA = 0
    WINDOW_UPDATE = 1
    PING = 2
    GO_AWAY = 3


class Flag(IntFlag):
    NONE = 0
    SYN = 1
    ACK = 2
    FIN = 4
    RST = 8


class Ended(Exception):
    """The session is over, or the other side has reset the stream."""


class Stream:
    """One stream: bytes in order, both ways; each way is closed by itself."""

    def __init__(self, session: "Session", stream_id: int) -> None:
        self.id = stream_id
        self._session = session
        self._chunks: deque[bytes] = deque()
        self._arrived = asyncio.Event()
        self._window = WINDOW
        self._room = WINDOW
        """What the other side may still send."""
        self._taken = 0
        """What was read since credit was last given."""
        self._credit = asyncio.Event()
        self._credit.set()
        self._ended_by_peer = self._closed = self._reset = False
        self._writing = asyncio.Lock()

    # -- reading

    async def read_some(self, most: int = _MAX_FRAME) -> bytes:
        """What is there, at least a byte; empty at the end. Raises Ended after a reset."""
        while not self._chunks:
            if self._reset:
                raise Ended("the stream was reset")
            if self._ended_by_peer:
                return b""
            self._arrived.clear()
            await self._arrived.wait()
        chunk = self._chunks.popleft()
        if len(chunk) > most:
            self._chunks.appendleft(chunk[most:])
            chunk = chunk[:most]
        # Credit as it is read, also in the middle of something larger than the window: else both sides would wait.
        self._taken += len(chunk)
        if self._taken >= WINDOW // 2 and not self._ended_by_peer:
            taken, self._taken = self._taken, 0
            self._room += taken
            await self._session.send(Kind.WINDOW_UPDATE, Flag.NONE, self.id, taken)
        return chunk

    async def read_exactly(self, count: int) -> bytes:
        """Raises Ended if the stream ends before."""
        parts, missing = [], count
        while missing:
            chunk = await self.read_some(missing)
            if not chunk:
                raise Ended("the stream ended in the middle")
            parts.append(chunk)
            missing -= len(chunk)
        return b"".join(parts)

    # -- writing

    async def write(self, data: bytes) -> None:
        """All of it, as the other side gives credit. Raises Ended."""
        async with self._writing:
            view = memoryview(data)
            while view:
                while not self._window and not self._reset:
                    self._credit.clear()
                    await self._credit.wait()
                if self._reset or self._closed:
                    raise Ended("the stream is closed")
                size = min(len(view), self._window, _MAX_FRAME)
                self._window -= size
                await self._session.send(Kind.DATA, Flag.NONE, self.id, size, bytes(view[:size]))
                view = view[size:]

    async def close(self) -> None:
        """This side has said all; the other may go on."""
        if self._closed or self._reset:
            return
        self._closed = True
        await self._session.send(Kind.WINDOW_UPDATE, Flag.FIN, self.id, 0)
        if self._ended_by_peer:
            self._session.forget(self.id)

    # -- from the session

    def arrived(self, data: bytes) -> None:
        """Raises ProtocolError for more than the window allows."""
        if len(data) > self._room:
            raise ProtocolError("more than the window allows")
        self._room -= len(data)
        if data:
            self._chunks.append(data)
            self._arrived.set()

    def credited(self, delta: int) -> None:
        self._window += delta
        if delta:
            self._credit.set()

    def ended_by_peer(self) -> None:
        """Raises ProtocolError for a second end."""
        if self._ended_by_peer:
            raise ProtocolError("a stream ended twice")
        self._ended_by_peer = True
        self._arrived.set()
        if self._closed:
            self._session.forget(self.id)

    def reset(self) -> None:
        self._reset = True
        self._arrived.set()
        self._credit.set()


class ProtocolError(Exception):
    """The other side does not keep to the protocol; the session ends."""


class Session:
    """One connection. The server opens even streams, the client odd ones."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, client: bool) -> None:
        self._reader = reader
        self._writer = writer
        self._next_id = 1 if client else 2
        self._streams: dict[int, Stream] = {}
        self._accepted: asyncio.Queue[Stream | None] = asyncio.Queue()
        self._unaccepted = 0
        self._pings: dict[int, asyncio.Future[None]] = {}
        self._ping_id = 0
        self._they_go_away = self._we_go_away = False
        self.over = asyncio.Event()
        """Set when the connection is gone."""

    async def run(self) -> None:
        """Read frames until the connection ends. Never raises for what the other side does."""
        try:
            while True:
                header = _HEADER.unpack(await self._reader.readexactly(_HEADER.size))
                await self._frame(*header)
        except (asyncio.IncompleteReadError, ConnectionError, ProtocolError):
            pass
        finally:
            self._end()

    async def open(self) -> Stream:
        """A new stream; data may follow at once. Raises Ended."""
        if self.over.is_set() or self._they_go_away:
            raise Ended("the session takes no new streams")
        stream = Stream(self, self._next_id)
        self._next_id += 2
        self._streams[stream.id] = stream
        await self.send(Kind.WINDOW_UPDATE, Flag.SYN, stream.id, 0)
        return stream

    async def accept(self) -> Stream:
        """The next stream that the other side opens. Raises Ended."""
        stream = await self._accepted.get()
        if stream is None:
            self._accepted.put_nowait(None)
            raise Ended("the session is over")
        self._unaccepted -= 1
        return stream

    async def ping(self) -> None:
        """Wait for the other side's answer. Raises Ended, TimeoutError."""
        number, self._ping_id = self._ping_id, self._ping_id + 1
        answered = self._pings[number] = asyncio.get_running_loop().create_future()
        try:
            await self.send(Kind.PING, Flag.SYN, 0, number)
            await asyncio.wait_for(answered, _PING_WAIT_S)
        finally:
            self._pings.pop(number, None)

    async def go_away(self) -> None:
        """Take no new streams any more; those that are open go on."""
        self._we_go_away = True
        await self.send(Kind.GO_AWAY, Flag.NONE, 0, 0)

    def close(self) -> None:
        """End the connection; `run` returns."""
        self._writer.close()
        self._end()

    async def send(self, kind: Kind, flags: Flag, stream_id: int, length: int, data: bytes = b"") -> None:
        """One frame. Raises Ended."""
        if self.over.is_set():
            raise Ended("the session is over")
        self._writer.write(_HEADER.pack(0, kind, flags, stream_id, length) + data)
        try:
            await self._writer.drain()
        except ConnectionError as error:
            raise Ended("the connection is gone") from error

    def forget(self, stream_id: int) -> None:
        """The stream is closed both ways."""
        self._streams.pop(stream_id, None)

    # -- frames

    async def _frame(self, version: int, kind: int, flags: int, stream_id: int, length: int) -> None:
        if version != 0:
            raise ProtocolError("another version")
        if kind in (Kind.DATA, Kind.WINDOW_UPDATE):
            await self._stream_frame(kind, Flag(flags & 0xF), stream_id, length)
        elif kind == Kind.PING:
            self._ping_frame(Flag(flags & 0xF), length)
        elif kind == Kind.GO_AWAY:
            if length != 0:
                raise ProtocolError("the other side gives up")
            self._they_go_away = True
        else:
            raise ProtocolError("unknown type of frame")

    def _ping_frame(self, flags: Flag, number: int) -> None:
        if flags & Flag.SYN:
            self._answer(Kind.PING, Flag.ACK, 0, number)
        elif (waiting := self._pings.get(number)) and not waiting.done():
            waiting.set_result(None)

    async def _stream_frame(self, kind: int, flags: Flag, stream_id: int, length: int) -> None:
        if flags & Flag.SYN and not self._opened(stream_id):
            await self._drain(kind, length)
            return
        stream = self._streams.get(stream_id)
        if stream is None:
            await self._drain(kind, length)
            return
        if kind == Kind.WINDOW_UPDATE:
            stream.credited(length)
        else:
            if length > WINDOW:
                raise ProtocolError("more than any window allows")
            stream.arrived(await self._reader.readexactly(length))
        if flags & Flag.FIN:
            stream.ended_by_peer()
        if flags & Flag.RST:
            stream.reset()
            self.forget(stream_id)

    def _opened(self, stream_id: int) -> bool:
        """Take a new stream in; False if it is refused."""
        if stream_id in self._streams or stream_id % 2 == self._next_id % 2:
            raise ProtocolError("a stream opened twice")
        if self._we_go_away or self._unaccepted >= _BACKLOG:
            self._answer(Kind.WINDOW_UPDATE, Flag.RST, stream_id, 0)
            return False
        stream = self._streams[stream_id] = Stream(self, stream_id)
        self._unaccepted += 1
        self._accepted.put_nowait(stream)
        self._answer(Kind.WINDOW_UPDATE, Flag.ACK, stream_id, 0)
        return True

    def _answer(self, kind: Kind, flags: Flag, stream_id: int, length: int) -> None:
        """From the reading loop: never waits for the other side to read, or both could wait."""
        self._writer.write(_HEADER.pack(0, kind, flags, stream_id, length))

    async def _drain(self, kind: int, length: int) -> None:
        """The payload of a frame for a stream that is not there."""
        while kind == Kind.DATA and length:
            length -= len(await self._reader.readexactly(min(length, _MAX_FRAME)))

    def _end(self) -> None:
        if self.over.is_set():
            return
        self.over.set()
        for stream in list(self._streams.values()):
            stream.reset()
        self._streams.clear()
        for waiting in self._pings.values():
            if not waiting.done():
                waiting.set_exception(Ended("the session is over"))
        self._accepted.put_nowait(None)
        self._writer.close()
