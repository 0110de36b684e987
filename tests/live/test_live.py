"""The stories, told to a real Mattermost: `MATTERMOST_URL=… MATTERMOST_USER=… MATTERMOST_PASSWORD=… make live`."""

import pytest

from tests.live.server import URL

pytestmark = pytest.mark.live


@pytest.mark.skipif(bool(URL), reason="live: a Mattermost was given; the stories are told to it")
def test_no_mattermost_was_given() -> None:
    """Loudly: without one, nothing here has met a real server."""
    pytest.skip("live: no real Mattermost was given; set MATTERMOST_URL, MATTERMOST_USER and MATTERMOST_PASSWORD")
