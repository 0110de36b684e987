"""mattermostdriver, unmodified, works with the sandbox."""

import asyncio
from typing import Any
from urllib.parse import urlsplit

from mattermostdriver import Driver


async def test_it_logs_in_and_posts(address: str) -> None:
    def drive() -> tuple[Any, Any, Any]:
        options = {"url": "127.0.0.1", "scheme": "http", "port": urlsplit(address).port, "request_timeout": 10}
        driver = Driver({**options, "login_id": "alice", "password": "Passw0rd!"})
        driver.login()
        team = driver.teams.get_team_by_name("sre")
        channel = driver.channels.get_channel_by_name(team["id"], "town-square")
        post = driver.posts.create_post({"channel_id": channel["id"], "message": "by the driver"})
        return driver.users.get_user("me"), post, driver.posts.get_posts_for_channel(channel["id"])

    me, post, listed = await asyncio.to_thread(drive)
    assert (me["username"], post["message"], post["user_id"]) == ("alice", "by the driver", me["id"])
    assert listed["order"][0] == post["id"]
