"""Interactive dialogs and the buttons and menus of posts."""

import json
from typing import Any

from aiohttp import web

from plugin.sandbox.dialogs import open_dialog
from plugin.sandbox.errors import AppError, invalid_body_param
from plugin.sandbox.rest import context


async def open_(request: web.Request) -> web.Response:
    """Needs no session, only a fresh trigger id."""
    open_dialog(context.world(request), await context.body(request))
    return context.ok()


async def submit(request: web.Request) -> web.Response:
    world, user = context.world(request), context.me(request)
    asked = await context.body(request)
    if not asked.get("url"):
        raise invalid_body_param("url")
    context.allow(world.permissions.channel(user["id"], str(asked.get("channel_id") or ""), "read_channel"))
    context.allow(world.permissions.team(user["id"], str(asked.get("team_id") or ""), "view_team"))
    told = {
        "type": "dialog_submission",
        "callback_id": asked.get("callback_id", ""),
        "state": asked.get("state", ""),
        "user_id": user["id"],
        "channel_id": asked["channel_id"],
        "team_id": asked["team_id"],
        "submission": asked.get("submission"),
        "cancelled": bool(asked.get("cancelled")),
    }
    answer = await world.integrations.call(str(asked["url"]), told, user["id"], empty_is_fine=True)
    shown = {key: answer[key] for key in ("error", "errors") if answer.get(key)}
    return context.answer(shown)


async def act(request: web.Request) -> web.Response:
    """A click on a button, or a choice in a menu."""
    world, user = context.world(request), context.me(request)
    row = world.posts.get(context.id_of(request, "post_id"))
    context.allow(world.permissions.channel(user["id"], row["channel_id"], "read_channel"))
    asked = await context.body(request)
    action = _action(json.loads(row["props"]), request.match_info["action_id"])
    client_id, trigger_id = world.triggers.make(user["id"])
    channel = world.channels.get(row["channel_id"])
    team = world.store.one("SELECT name FROM teams WHERE id = ?", channel["team_id"])
    told = {
        "user_id": user["id"],
        "user_name": user["username"],
        "channel_id": channel["id"],
        "channel_name": channel["name"],
        "team_id": channel["team_id"],
        "team_domain": team["name"] if team else "",
        "post_id": row["id"],
        "trigger_id": trigger_id,
        "type": action.get("type", ""),
        "data_source": action.get("data_source", ""),
    }
    values = dict(action["integration"].get("context") or {})
    if asked.get("selected_option"):
        values["selected_option"] = asked["selected_option"]
    if values:
        told["context"] = values
    answer = await world.integrations.call(action["integration"]["url"], told, user["id"], empty_is_fine=False)
    if answer.get("update"):
        update = answer["update"]
        world.posts.patch(row, {"message": update.get("message") or "", "props": update.get("props")})
    if answer.get("ephemeral_text"):
        world.posts.ephemeral(
            user["id"],
            {
                "user_id": user["id"],
                "channel_id": channel["id"],
                "root_id": row["root_id"] or row["id"],
                "message": answer["ephemeral_text"],
                "props": {"from_webhook": "true"},
            },
        )
    return context.answer({"status": "OK", "trigger_id": client_id})


def _action(props: dict[str, Any], action_id: str) -> dict[str, Any]:
    for attachment in props.get("attachments") or ():
        for action in attachment.get("actions") or ():
            if action.get("id") == action_id and action.get("integration"):
                return dict(action)
    raise AppError("api.post.do_action.action_id.app_error", 404)


ROUTES = [
    web.post("/actions/dialogs/open", open_),
    web.post("/actions/dialogs/submit", submit),
    web.post("/posts/{post_id:[A-Za-z0-9]+}/actions/{action_id:[A-Za-z0-9]+}", act),
]
