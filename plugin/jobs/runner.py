"""The only place where background work is started. A job is a function that is called again and again."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Job:
    """`run` does one round and tells whether more waits; it is called when woken, and every `every_s` seconds."""

    name: str
    run: Callable[[], Awaitable[bool]]
    every_s: float
    wake: asyncio.Event = field(default_factory=asyncio.Event)


class Runner:
    """Runs jobs until it is stopped; a job that fails is logged and called again later."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False

    def start(self, jobs: list[Job]) -> None:
        self._tasks = [asyncio.create_task(self._loop(job), name=job.name) for job in jobs]  # noqa: TID251

    async def stop(self) -> None:
        """Cancel and wait; what a job had leased is taken up at the next start."""
        self._stopping = True  # a job that fails while it is cancelled must not go on
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def _loop(self, job: Job) -> None:
        while not self._stopping:
            job.wake.clear()
            more = False
            try:
                more = await job.run()
            except Exception:
                log.exception("job.failed", job=job.name)
            if not more:
                try:
                    await asyncio.wait_for(job.wake.wait(), job.every_s)
                except TimeoutError:
                    continue
