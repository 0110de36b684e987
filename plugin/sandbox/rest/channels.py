"""Channels, their members and their posts."""

from aiohttp import web

from plugin.sandbox import shapes
from plugin.sandbox.errors import invalid_body_param, invalid_param
from plugin.sandbox.rest import context
from plugin.sandbox.store import Row

_KINDS = {"O": "public", "P": "private"}


async def create(request: web.Request) -> web.Response:
    world, me = context.world(request), context.me(request)
    asked = await context.body(request)
    kind = _KINDS.get(str(asked.get("type") or ""))
    if not kind:
        raise invalid_param("type")
    context.allow(world.permissions.team(me["id"], str(asked.get("team_id") or ""), f"create_{kind}_channel"))
    return context.answer(shapes.channel(world.channels.create(asked, me)), status=201)


async def direct(request: web.Request) -> web.Response:
    return await _direct(request, lowest=2, highest=2)


async def group(request: web.Request) -> web.Response:
    return await _direct(request, lowest=2, highest=8)


async def _direct(request: web.Request, *, lowest: int, highest: int) -> web.Response:
    world, me = context.world(request), context.me(request)
    ids = await context.id_list(request, "user_ids")
    if not lowest <= len(ids) <= highest:
        raise invalid_body_param("user_ids")
    context.allow(highest > 2 or me["id"] in ids or world.permissions.is_admin(me["id"]))
    for user_id in ids:
        world.people.get(user_id)
    creator = me["id"] if highest > 2 or me["id"] in ids else ids[0]
    return context.answer(shapes.channel(world.channels.direct(creator, ids)), status=201)


async def get(request: web.Request) -> web.Response:
    world, me = context.world(request), context.me(request)
    row = world.channels.get(context.id_of(request, "channel_id"))
    if not world.permissions.channel(me["id"], row["id"], "read_channel"):
        in_team = bool(row["team_id"]) and world.permissions.team(me["id"], row["team_id"], "read_public_channel")
        context.allow(row["type"] == "O" and in_team)
    return context.answer(shapes.channel(row))


async def patch(request: web.Request) -> web.Response:
    world, me = context.world(request), context.me(request)
    row = _channel(request, me, "properties")
    return context.answer(shapes.channel(world.channels.patch(row, await context.body(request), me)))


async def archive(request: web.Request) -> web.Response:
    world, me = context.world(request), context.me(request)
    row = world.channels.get(context.id_of(request, "channel_id"))
    kind = _KINDS.get(row["type"], "direct")
    context.allow(world.permissions.channel(me["id"], row["id"], f"delete_{kind}_channel"))
    world.channels.archive(row, me)
    return context.ok()


async def restore(request: web.Request) -> web.Response:
    world, me = context.world(request), context.me(request)
    row = world.channels.get(context.id_of(request, "channel_id"))
    context.allow(world.permissions.team(me["id"], row["team_id"], "manage_team"))
    return context.answer(shapes.channel(world.channels.restore(row)))


async def set_privacy(request: web.Request) -> web.Response:
    """Make a channel private, or public."""
    world, me = context.world(request), context.me(request)
    row = world.channels.get(context.id_of(request, "channel_id"))
    context.allow(world.permissions.team(me["id"], row["team_id"], "manage_team"))
    privacy = str((await context.body(request)).get("privacy") or "")
    if privacy not in _KINDS:
        raise invalid_body_param("privacy")
    world.store.update("channels", row["id"], {"type": privacy})
    world.hub.publish("channel_converted", {"channel_id": row["id"]}, team_id=row["team_id"])
    return context.answer(shapes.channel(world.channels.get(row["id"])))


async def stats(request: web.Request) -> web.Response:
    world = context.world(request)
    return context.answer(world.channels.stats(_readable(request)))


async def members(request: web.Request) -> web.Response:
    world = context.world(request)
    channel_id = _readable(request)
    page, per_page = context.number(request, "page", 0), min(context.number(request, "per_page", 60), 200)
    rows = world.channels.members(channel_id, page=page, per_page=per_page)
    return context.answer([shapes.channel_member(row) for row in rows])


async def member(request: web.Request) -> web.Response:
    world = context.world(request)
    user_id = context.id_of(request, "user_id")
    return context.answer(shapes.channel_member(world.channels.member(_readable(request), user_id)))


async def members_by_ids(request: web.Request) -> web.Response:
    world = context.world(request)
    channel_id = _readable(request)
    ids = await context.id_list(request, "user_ids")
    rows = [row for row in world.channels.members(channel_id) if row["user_id"] in ids]
    return context.answer([shapes.channel_member(row) for row in rows])


