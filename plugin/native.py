"""The native home: Mattermost starts this program, and speaks its plugin protocol with it."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plugin.manifest import PLUGIN_ID
from plugin.runtime.run import run

if TYPE_CHECKING:
    from aiohttp import web

    from plugin.app import Plugin
    from plugin.runtime.api import Api
    from plugin.settings import Settings
    from plugin.storage.database import Database

DATA = Path("data") / "incident-response"
"""Below Mattermost's working directory, where its own data is; an upgrade replaces the plugin's folder."""


def main() -> int:
    """Until Mattermost says quit, or is gone. Returns an exit code."""
    return run(_made, plugin_id=PLUGIN_ID, failed=_failed)


def _made() -> "NativePlugin":
    """After the handshake, for which Mattermost waits 3 seconds."""
    from plugin import logs  # noqa: PLC0415
    from plugin.settings import load  # noqa: PLC0415

    settings = load()
    logs.configure(settings, for_mattermost=True)
    return NativePlugin(settings)


def _failed(name: str) -> None:
    import structlog  # noqa: PLC0415

    structlog.get_logger().exception("hook.failed", hook=name)


class NativePlugin:
    """`plugin.runtime.hooks.Plugin`: our hooks, and the application behind ServeHTTP."""

    def __init__(self, settings: "Settings") -> None:
        self._settings = settings
        self._running: Plugin | None = None
        self.hooks: dict[str, Callable[..., Awaitable[Sequence[Any]]]] = {
            name: self._hook(name) for name in ("ExecuteCommand", "OnConfigurationChange")
        } | {"OnDeactivate": self._deactivate}

    async def activate(self, api: "Api") -> "web.Application":
        from plugin.app import activate  # noqa: PLC0415 - after the handshake
        from plugin.host.access import plugin_settings  # noqa: PLC0415
        from plugin.host.native import NativeApi  # noqa: PLC0415
        from plugin.settings import with_entered  # noqa: PLC0415

        host = NativeApi(api)
        effective, _refused = with_entered(self._settings, await plugin_settings(host))
        self._running = await activate(self._settings, await self._database(api, effective), host, home="native")
        return self._running.web

    async def _database(self, api: "Api", settings: "Settings") -> "Database":
        """The one that is set, else Mattermost's PostgreSQL in a schema of ours, else SQLite in the data folder."""
        import structlog  # noqa: PLC0415

        from plugin.host.data_source import translated  # noqa: PLC0415
        from plugin.storage.database import Database  # noqa: PLC0415

        log = structlog.get_logger()
        schema = settings.database_schema
        if settings.database_url:
            log.info("database.chosen", database="own")
            return Database(settings.database_url, schema=schema)
        (config,) = await api.call("GetUnsanitizedConfig")
        chosen = (config or {}).get("SqlSettings") or {}
        if chosen.get("DriverName") == "postgres":
            source = translated(chosen.get("DataSource", ""))
            log.info("database.chosen", database="mattermost", options_left_out=source.left_out)
            return Database(source.url, schema=schema)
        log.info("database.chosen", database="sqlite")
        return Database.file(DATA / "incident-response.sqlite")

    async def close(self) -> None:
        """What is not done yet is done at the next start."""
        if self._running:
            running, self._running = self._running, None
            await running.close()

    def _hook(self, name: str) -> Callable[..., Awaitable[Sequence[Any]]]:
        async def call(*args: Any) -> Sequence[Any]:
            return await self._running.hooks.call(name, list(args)) if self._running else []

        return call

    async def _deactivate(self) -> Sequence[Any]:
        await self.close()
        return [None]
