"""Users, sessions, bots and access tokens."""

from typing import Any

from aiohttp import web

from plugin.sandbox import shapes
from plugin.sandbox.errors import AppError, invalid_param
from plugin.sandbox.rest import context
from plugin.sandbox.store import Row, new_id

_SESSION_S = 30 * 24 * 3600
_PER_PAGE = 60


async def create(request: web.Request) -> web.Response:
    """Sign up, or be made by an administrator."""
    world = context.world(request)
    asked = await context.body(request)
    if len(str(asked.get("password") or "")) < 5:
        raise AppError("model.user.is_valid.pwd.app_error", 400, "Your password must contain at least 5 characters.")
    row = world.people.create(
        str(asked.get("username") or ""),
        email=str(asked.get("email") or ""),
        password=str(asked["password"]),
        first_name=str(asked.get("first_name") or ""),
    )
    return context.answer(shapes.user(row, private=True), status=201)


async def login(request: web.Request) -> web.Response:
    """The token is in the header `Token`; browsers get cookies too."""
    world = context.world(request)
    asked = await context.body(request)
    login_id, password = str(asked.get("login_id") or ""), str(asked.get("password") or "")
    session = world.people.login(login_id, password, str(asked.get("device_id") or ""))
    user = world.people.get(session["user_id"])
    response = context.answer(shapes.user(user, private=True), headers={"Token": session["token"]})
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        response.set_cookie("MMAUTHTOKEN", session["token"], max_age=_SESSION_S, httponly=True)
        response.set_cookie("MMUSERID", user["id"], max_age=_SESSION_S)
        response.set_cookie("MMCSRF", session["csrf"], max_age=_SESSION_S)
    return response


async def logout(request: web.Request) -> web.Response:
    found = context.session(request)
    if found:
        context.world(request).people.end_session(found["token"])
        context.world(request).hub.silence(token=found["token"])
    response = context.ok()
    for name in ("MMAUTHTOKEN", "MMUSERID", "MMCSRF"):
        response.del_cookie(name)
    return response


async def get(request: web.Request) -> web.Response:
    me = context.me(request)
    return _one(request, context.world(request).people.get(context.id_of(request, "user_id")), me)


async def get_by_name(request: web.Request) -> web.Response:
    me = context.me(request)
    row = context.world(request).people.by_name(request.match_info["username"])
    if not row:
        raise AppError("app.user.get_by_username.app_error", 404, "Unable to find the user.")
    return _one(request, row, me)


async def list_users(request: web.Request) -> web.Response:
    """All, or those in a channel or team."""
    world, me = context.world(request), context.me(request)
    query = request.query
    if channel_id := query.get("in_channel"):
        context.allow(world.permissions.channel(me["id"], channel_id, "read_channel"))
        join, args = "JOIN channel_members m ON m.user_id = u.id AND m.channel_id = ?", [channel_id]
    elif team_id := query.get("in_team"):
        context.allow(world.permissions.team(me["id"], team_id, "view_team"))
        join, args = "JOIN team_members m ON m.user_id = u.id AND m.delete_at = 0 AND m.team_id = ?", [team_id]
    else:
        join, args = "", []
    per_page = min(context.number(request, "per_page", _PER_PAGE), 200)
    rows = world.store.all(
        f"SELECT u.* FROM users u {join} ORDER BY u.username LIMIT ? OFFSET ?",  # noqa: S608 - one of three texts above
        *args,
        per_page,
        per_page * context.number(request, "page", 0),
    )
    return context.answer([shapes.user(row) for row in rows])


async def by_ids(request: web.Request) -> web.Response:
    return await _many(request, "id", "user_ids")


async def by_names(request: web.Request) -> web.Response:
    return await _many(request, "username", "usernames")


async def autocomplete(request: web.Request) -> web.Response:
    """People whose name begins so, in a team or in and out of a channel."""
    world, me = context.world(request), context.me(request)
    name = request.query.get("name", "").lower().removeprefix("@")
    team_id, channel_id = request.query.get("in_team", ""), request.query.get("in_channel", "")
    if team_id:
        context.allow(world.permissions.team(me["id"], team_id, "view_team"))
    if channel_id:
        context.allow(world.permissions.channel(me["id"], channel_id, "read_channel"))
    rows = world.store.all(
        "SELECT u.* FROM users u WHERE u.delete_at = 0 AND (u.username LIKE ?1 || '%' OR u.first_name LIKE ?1 || '%')"
        " AND (?2 = '' OR EXISTS (SELECT 1 FROM team_members m WHERE m.user_id = u.id AND m.team_id = ?2"
        " AND m.delete_at = 0)) ORDER BY u.username LIMIT 100",
        name.replace("%", "").replace("_", ""),
        team_id,
    )
    if not channel_id:
        return context.answer({"users": [shapes.user(row) for row in rows]})
    members = world.channels.member_ids(channel_id)
    inside = [shapes.user(row) for row in rows if row["id"] in members]
    outside = [shapes.user(row) for row in rows if row["id"] not in members]
    return context.answer({"users": inside, "out_of_channel": outside})


async def set_roles(request: web.Request) -> web.Response:
    world, me = context.world(request), context.me(request)
    context.allow(world.permissions.is_admin(me["id"]))
    user = world.people.get(context.id_of(request, "user_id"))
    world.store.update("users", user["id"], {"roles": str((await context.body(request)).get("roles") or "")})
    return context.ok()


