"""Ping, configuration, licence, and the list of web plugins."""

from aiohttp import web

from plugin.sandbox import shapes
from plugin.sandbox.errors import AppError
from plugin.sandbox.rest import context


async def ping(request: web.Request) -> web.Response:
    """OK only when accounts, seeds and the plugin are ready."""
    world = context.world(request)
    shown = {
        "AndroidLatestVersion": "",
        "AndroidMinVersion": "",
        "DesktopLatestVersion": "",
        "DesktopMinVersion": "",
        "IosLatestVersion": "",
        "IosMinVersion": "",
        "status": "OK" if world.ready else "UNHEALTHY",
    }
    return context.answer(shown, status=200 if world.ready else 500)


async def client_config(request: web.Request) -> web.Response:
    """All values are strings; what a stranger may know is less."""
    world = context.world(request)
    diagnostics = "true" if world.store.fact("enable_diagnostics") else "false"
    shown = {
        "AboutLink": "https://about.mattermost.com/default-about/",
        "BuildNumber": "",
        "BuildHash": "",
        "DefaultClientLocale": "en",
        "DiagnosticId": world.store.fact("diagnostic_id"),
        "DiagnosticsEnabled": diagnostics,
        "EnableBotAccountCreation": "true",
        "EnableDiagnostics": diagnostics,
        "SiteName": "Mattermost",
        "TelemetryId": world.store.fact("diagnostic_id"),
        "Version": shapes.VERSION,
    }
    if context.session(request):
        shown |= {
            "EnableCommands": "true",
            "InstallationDate": "0",
            "MaxPostSize": "16383",
            "PluginsEnabled": "true",
            "SQLDriverName": "sqlite",
            "SiteURL": world.site_url,
        }
    return context.answer(shown)


async def client_license(request: web.Request) -> web.Response:
    if request.query.get("format") != "old":
        raise AppError("api.license.client.old_format.app_error", 501)
    return context.answer({"IsLicensed": "false"})


async def webapp_plugins(request: web.Request) -> web.Response:
    return context.answer(context.world(request).plugins.webapp())


async def patch_config(request: web.Request) -> web.Response:
    """The two parts that a plugin asks for: LogSettings.EnableDiagnostics, and the plugin's own settings."""
    world, me = context.world(request), context.me(request)
    context.allow(world.permissions.is_admin(me["id"]))
    asked = await context.body(request)
    diagnostics = (asked.get("LogSettings") or {}).get("EnableDiagnostics")
    settings = ((asked.get("PluginSettings") or {}).get("Plugins") or {}).get(world.plugins.plugin_id)
    if diagnostics is not None:
        world.store.set_fact("enable_diagnostics", bool(diagnostics))
    if settings is not None:
        world.store.set_fact("plugin_settings", settings)
    await world.plugins.hook("OnConfigurationChange")
    return context.answer(_config(request))


async def get_config(request: web.Request) -> web.Response:
    world, me = context.world(request), context.me(request)
    context.allow(world.permissions.is_admin(me["id"]))
    return context.answer(_config(request))


def _config(request: web.Request) -> dict[str, object]:
    world = context.world(request)
    return {
        "ServiceSettings": {"SiteURL": world.site_url},
        "LogSettings": {"EnableDiagnostics": world.store.fact("enable_diagnostics")},
        "PluginSettings": {"Plugins": {world.plugins.plugin_id: world.store.fact("plugin_settings")}},
    }


ROUTES = [
    web.get("/system/ping", ping),
    web.get("/config", get_config),
    web.put("/config/patch", patch_config),
    web.get("/config/client", client_config),
    web.get("/license/client", client_license),
    web.get("/plugins/webapp", webapp_plugins),
]
