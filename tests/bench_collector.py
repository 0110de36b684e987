"""A data plane that only counts, in a process of its own: `python -m tests.bench_collector <port>`.

`GET /` answers how many events and how many different ones have come; `POST /status/<n>` chooses what it answers.
"""

import asyncio
import json
import sys

from aiohttp import web


class Counting:
    def __init__(self) -> None:
        self.status = 200
        self.events = 0
        self.requests = 0
        self.different: set[str] = set()

    async def batch(self, request: web.Request) -> web.Response:
        raw = await request.read()  # without gzip, if it had that
        self.requests += 1
        if self.status != 200:
            return web.Response(status=self.status)
        ids = [event["messageId"] for event in json.loads(raw)["batch"]]
        self.events += len(ids)
        self.different.update(ids)
        return web.Response(text="ok")

    async def choose(self, request: web.Request) -> web.Response:
        self.status = int(request.match_info["status"])
        self.events = self.requests = 0
        self.different.clear()
        return web.Response()

    async def counts(self, _request: web.Request) -> web.Response:
        return web.json_response({"events": self.events, "different": len(self.different), "requests": self.requests})


async def main(port: int) -> None:
    counting = Counting()
    app = web.Application(client_max_size=16_000_000)
    app.add_routes(
        [
            web.post("/v1/batch", counting.batch),
            web.post("/status/{status}", counting.choose),
            web.get("/", counting.counts),
        ]
    )
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
