"""A Mattermost that answers at once and keeps nothing: what is left of a request's time is the plugin's own.

`python -m tests.instant <port>` runs the plugin on it in a process of its own, on the database of the environment.
"""

import asyncio
import sys
from typing import Any

from aiohttp import web

from plugin import logs
from plugin.app import activate, new_id
from plugin.host.api import Json
from plugin.settings import load
from plugin.storage.database import Database

TEAM = "t" * 26


class InstantApi:
    """`plugin.host.api.HostApi`; everybody may everything."""

    def __init__(self) -> None:
        self._facts: dict[str, Any] = {
            "GetConfig": {"ServiceSettings": {"SiteURL": ""}, "LogSettings": {"EnableDiagnostics": True}},
            "GetDiagnosticId": "d" * 26,
            "GetServerVersion": "5.35.0",
            "HasPermissionTo": False,
            "HasPermissionToChannel": True,
            "HasPermissionToTeam": True,
        }

    async def call(self, name: str, *args: Json) -> list[Json]:
        if name in self._facts:
            return [self._facts[name]]
        if name in ("RegisterCommand", "KVSet", "SendEphemeralPost", "PublishWebSocketEvent"):
            return [None]
        return [self._found(name, args), None]

    def _found(self, name: str, args: tuple[Json, ...]) -> Json:
        if name == "KVGet":
            return "b" * 26
        if name == "LoadPluginConfiguration":
            return {}
        if name in ("GetChannelsForTeamForUser", "GetPublicChannelsForTeam"):
            return []
        asked = args[0] if args and isinstance(args[0], dict) else {}
        own = new_id() if asked else args[0] if args else ""
        return {
            "username": "somebody", "name": "x", "display_name": "x", "type": "O", "purpose": "", "delete_at": 0,
            "team_id": TEAM, "total_msg_count": 0, **asked, "id": own,
        }  # fmt: skip


async def main(port: int) -> None:
    settings = load()
    logs.configure(settings)
    database = Database(settings.database_url, schema=settings.database_schema)
    plugin = await activate(settings, database, InstantApi())
    app = web.Application()
    app.add_subapp("/plugin", plugin.web)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
