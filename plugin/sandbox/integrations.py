"""What happens outside when somebody submits a dialog, clicks a button, or types a custom slash command."""

import json
from typing import Any

import aiohttp

from plugin.sandbox.errors import AppError
from plugin.sandbox.plugin_host import PluginHost

_TIMEOUT = aiohttp.ClientTimeout(total=30, connect=3)


class Integrations:
    """Calls plugins by their path and other services by their URL."""

    def __init__(self, plugins: PluginHost) -> None:
        self._plugins = plugins
        self._session: aiohttp.ClientSession | None = None

    async def call(self, url: str, body: dict[str, Any], user_id: str, *, empty_is_fine: bool) -> dict[str, Any]:
        """POST `body` for a dialog or button; returns the JSON object answered. Raises AppError."""
        if url.startswith(("/plugins/", "plugins/")):
            return await self._plugins.post_json("/" + url.lstrip("/"), body, user_id)
        try:
            async with self._open().post(url, json=body, headers={"Accept": "application/json"}) as answer:
                content = await answer.read()
                if answer.status != 200:
                    raise AppError("api.post.do_action.action_integration.app_error", 400)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise AppError("api.post.do_action.action_integration.app_error", 400) from error
        try:
            parsed = json.loads(content)
        except ValueError as error:
            if empty_is_fine:
                return {}
            raise AppError("api.post.do_action.action_integration.app_error", 400) from error
        return parsed if isinstance(parsed, dict) else {}

    async def command(self, row: dict[str, Any], form: list[tuple[str, str]], token: str) -> dict[str, Any]:
        """Call a custom slash command's service; returns its response. Raises AppError."""
        trigger = row["trigger"]
        failed = AppError(
            "api.command.execute_command.failed.app_error", 500, f"Command with a trigger of '{trigger}' failed."
        )
        headers = {"Accept": "application/json", "Authorization": f"Token {token}"}
        try:
            request = (
                self._open().get(row["url"], params=form, headers=headers)
                if row["method"] == "G"
                else self._open().post(row["url"], data=form, headers=headers)
            )
            async with request as answer:
                content = await answer.text()
                if answer.status != 200:
                    message = (
                        f"Command with a trigger of '{trigger}' returned response {answer.status} {answer.reason}."
                    )
                    raise AppError("api.command.execute_command.failed_resp.app_error", 500, message)
                if not answer.content_type.startswith("application/json"):
                    return {"response_type": "", "text": content}
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise failed from error
        try:
            parsed = json.loads(content)
        except ValueError as error:
            raise failed from error
        return parsed if isinstance(parsed, dict) else {}

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), timeout=_TIMEOUT)
        return self._session
