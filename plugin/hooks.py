"""The hooks that Mattermost calls: by name, arguments and results as JSON values."""

from collections.abc import Awaitable, Callable
from typing import Any

from plugin.commands.dispatch import dispatch
from plugin.commands.registry import Call
from plugin.services import Services

Hook = Callable[[list[Any]], Awaitable[list[Any]]]


class Hooks:
    """Names and shapes are those of Mattermost's plugin protocol (its section 7)."""

    def __init__(self, *, services: Services, configuration_changed: Callable[[], Awaitable[None]]) -> None:
        self._services = services
        self._configuration_changed = configuration_changed
        self._hooks: dict[str, Hook] = {
            "ExecuteCommand": self._execute_command,
            "OnConfigurationChange": self._on_configuration_change,
        }

    @property
    def implemented(self) -> list[str]:
        return sorted(self._hooks)

    async def call(self, name: str, args: list[Any]) -> list[Any]:
        """Run a hook; its results in order. An unknown one has none."""
        hook = self._hooks.get(name)
        return await hook(args) if hook else []

    async def _execute_command(self, args: list[Any]) -> list[Any]:
        context, command = args
        call = Call(
            person_id=command["user_id"],
            team_id=command.get("team_id", ""),
            channel_id=command["channel_id"],
            root_id=command.get("root_id", ""),
            trigger_id=command.get("trigger_id", ""),
            session_id=(context or {}).get("session_id", ""),
            words=(),
        )
        text = await dispatch(self._services, command["command"], call)
        if text:
            await self._services.chat.tell(call.person_id, call.channel_id, text, root_id=call.root_id)
        return [{}, None]

    async def _on_configuration_change(self, _args: list[Any]) -> list[Any]:
        await self._configuration_changed()
        return [None]
