"""For tests of whoever counts: a collector that can fail in every way, a tracker that remembers, and a matcher.

async with FakeCollector().serving() as collector:
    ...
    assert tracked("incident", Action="create") in collector
"""

from telemetry.testing.collector import Failure, FakeCollector, Received
from telemetry.testing.matching import SpyTracker, Tracked, assert_tracked, strictly, tracked

__all__ = [
    "Failure",
    "FakeCollector",
    "Received",
    "SpyTracker",
    "Tracked",
    "assert_tracked",
    "strictly",
    "tracked",
]