async def add_member(request: web.Request) -> web.Response:
    """Oneself to a public channel, or somebody else where one is a member."""
    world, me = context.world(request), context.me(request)
    row = world.channels.get(context.id_of(request, "channel_id"))
    user_id = str((await context.body(request)).get("user_id") or "")
    if len(user_id) != 26:
        raise invalid_body_param("user_id")
    joining = user_id == me["id"] and row["type"] == "O"
    kind = _KINDS.get(row["type"], "direct")
    if not (joining and world.permissions.team(me["id"], row["team_id"], "join_public_channels")):
        context.allow(world.permissions.channel(me["id"], row["id"], f"manage_{kind}_channel_members"))
    world.people.get(user_id)
    added = world.channels.add_member(row["id"], user_id, adder_id="" if joining else me["id"])
    return context.answer(shapes.channel_member(added), status=201)


async def remove_member(request: web.Request) -> web.Response:
    world, me = context.world(request), context.me(request)
    user_id = context.id_of(request, "user_id")
    row = world.channels.get(context.id_of(request, "channel_id"))
    kind = _KINDS.get(row["type"], "direct")
    if user_id != me["id"]:
        context.allow(world.permissions.channel(me["id"], row["id"], f"manage_{kind}_channel_members"))
    world.channels.remove_member(row["id"], user_id, remover_id=me["id"])
    return context.ok()


async def set_member_roles(request: web.Request) -> web.Response:
    world, me = context.world(request), context.me(request)
    row = _channel(request, me, "members")
    asked = await context.body(request)
    world.channels.set_admin(row["id"], context.id_of(request, "user_id"), admin=bool(asked.get("scheme_admin")))
    return context.ok()


async def viewed(request: web.Request) -> web.Response:
    world, me = context.world(request), context.me(request)
    channel_id = str((await context.body(request)).get("channel_id") or "")
    if channel_id:
        world.channels.viewed(channel_id, me["id"])
        world.hub.publish("channel_viewed", {"channel_id": channel_id}, user_id=me["id"])
    return context.answer({"status": "OK", "last_viewed_at_times": {}})


async def posts(request: web.Request) -> web.Response:
    """A page, what is before or after a post, or what changed since a time."""
    world = context.world(request)
    channel_id = _readable(request)
    query = request.query
    page, per_page = context.number(request, "page", 0), context.number(request, "per_page", 60)
    channel = world.channels.get(channel_id)
    etag = f"{shapes.VERSION}.{channel_id}.{channel['last_post_at']}.{channel['update_at']}"
    if request.headers.get("If-None-Match") == etag:
        return web.Response(status=304, headers={"Etag": etag})
    if query.get("since"):
        return context.answer(world.posts.since(channel_id, context.number(request, "since", 0)))
    if before := query.get("before"):
        return context.answer(world.posts.around(channel_id, before, before=True, page=page, per_page=per_page))
    if after := query.get("after"):
        return context.answer(world.posts.around(channel_id, after, before=False, page=page, per_page=per_page))
    threads = query.get("skipFetchThreads") != "true"
    listed = world.posts.page(channel_id, page=page, per_page=per_page, threads=threads)
    return context.answer(listed, headers={"Etag": etag})


def _readable(request: web.Request) -> str:
    world, me = context.world(request), context.me(request)
    channel_id = context.id_of(request, "channel_id")
    context.allow(world.permissions.channel(me["id"], channel_id, "read_channel"))
    return channel_id


def _channel(request: web.Request, me: Row, what: str) -> Row:
    world = context.world(request)
    row = world.channels.get(context.id_of(request, "channel_id"))
    if row["type"] in _KINDS:
        permission = f"manage_{_KINDS[row['type']]}_channel_{what}"
        context.allow(world.permissions.channel(me["id"], row["id"], permission))
    else:
        context.allow(world.permissions.channel(me["id"], row["id"], "read_channel"))
    return row


_CHANNEL = "/channels/{channel_id:[A-Za-z0-9]+}"
_MEMBER = f"{_CHANNEL}/members/{{user_id:[A-Za-z0-9]+}}"

ROUTES = [
    web.post("/channels", create),
    web.post("/channels/direct", direct),
    web.post("/channels/group", group),
    web.post("/channels/members/{user_id:[A-Za-z0-9]+}/view", viewed),
    web.get(_CHANNEL, get),
    web.put(f"{_CHANNEL}/patch", patch),
    web.delete(_CHANNEL, archive),
    web.post(f"{_CHANNEL}/restore", restore),
    web.put(f"{_CHANNEL}/privacy", set_privacy),
    web.get(f"{_CHANNEL}/stats", stats),
    web.get(f"{_CHANNEL}/members", members),
    web.post(f"{_CHANNEL}/members", add_member),
    web.post(f"{_CHANNEL}/members/ids", members_by_ids),
    web.get(_MEMBER, member),
    web.delete(_MEMBER, remove_member),
    web.put(f"{_MEMBER}/schemeRoles", set_member_roles),
    web.get(f"{_CHANNEL}/posts", posts),
]
