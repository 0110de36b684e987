"""`incident-response` as a process, to its end."""

import asyncio
import os
import sys
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ended:
    """Exit code, and what was said."""

    code: int
    out: str
    said: str
    """On standard error."""


def without_ours() -> dict[str, str]:
    """The machine's environment."""
    return {k: v for k, v in os.environ.items() if not k.startswith("INCIDENT_RESPONSE_")}  # noqa: TID251


async def run(*arguments: str, **environment: str) -> Ended:
    """With the machine's environment, but without settings of ours other than these."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "plugin", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=without_ours() | environment,
    )
    async with asyncio.timeout(20):
        out, said = await process.communicate()
    assert process.returncode is not None
    return Ended(process.returncode, out.decode(), said.decode())
