"""One node of several: the plugin in a process of its own, with its Mattermost behind a socket.

`python -m tests.storms.node <port> <Mattermost's address>`; the database comes from the environment.
"""

import asyncio
import sys
from typing import Any

import aiohttp
from aiohttp import web

from plugin import logs
from plugin.app import activate
from plugin.host.api import HostGone, Json
from plugin.settings import load
from plugin.storage.database import Database


class SocketApi:
    """`plugin.host.api.HostApi` over HTTP to the process that the Mattermost is in."""

    def __init__(self, session: aiohttp.ClientSession, address: str) -> None:
        self._session = session
        self._address = address

    async def call(self, name: str, *args: Json) -> list[Json]:
        try:
            async with self._session.post(self._address, json=[name, args]) as answer:
                results: list[Json] = await answer.json()
                return results
        except aiohttp.ClientError as error:
            raise HostGone(name) from error


async def main(port: int, address: str) -> None:
    settings = load()
    logs.configure(settings)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        database = Database(settings.database_url, schema=settings.database_schema)
        plugin = await activate(settings, database, SocketApi(session, address))
        runner = web.AppRunner(plugin.web, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port, reuse_address=True).start()
        await asyncio.Event().wait()


def arguments(argv: list[str]) -> tuple[Any, ...]:
    return int(argv[1]), argv[2]


if __name__ == "__main__":
    asyncio.run(main(*arguments(sys.argv)))
