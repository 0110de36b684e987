"""The sandbox's HTTP server: REST v4, websocket, plugin paths, and the chat page."""

from pathlib import Path

from aiohttp import web

from plugin.sandbox.rest import channels, commands, context, dialogs, files, posts, system, teams, users
from plugin.sandbox.world import World

API = "/api/v4"
_MAX_BODY = 8 * 1024 * 1024
_CACHE = {"Cache-Control": "public, max-age=31536000, immutable"}
PAGE = web.AppKey("page", Path)


def application(world: World, page: Path) -> web.Application:
    """`page` is the folder with the built chat page; a missing one is said on the page."""
    app = web.Application(middlewares=[context.mattermost_answers], client_max_size=_MAX_BODY)
    app[context.WORLD] = world
    app[PAGE] = page
    for area in (users, teams, channels, posts, commands, dialogs, files, system):
        app.add_routes([web.route(r.method, f"{API}{r.path}", r.handler) for r in area.ROUTES])
    app.add_routes(
        [
            web.get(f"{API}/websocket", _websocket),
            web.get("/static/plugins/{plugin_id}/{name}", _plugin_bundle),
            web.route("*", "/plugins/{plugin_id}", _plugin_http),
            web.route("*", "/plugins/{plugin_id}/{path:(?s:.*)}", _plugin_http),
        ]
    )
    if (page / "assets").is_dir():
        app.router.add_static("/assets", page / "assets")
    app.add_routes([web.get("/{path:(?!api/|plugins/|assets/|static/).*}", _index)])
    return app


async def _websocket(request: web.Request) -> web.StreamResponse:
    world = context.world(request)
    token = request.cookies.get("MMAUTHTOKEN", "") or context.bearer(request)
    if request.cookies.get("MMAUTHTOKEN") and not _same_origin(request):
        raise web.HTTPForbidden
    return await world.hub.serve(request, token)


def _same_origin(request: web.Request) -> bool:
    origin = request.headers.get("Origin", "")
    return not origin or origin.split("://", 1)[-1] == request.host


async def _plugin_http(request: web.Request) -> web.StreamResponse:
    session = context.session(request)
    return await context.world(request).plugins.proxy(request, session["user_id"] if session else "")


async def _plugin_bundle(request: web.Request) -> web.Response:
    plugins = context.world(request).plugins
    content = plugins.bundle()
    if content is None or request.match_info["name"] != plugins.bundle_name():
        raise web.HTTPNotFound
    return web.Response(body=content, content_type="text/javascript", headers=_CACHE)


async def _index(request: web.Request) -> web.StreamResponse:
    """Every path of the chat page is the same page; it finds the channel from the address."""
    index = request.app[PAGE] / "index.html"
    if not index.exists():
        return web.Response(status=503, text="The chat page has not been built. Run `make web`.\n")
    return web.FileResponse(index, headers={"Cache-Control": "no-cache"})
