"""The table that a bench prints: a line for each thing that somebody waits for."""

import asyncio
import platform
import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

Call = Callable[[], Awaitable[Any]]


def heading() -> None:
    print(f"{'':44}{'p50 ms':>8}{'p95 ms':>8}{'per s':>8}")


async def row(what: str, call: Call, times: int, *, at_once: int = 1, note: str = "") -> None:
    took: list[float] = []
    numbers = iter(range(times))

    async def worker() -> None:
        for _ in numbers:
            began = time.perf_counter()
            await call()
            took.append((time.perf_counter() - began) * 1000)

    began = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(at_once)))
    show(what, took, times / (time.perf_counter() - began), note)


def show(what: str, took: list[float], rate: float, note: str = "") -> None:
    p95 = statistics.quantiles(took, n=20)[18]
    print(f"{what:44}{statistics.median(took):8.1f}{p95:8.1f}{rate:8.0f}  {note}", flush=True)


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024