async def demote(request: web.Request) -> web.Response:
    """A person becomes a guest: in the system, and wherever they are a member."""
    world, me = context.world(request), context.me(request)
    context.allow(world.permissions.is_admin(me["id"]))
    user = world.people.get(context.id_of(request, "user_id"))
    world.store.update("users", user["id"], {"roles": "system_guest"})
    world.store.execute("UPDATE team_members SET scheme_guest = 1 WHERE user_id = ?", user["id"])
    world.store.execute("UPDATE channel_members SET scheme_guest = 1 WHERE user_id = ?", user["id"])
    return context.ok()


async def set_active(request: web.Request) -> web.Response:
    world, me = context.world(request), context.me(request)
    user = world.people.get(context.id_of(request, "user_id"))
    context.allow(world.permissions.is_admin(me["id"]) or me["id"] == user["id"])
    _set_active(request, user["id"], active=bool((await context.body(request)).get("active")))
    return context.ok()


async def deactivate(request: web.Request) -> web.Response:
    world, me = context.world(request), context.me(request)
    user = world.people.get(context.id_of(request, "user_id"))
    context.allow(world.permissions.is_admin(me["id"]) or me["id"] == user["id"])
    _set_active(request, user["id"], active=False)
    return context.ok()


async def statuses(request: web.Request) -> web.Response:
    context.me(request)
    ids = await context.id_list(request, "user_ids")
    shown = [{"user_id": user_id, "status": "online", "manual": False, "last_activity_at": 0} for user_id in ids]
    return context.answer(shown)


async def create_token(request: web.Request) -> web.Response:
    """A personal access token, shown this once."""
    world, me = context.world(request), context.me(request)
    user = world.people.get(context.id_of(request, "user_id"))
    context.allow(world.permissions.is_admin(me["id"]))
    description = str((await context.body(request)).get("description") or "")
    if not description:
        raise invalid_param("description")
    session = world.people.new_session(user["id"], is_pat=True)
    shown = {"id": new_id(), "token": session["token"], "user_id": user["id"], "description": description}
    return context.answer({**shown, "is_active": True})


async def create_bot(request: web.Request) -> web.Response:
    world, me = context.world(request), context.me(request)
    context.allow(world.permissions.is_admin(me["id"]))
    asked = await context.body(request)
    row = world.people.create(
        str(asked.get("username") or ""),
        first_name=str(asked.get("display_name") or ""),
        bot_description=str(asked.get("description") or ""),
        owner_id=me["id"],
    )
    return context.answer(shapes.bot(row), status=201)


async def list_bots(request: web.Request) -> web.Response:
    world, me = context.world(request), context.me(request)
    context.allow(world.permissions.is_admin(me["id"]))
    deleted = request.query.get("include_deleted") == "true"
    rows = world.store.all("SELECT * FROM users WHERE is_bot = 1 ORDER BY create_at")
    return context.answer([shapes.bot(row) for row in rows if deleted or not row["delete_at"]])


async def disable_bot(request: web.Request) -> web.Response:
    return _bot_active(request, active=False)


async def enable_bot(request: web.Request) -> web.Response:
    return _bot_active(request, active=True)


def _set_active(request: web.Request, user_id: str, *, active: bool) -> None:
    world = context.world(request)
    world.people.set_active(user_id, active=active)
    if not active:
        world.hub.silence(user_id=user_id)


def _bot_active(request: web.Request, *, active: bool) -> web.Response:
    world, me = context.world(request), context.me(request)
    context.allow(world.permissions.is_admin(me["id"]))
    row = world.people.get(context.id_of(request, "bot_id"))
    _set_active(request, row["id"], active=active)
    return context.answer(shapes.bot(world.people.get(row["id"])))


def _one(request: web.Request, row: Row, me: Row) -> web.Response:
    etag = f"{shapes.VERSION}.{row['id']}.{row['update_at']}..0.true.true.0"
    if request.headers.get("If-None-Match") == etag:
        return web.Response(status=304, headers={"Etag": etag})
    return context.answer(shapes.user(row, private=row["id"] == me["id"]), headers={"Etag": etag})


async def _many(request: web.Request, column: str, name: str) -> web.Response:
    world = context.world(request)
    context.me(request)
    values = await context.id_list(request, name)
    if not values:
        raise invalid_param(name)
    marks = ",".join("?" * len(values))
    rows: list[Any] = world.store.all(f"SELECT * FROM users WHERE {column} IN ({marks})", *values)  # noqa: S608
    return context.answer([shapes.user(row) for row in rows])


_USER = "/users/{user_id:[A-Za-z0-9]+}"
_BOT = "/bots/{bot_id:[A-Za-z0-9]+}"

ROUTES = [
    web.get("/users", list_users),
    web.post("/users", create),
    web.post("/users/login", login),
    web.post("/users/logout", logout),
    web.post("/users/ids", by_ids),
    web.post("/users/usernames", by_names),
    web.get("/users/autocomplete", autocomplete),
    web.post("/users/status/ids", statuses),
    web.get("/users/username/{username}", get_by_name),
    web.get(_USER, get),
    web.delete(_USER, deactivate),
    web.put(f"{_USER}/active", set_active),
    web.put(f"{_USER}/roles", set_roles),
    web.post(f"{_USER}/demote", demote),
    web.post(f"{_USER}/tokens", create_token),
    web.get("/bots", list_bots),
    web.post("/bots", create_bot),
    web.post(f"{_BOT}/disable", disable_bot),
    web.post(f"{_BOT}/enable", enable_bot),
]
