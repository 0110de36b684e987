"""The bot account and the slash command: made sure of at every start."""

from typing import Any

from plugin.host.api import HostApi, HostError, checked, found
from plugin.manifest import BOT_DISPLAY_NAME, BOT_USERNAME


class NameTaken(Exception):
    """Somebody has the bot's username; `str()` is what the administrator is told."""

    def __init__(self) -> None:
        super().__init__(f"The username {BOT_USERNAME} belongs to a person: rename that account, and enable us.")


_BOT_KEY = "mmi_botid"
"""Where Mattermost's own client library keeps a plugin's bot id (plugin protocol, section 8)."""


async def ensure_bot(api: HostApi) -> str:
    """The bot's user id; it is created the first time. Raises NameTaken, HostError, HostGone."""
    stored = await checked(api, "KVGet", _BOT_KEY)
    if stored:
        return str(stored)
    existing = await found(api, "GetUserByUsername", BOT_USERNAME)
    if existing is None:
        bot = {"username": BOT_USERNAME, "display_name": BOT_DISPLAY_NAME, "description": "Coordinates incidents."}
        bot_id = str((await checked(api, "CreateBot", bot))["user_id"])
    elif existing.get("is_bot"):
        bot_id = str(existing["id"])
    else:
        raise NameTaken
    await checked(api, "KVSet", _BOT_KEY, bot_id)
    return bot_id


async def register_command(api: HostApi, command: dict[str, Any]) -> None:
    """Register the slash command with its autocomplete. Raises HostError, HostGone."""
    (error,) = await api.call("RegisterCommand", command)
    if error:
        raise HostError({"id": "incident-response.register_command", "status_code": 500})
