"""Slash commands."""

from aiohttp import web

from plugin.sandbox import shapes
from plugin.sandbox.errors import AppError, invalid_param
from plugin.sandbox.rest import context
from plugin.sandbox.store import new_id


async def create(request: web.Request) -> web.Response:
    world, me = context.world(request), context.me(request)
    asked = await context.body(request)
    context.allow(world.permissions.team(me["id"], str(asked.get("team_id") or ""), "manage_slash_commands"))
    return context.answer(shapes.command(world.commands.create(asked, me["id"]), private=True), status=201)


async def list_commands(request: web.Request) -> web.Response:
    world, me = context.world(request), context.me(request)
    team_id = request.query.get("team_id", "")
    if not team_id:
        raise invalid_param("team_id")
    if request.query.get("custom_only") == "true":
        context.allow(world.permissions.team(me["id"], team_id, "manage_slash_commands"))
        return context.answer([shapes.command(row, private=True) for row in world.commands.of_team(team_id)])
    context.allow(world.permissions.team(me["id"], team_id, "view_team"))
    return context.answer(world.commands.autocomplete(team_id))


async def regenerate_token(request: web.Request) -> web.Response:
    world, me = context.world(request), context.me(request)
    row = world.store.one("SELECT * FROM commands WHERE id = ?", context.id_of(request, "command_id"))
    if not row:
        raise AppError("store.sql_command.get.missing.app_error", 404, "Command does not exist.")
    context.allow(world.permissions.team(me["id"], row["team_id"], "manage_slash_commands"))
    token = new_id()
    world.store.update("commands", row["id"], {"token": token})
    return context.answer({"token": token})


async def execute(request: web.Request) -> web.Response:
    world, me = context.world(request), context.me(request)
    asked = await context.body(request)
    channel_id = str(asked.get("channel_id") or "")
    if len(channel_id) != 26:
        raise invalid_param("channel_id")
    context.allow(world.permissions.channel(me["id"], channel_id, "use_slash_commands"))
    session = context.session(request)
    return context.answer(await world.commands.execute(me, session["id"] if session else "", asked))


ROUTES = [
    web.get("/commands", list_commands),
    web.post("/commands", create),
    web.post("/commands/execute", execute),
    web.put("/commands/{command_id:[A-Za-z0-9]+}/regen_token", regenerate_token),
]
