"""Teams, their members, their channels, and the commands that can be typed in them."""

from aiohttp import web

from plugin.sandbox import shapes
from plugin.sandbox.errors import invalid_param
from plugin.sandbox.rest import context


async def create(request: web.Request) -> web.Response:
    world, me = context.world(request), context.me(request)
    context.allow(world.permissions.system(me["id"], "create_team"))
    asked = await context.body(request)
    name, shown = str(asked.get("name") or ""), str(asked.get("display_name") or "")
    row = world.teams.create(name, shown, str(asked.get("type") or "O"), me)
    return context.answer(shapes.team(row), status=201)


async def get(request: web.Request) -> web.Response:
    world, me = context.world(request), context.me(request)
    row = world.teams.get(context.id_of(request, "team_id"))
    context.allow(world.permissions.team(me["id"], row["id"], "view_team"))
    return context.answer(shapes.team(row))


async def get_by_name(request: web.Request) -> web.Response:
    world, me = context.world(request), context.me(request)
    row = world.teams.by_name(request.match_info["name"])
    context.allow(world.permissions.team(me["id"], row["id"], "view_team"))
    return context.answer(shapes.team(row))


async def of_user(request: web.Request) -> web.Response:
    world, me = context.world(request), context.me(request)
    user_id = context.id_of(request, "user_id")
    context.allow(user_id == me["id"] or world.permissions.is_admin(me["id"]))
    return context.answer([shapes.team(row) for row in world.teams.of_user(user_id)])


async def add_member(request: web.Request) -> web.Response:
    world, me = context.world(request), context.me(request)
    team = world.teams.get(context.id_of(request, "team_id"))
    context.allow(world.permissions.team(me["id"], team["id"], "add_user_to_team"))
    user = world.people.get(str((await context.body(request)).get("user_id") or ""))
    return context.answer(shapes.team_member(world.teams.add_member(team["id"], user["id"])), status=201)


async def members(request: web.Request) -> web.Response:
    world, me = context.world(request), context.me(request)
    team_id = context.id_of(request, "team_id")
    context.allow(world.permissions.team(me["id"], team_id, "view_team"))
    rows = world.store.all("SELECT * FROM team_members WHERE team_id = ? AND delete_at = 0 ORDER BY rowid", team_id)
    return context.answer([shapes.team_member(row) for row in rows])


async def members_by_ids(request: web.Request) -> web.Response:
    world, me = context.world(request), context.me(request)
    team_id = context.id_of(request, "team_id")
    context.allow(world.permissions.team(me["id"], team_id, "view_team"))
    ids = await context.id_list(request, "user_ids")
    if not ids:
        raise invalid_param("user_ids")
    rows = world.store.all("SELECT * FROM team_members WHERE team_id = ? ORDER BY rowid", team_id)
    return context.answer([shapes.team_member(row) for row in rows if row["user_id"] in ids])


async def member(request: web.Request) -> web.Response:
    world, me = context.world(request), context.me(request)
    team_id = context.id_of(request, "team_id")
    context.allow(world.permissions.team(me["id"], team_id, "view_team"))
    return context.answer(shapes.team_member(world.teams.member(team_id, context.id_of(request, "user_id"))))


async def remove_member(request: web.Request) -> web.Response:
    world, me = context.world(request), context.me(request)
    team_id, user_id = context.id_of(request, "team_id"), context.id_of(request, "user_id")
    context.allow(user_id == me["id"] or world.permissions.team(me["id"], team_id, "manage_team"))
    world.teams.remove_member(team_id, user_id)
    return context.ok()


async def public_channels(request: web.Request) -> web.Response:
    world, me = context.world(request), context.me(request)
    team_id = context.id_of(request, "team_id")
    context.allow(world.permissions.team(me["id"], team_id, "list_team_channels"))
    rows = world.channels.public(
        team_id,
        page=context.number(request, "page", 0),
        per_page=min(context.number(request, "per_page", 60), 200),
    )
    return context.answer([shapes.channel(row) for row in rows])


async def channel_by_name(request: web.Request) -> web.Response:
    world, me = context.world(request), context.me(request)
    deleted = request.query.get("include_deleted") == "true"
    row = world.channels.by_name(context.id_of(request, "team_id"), request.match_info["name"], deleted=deleted)
    readable = world.permissions.channel(me["id"], row["id"], "read_channel")
    in_team = world.permissions.team(me["id"], row["team_id"], "read_public_channel")
    context.allow(readable or (row["type"] == "O" and in_team))
    return context.answer(shapes.channel(row))


async def channels_of_user(request: web.Request) -> web.Response:
    world, me = context.world(request), context.me(request)
    user_id, team_id = context.id_of(request, "user_id"), context.id_of(request, "team_id")
    context.allow(user_id == me["id"] or world.permissions.is_admin(me["id"]))
    context.allow(world.permissions.team(me["id"], team_id, "view_team"))
    return context.answer([shapes.channel(row) for row in world.channels.of_user(team_id, user_id)])


async def channel_members_of_user(request: web.Request) -> web.Response:
    """What a client needs to tell read from unread."""
    world, me = context.world(request), context.me(request)
    user_id, team_id = context.id_of(request, "user_id"), context.id_of(request, "team_id")
    context.allow(user_id == me["id"] or world.permissions.is_admin(me["id"]))
    rows = [world.channels.member(row["id"], user_id) for row in world.channels.of_user(team_id, user_id)]
    return context.answer([shapes.channel_member(row) for row in rows])


async def commands(request: web.Request) -> web.Response:
    world, me = context.world(request), context.me(request)
    team_id = context.id_of(request, "team_id")
    context.allow(world.permissions.team(me["id"], team_id, "view_team"))
    return context.answer(world.commands.autocomplete(team_id))


async def suggestions(request: web.Request) -> web.Response:
    world, me = context.world(request), context.me(request)
    team_id = context.id_of(request, "team_id")
    context.allow(world.permissions.team(me["id"], team_id, "view_team"))
    typed, channel_id = request.query.get("user_input", ""), request.query.get("channel_id", "")
    found = await world.commands.suggestions(team_id, typed, user_id=me["id"], channel_id=channel_id)
    return context.answer(found)


_TEAM = "/teams/{team_id:[A-Za-z0-9]+}"
_MEMBER = f"{_TEAM}/members/{{user_id:[A-Za-z0-9]+}}"
_OF_USER = "/users/{user_id:[A-Za-z0-9]+}/teams"

ROUTES = [
    web.post("/teams", create),
    web.get("/teams/name/{name}", get_by_name),
    web.get(_TEAM, get),
    web.get(f"{_TEAM}/members", members),
    web.post(f"{_TEAM}/members", add_member),
    web.post(f"{_TEAM}/members/ids", members_by_ids),
    web.get(_MEMBER, member),
    web.delete(_MEMBER, remove_member),
    web.get(f"{_TEAM}/channels", public_channels),
    web.get(f"{_TEAM}/channels/name/{{name}}", channel_by_name),
    web.get(f"{_TEAM}/commands/autocomplete", commands),
    web.get(f"{_TEAM}/commands/autocomplete_suggestions", suggestions),
    web.get(_OF_USER, of_user),
    web.get(f"{_OF_USER}/{{team_id:[A-Za-z0-9]+}}/channels", channels_of_user),
    web.get(f"{_OF_USER}/{{team_id:[A-Za-z0-9]+}}/channels/members", channel_members_of_user),
]
