"""Posts."""

from typing import Any

from aiohttp import web

from plugin.sandbox import shapes
from plugin.sandbox.errors import invalid_body_param
from plugin.sandbox.rest import context
from plugin.sandbox.store import Row


async def create(request: web.Request) -> web.Response:
    """`create_at` counts for system administrators only."""
    world, me = context.world(request), context.me(request)
    asked = await context.body(request)
    context.allow(world.permissions.channel(me["id"], str(asked.get("channel_id") or ""), "create_post"))
    if not world.permissions.is_admin(me["id"]):
        asked.pop("create_at", None)
    if not isinstance(asked.get("props") or {}, dict):
        raise invalid_body_param("post")
    return context.answer(world.posts.json(world.posts.create(me["id"], asked)), status=201)


async def create_ephemeral(request: web.Request) -> web.Response:
    world, me = context.world(request), context.me(request)
    asked = await context.body(request)
    post: dict[str, Any] = asked.get("post") or {}
    context.allow(world.permissions.is_admin(me["id"]))
    shown = world.posts.ephemeral(str(asked.get("user_id") or ""), {**post, "user_id": me["id"]})
    return context.answer(shown, status=201)


async def get(request: web.Request) -> web.Response:
    world = context.world(request)
    row, _ = _post(request)
    etag = f"{shapes.VERSION}.{row['id']}.{row['update_at']}"
    if request.headers.get("If-None-Match") == etag:
        return web.Response(status=304, headers={"Etag": etag})
    return context.answer(world.posts.json(row), headers={"Etag": etag})


async def thread(request: web.Request) -> web.Response:
    world = context.world(request)
    row, _ = _post(request)
    return context.answer(world.posts.thread(row))


async def patch(request: web.Request) -> web.Response:
    """One's own; somebody else's only as an administrator."""
    world = context.world(request)
    row, me = _post(request)
    context.allow(row["user_id"] == me["id"] or world.permissions.is_admin(me["id"]))
    return context.answer(world.posts.json(world.posts.patch(row, await context.body(request))))


async def delete(request: web.Request) -> web.Response:
    world = context.world(request)
    row, me = _post(request)
    others = world.permissions.channel(me["id"], row["channel_id"], "delete_others_posts")
    context.allow(row["user_id"] == me["id"] or others)
    world.posts.delete(row)
    return context.ok()


async def pin(request: web.Request) -> web.Response:
    context.world(request).posts.patch(_post(request)[0], {"is_pinned": True})
    return context.ok()


async def unpin(request: web.Request) -> web.Response:
    context.world(request).posts.patch(_post(request)[0], {"is_pinned": False})
    return context.ok()


def _post(request: web.Request) -> tuple[Row, Row]:
    world, me = context.world(request), context.me(request)
    row = world.posts.get(context.id_of(request, "post_id"))
    context.allow(world.permissions.channel(me["id"], row["channel_id"], "read_channel"))
    return row, me


_POST = "/posts/{post_id:[A-Za-z0-9]+}"

ROUTES = [
    web.post("/posts", create),
    web.post("/posts/ephemeral", create_ephemeral),
    web.get(_POST, get),
    web.get(f"{_POST}/thread", thread),
    web.put(f"{_POST}/patch", patch),
    web.delete(_POST, delete),
    web.post(f"{_POST}/pin", pin),
    web.post(f"{_POST}/unpin", unpin),
]
