"""Each event as it would leave, with made-up ids: for whoever wants to see before they decide."""

import json
from typing import Any

from telemetry.registry import DEFINITIONS
from telemetry.wire import Writer

_MESSAGE_ID = "0196f0a0-0000-7000-8000-000000000000"


def examples(writer: Writer, at: int) -> list[dict[str, Any]]:
    """A message for every event of the registry, at `at` (ms)."""
    written = (writer.payload(one.sample(_MESSAGE_ID, at)) for one in DEFINITIONS)
    return [json.loads(payload) for _key, payload in written]
