"""The websocket: who is connected, and which events reach whom."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from aiohttp import WSMsgType, web

from plugin.sandbox.shapes import SERVER_VERSION

_QUEUE = 256
"""A client that is this many events behind is cut off, as Mattermost does; it reconnects and asks anew."""
_MAX_FRAME = 8 * 1024
_AUTH_TIMEOUT_S = 5


class Connection:
    """One open websocket. Events are numbered from 0 on each."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self.socket = socket
        self.user_id = ""
        self.token = ""
        self.queue: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue(_QUEUE)
        self._seq = 0

    def event(self, name: str, data: dict[str, Any], broadcast: dict[str, Any]) -> None:
        self._put({"event": name, "data": data, "broadcast": broadcast, "seq": self._seq})
        self._seq += 1

    def reply(self, message: dict[str, Any]) -> None:
        self._put(message)

    def _put(self, message: dict[str, Any]) -> None:
        try:
            self.queue.put_nowait(message)
        except asyncio.QueueFull:
            while not self.queue.empty():
                self.queue.get_nowait()
            self.queue.put_nowait(None)


class Hub:
    """All connections. `members` and `team_members` tell who is in a channel or team, `user_of` whose a token is."""

    def __init__(
        self,
        *,
        members: Callable[[str], set[str]],
        team_members: Callable[[str], set[str]],
        user_of: Callable[[str], str],
    ) -> None:
        self._members = members
        self._team_members = team_members
        self._user_of = user_of
        self._connections: set[Connection] = set()

    def publish(
        self, name: str, data: dict[str, Any], *, user_id: str = "", channel_id: str = "", team_id: str = ""
    ) -> None:
        """To one person, else to a channel's members, else to a team's."""
        audience: set[str] | None = None
        if user_id:
            audience = {user_id}
        elif channel_id:
            audience = self._members(channel_id)
        elif team_id:
            audience = self._team_members(team_id)
        broadcast = {"omit_users": None, "user_id": user_id, "channel_id": channel_id, "team_id": team_id}
        for connection in self._connections:
            if connection.user_id and (audience is None or connection.user_id in audience):
                connection.event(name, data, broadcast)

    async def serve(self, request: web.Request, token: str) -> web.WebSocketResponse:
        """Handle one websocket from upgrade to close; `token` is the upgrade request's own, or empty."""
        socket = web.WebSocketResponse(heartbeat=30, max_msg_size=_MAX_FRAME)
        await socket.prepare(request)
        connection = Connection(socket)
        if token and not self._authenticate(connection, token):
            await socket.close()
            return socket
        self._connections.add(connection)
        writer = asyncio.create_task(self._write(connection))  # noqa: TID251 - ends with the socket, below
        try:
            await self._read(connection)
        finally:
            self._connections.discard(connection)
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
        return socket

    def silence(self, *, token: str = "", user_id: str = "") -> None:
        """A session has ended: its connections stay open, and hear nothing any more, as with Mattermost."""
        for connection in self._connections:
            if connection.token == token or (user_id and connection.user_id == user_id):
                connection.user_id = ""

    async def close(self) -> None:
        for connection in list(self._connections):
            await connection.socket.close()

    def _authenticate(self, connection: Connection, token: str) -> bool:
        user_id = self._user_of(token)
        if not user_id:
            return False
        connection.user_id, connection.token = user_id, token
        hello = {"connection_id": None, "server_version": SERVER_VERSION}
        connection.event("hello", hello, {"omit_users": None, "user_id": user_id, "channel_id": "", "team_id": ""})
        return True

    async def _read(self, connection: Connection) -> None:
        while True:
            timeout = None if connection.user_id else _AUTH_TIMEOUT_S
            try:
                frame = await connection.socket.receive(timeout)
            except TimeoutError:
                await connection.socket.close()
                return
            if frame.type is not WSMsgType.TEXT:
                return
            try:
                message = json.loads(frame.data)
                action, seq = str(message.get("action", "")), int(message.get("seq", 0))
            except (ValueError, AttributeError, TypeError):
                return
            if not self._answer(connection, action, seq, message.get("data") or {}):
                await connection.socket.close()
                return

    def _answer(self, connection: Connection, action: str, seq: int, data: dict[str, Any]) -> bool:
        if action == "authentication_challenge":
            if not self._authenticate(connection, str(data.get("token", ""))):
                return False
            connection.reply({"status": "OK", "seq_reply": seq})
        elif not connection.user_id or not self._user_of(connection.token):
            connection.reply(_fail("api.web_socket_router.not_authenticated.app_error", 401, seq))
        elif action == "ping":
            pong = {"text": "pong", "version": SERVER_VERSION, "server_time": 0, "node_id": ""}
            connection.reply({"status": "OK", "data": pong, "seq_reply": seq})
        elif action == "user_typing":
            connection.reply({"status": "OK", "seq_reply": seq})
        else:
            connection.reply(_fail("api.web_socket_router.bad_action.app_error", 500, seq))
        return True

    async def _write(self, connection: Connection) -> None:
        while (message := await connection.queue.get()) is not None:
            await connection.socket.send_str(json.dumps(message) + "\n")
        await connection.socket.close()


def _fail(error_id: str, status: int, seq: int) -> dict[str, Any]:
    error = {"id": error_id, "message": error_id, "detailed_error": "", "status_code": status}
    return {"status": "FAIL", "error": error, "seq_reply": seq}
