"""yamux against itself and against frames recorded between Go's client and server."""

import asyncio
import base64
import json
import socket
import struct
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from plugin.runtime.yamux import WINDOW, Ended, Flag, Kind, Session

FOLDER = Path(__file__).parent / "protocol" / "yamux"
FIXTURES = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
HEADER = struct.Struct(">BBHII")
PATIENCE_S = 10


def frame_bytes(frame: dict[str, Any]) -> bytes:
    if "hex" in frame:
        return bytes.fromhex(frame["hex"])
    return bytes.fromhex(frame["header_hex"]) + zlib.decompress(base64.b64decode(frame["payload_zlib_base64"]))


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[Session, Session]]:
    """A client and a server on one socket."""
    ends = socket.socketpair()
    client, server = [Session(*await asyncio.open_connection(sock=end), client=end is ends[0]) for end in ends]
    running = [asyncio.ensure_future(client.run()), asyncio.ensure_future(server.run())]
    try:
        async with asyncio.timeout(PATIENCE_S):
            yield client, server
    finally:
        client.close()
        server.close()
        await asyncio.gather(*running)


@asynccontextmanager
async def raw() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter, Session]]:
    """A server of ours, and the bare socket of its client."""
    near, far = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=far)
    server = Session(*await asyncio.open_connection(sock=near), client=False)
    running = asyncio.ensure_future(server.run())
    try:
        async with asyncio.timeout(PATIENCE_S):
            yield reader, writer, server
    finally:
        writer.close()
        server.close()
        await running


async def test_data_goes_both_ways_and_each_way_is_closed_by_itself() -> None:
    async with connected() as (client, server):
        near = await client.open()
        far = await server.accept()
        await near.write(b"question")
        await near.close()
        assert await far.read_exactly(8) == b"question"
        assert await far.read_some() == b""
        await far.write(b"answer")
        await far.close()
        assert await near.read_exactly(6) == b"answer"
        assert await near.read_some() == b""
        with pytest.raises(Ended):
            await near.write(b"more")


async def test_ids_are_odd_from_the_client_and_even_from_the_server() -> None:
    async with connected() as (client, server):
        assert [(await client.open()).id for _ in range(3)] == [1, 3, 5]
        assert [(await server.open()).id for _ in range(3)] == [2, 4, 6]


async def test_a_message_larger_than_the_window_passes() -> None:
    """Credit is given while it is read: both sides would wait for ever."""
    data = bytes(range(256)) * (5 * WINDOW // 256)
    async with connected() as (client, server):
        near = await client.open()
        far = await server.accept()
        sending = asyncio.ensure_future(near.write(data))
        assert await far.read_exactly(len(data)) == data
        await sending


async def test_one_stream_that_nobody_reads_does_not_stop_the_others() -> None:
    async with connected() as (client, server):
        full, free = await client.open(), await client.open()
        sending = asyncio.ensure_future(full.write(b"x" * (2 * WINDOW)))
        far_full, far_free = await server.accept(), await server.accept()
        await free.write(b"through")
        assert await far_free.read_exactly(7) == b"through"
        assert not sending.done()
        assert await far_full.read_exactly(2 * WINDOW) == b"x" * (2 * WINDOW)
        await sending


async def test_many_streams_at_once() -> None:
    async def echo(server: Session) -> None:
        while True:
            stream = await server.accept()
            answering.append(asyncio.ensure_future(answer(stream)))

    async def answer(stream: Any) -> None:
        await stream.write(await stream.read_exactly(5000))
        await stream.close()

    async def ask(client: Session, number: int) -> None:
        stream = await client.open()
        data = bytes([number]) * 5000
        await stream.write(data)
        assert await stream.read_exactly(5000) == data
        await stream.close()

    answering: list[Any] = []
    async with connected() as (client, server):
        answering.append(asyncio.ensure_future(echo(server)))
        await asyncio.gather(*(ask(client, number) for number in range(100)))
        answering[0].cancel()
        await asyncio.gather(*answering, return_exceptions=True)


async def test_pings_are_answered() -> None:
    async with connected() as (client, server):
        await asyncio.gather(client.ping(), server.ping(), client.ping())


async def test_after_go_away_nothing_new_is_taken() -> None:
    async with connected() as (client, server):
        open_before = await client.open()
        far = await server.accept()
        await server.go_away()
        await server.ping()
        with pytest.raises(Ended):
            await client.open()
        await open_before.write(b"still")
        assert await far.read_exactly(5) == b"still"


async def test_who_waits_is_told_when_the_session_ends() -> None:
    async with connected() as (client, server):
        stream = await client.open()
        waiting = [
            asyncio.ensure_future(stream.read_some()),
            asyncio.ensure_future(client.accept()),
        ]
        await server.accept()
        server.close()
        for one in waiting:
            with pytest.raises(Ended):
                await one


@pytest.mark.parametrize("name", FIXTURES)
def test_headers_are_those_of_go(name: str) -> None:
    for frame in FIXTURES[name]["frames"]:
        _version, kind, flags, stream, length = HEADER.unpack(frame_bytes(frame)[:12])
        if kind in list(Kind):
            assert (Kind(kind).name, stream, length) == (frame["type"], frame["stream"], frame["length"])
        named = "|".join(flag.name or "" for flag in (Flag.SYN, Flag.ACK, Flag.FIN, Flag.RST) if flags & flag)
        assert named == frame["flags"].replace(" ", "|")


@pytest.mark.parametrize("name", [name for name in FIXTURES if name.startswith("error_")])
async def test_what_ends_gos_session_ends_ours(name: str) -> None:
    async with raw() as (reader, writer, server):
        for frame in FIXTURES[name]["frames"]:
            if frame["from"] == "client":
                writer.write(frame_bytes(frame))
        await server.over.wait()
        while await reader.read(4096):
            pass


async def test_frames_written_by_hand_are_answered_as_by_go() -> None:
    """SYN and FIN on data, empty data, frames for streams that are not there."""
    async with raw() as (reader, writer, server):
        sent = [frame_bytes(frame) for frame in FIXTURES["flags_on_data"]["frames"] if frame["from"] == "client"]
        writer.write(b"".join(sent[:3]))
        stream = await server.accept()
        assert await stream.read_exactly(6) == b"abcend"
        assert await stream.read_some() == b""
        await stream.close()
        writer.write(b"".join(sent[3:]))
        answers = [await reader.readexactly(12) for _ in range(3)]
        wanted = [frame_bytes(frame) for frame in FIXTURES["flags_on_data"]["frames"] if frame["from"] == "server"]
        assert sorted(answers) == sorted(wanted)


async def test_streams_beyond_the_backlog_are_reset() -> None:
    async with raw() as (reader, writer, _server):
        for number in range(257):
            writer.write(HEADER.pack(0, Kind.WINDOW_UPDATE, Flag.SYN, 2 * number + 1, 0))
        answers = [HEADER.unpack(await reader.readexactly(12)) for _ in range(257)]
        assert [answer[2] for answer in answers] == [Flag.ACK] * 256 + [Flag.RST]
