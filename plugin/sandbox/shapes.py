"""Rows -> JSON as a Mattermost 5.35 shows it. Source: the recorded exchanges that the tests replay."""

import json
from typing import Any

from plugin.sandbox.store import Row

VERSION = "5.35.4"
SERVER_VERSION = f"{VERSION}..sandbox.false"

_TIMEZONE = {"automaticTimezone": "", "manualTimezone": "", "useAutomaticTimezone": "true"}
_NOTIFY = {
    "channel": "true",
    "comments": "never",
    "desktop": "mention",
    "desktop_sound": "true",
    "email": "true",
    "first_name": "false",
    "mention_keys": "",
    "push": "mention",
    "push_status": "away",
}
_CHANNEL_NOTIFY = {
    "desktop": "default",
    "email": "default",
    "ignore_channel_mentions": "default",
    "mark_unread": "all",
    "push": "default",
}
_ATTACHMENT = {
    "id": 0,
    "fallback": "",
    "color": "",
    "pretext": "",
    "author_name": "",
    "author_link": "",
    "author_icon": "",
    "title": "",
    "title_link": "",
    "text": "",
    "fields": None,
    "image_url": "",
    "thumb_url": "",
    "footer": "",
    "footer_icon": "",
    "ts": None,
}


def user(row: Row, *, private: bool = False) -> dict[str, Any]:
    """`private` is for the person themselves (and at creation)."""
    shown = {
        "id": row["id"],
        "create_at": row["create_at"],
        "update_at": row["update_at"],
        "delete_at": row["delete_at"],
        "username": row["username"],
        "auth_data": "",
        "auth_service": "",
        "email": row["email"],
        "nickname": row["nickname"],
        "first_name": row["first_name"],
        "last_name": row["last_name"],
        "position": row["position"],
        "roles": row["roles"],
        "locale": "en",
        "timezone": _TIMEZONE,
        "disable_welcome_email": False,
    }
    if private:
        shown |= {"notify_props": _NOTIFY, "last_password_update": row["last_password_update"]}
    if row["is_bot"]:
        shown |= {"is_bot": True, "bot_description": row["bot_description"]}
    return shown


def bot(row: Row) -> dict[str, Any]:
    shown = {
        "user_id": row["id"],
        "username": row["username"],
        "display_name": row["first_name"],
        "description": row["bot_description"],
        "owner_id": row["owner_id"],
        "create_at": row["create_at"],
        "update_at": row["update_at"],
        "delete_at": row["delete_at"],
    }
    return {key: value for key, value in shown.items() if key != "description" or value}


def team(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "create_at": row["create_at"],
        "update_at": row["update_at"],
        "delete_at": row["delete_at"],
        "display_name": row["display_name"],
        "name": row["name"],
        "description": "",
        "email": row["email"],
        "type": row["type"],
        "company_name": "",
        "allowed_domains": "",
        "invite_id": row["invite_id"],
        "allow_open_invite": False,
        "scheme_id": None,
        "group_constrained": None,
    }


def team_member(row: Row) -> dict[str, Any]:
    guest, admin = bool(row["scheme_guest"]), bool(row["scheme_admin"])
    return {
        "team_id": row["team_id"],
        "user_id": row["user_id"],
        "roles": "team_guest" if guest else "team_user team_admin" if admin else "team_user",
        "delete_at": row["delete_at"],
        "scheme_guest": guest,
        "scheme_user": not guest,
        "scheme_admin": admin,
        "explicit_roles": "",
    }


def channel(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "create_at": row["create_at"],
        "update_at": row["update_at"],
        "delete_at": row["delete_at"],
        "team_id": row["team_id"],
        "type": row["type"],
        "display_name": row["display_name"],
        "name": row["name"],
        "header": row["header"],
        "purpose": row["purpose"],
        "last_post_at": row["last_post_at"],
        "total_msg_count": row["total_msg_count"],
        "extra_update_at": 0,
        "creator_id": row["creator_id"],
        "scheme_id": None,
        "props": None,
        "group_constrained": None,
        "shared": False if row["type"] == "D" else None,
        "total_msg_count_root": row["total_msg_count_root"],
    }


def channel_member(row: Row) -> dict[str, Any]:
    guest, admin = bool(row["scheme_guest"]), bool(row["scheme_admin"])
    return {
        "channel_id": row["channel_id"],
        "user_id": row["user_id"],
        "roles": "channel_guest" if guest else "channel_user channel_admin" if admin else "channel_user",
        "last_viewed_at": row["last_viewed_at"],
        "msg_count": row["msg_count"],
        "mention_count": row["mention_count"],
        "mention_count_root": row["mention_count"],
        "msg_count_root": row["msg_count"],
        "notify_props": _CHANNEL_NOTIFY,
        "last_update_at": row["last_update_at"],
        "scheme_guest": guest,
        "scheme_user": not guest,
        "scheme_admin": admin,
        "explicit_roles": "",
    }


def post(row: Row, *, reply_count: int = 0, files: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """A post as readers see it: what a click calls (`integration`) stays in the server."""
    shown: dict[str, Any] = {
        "id": row["id"],
        "create_at": row["create_at"],
        "update_at": row["update_at"],
        "edit_at": row["edit_at"],
        "delete_at": row["delete_at"],
        "is_pinned": bool(row["is_pinned"]),
        "user_id": row["user_id"],
        "channel_id": row["channel_id"],
        "root_id": row["root_id"],
        "parent_id": row["root_id"],
        "original_id": "",
        "message": "" if row["delete_at"] else row["message"],
        "type": row["type"],
        "props": without_integrations(json.loads(row["props"])),
        "hashtags": "",
        "pending_post_id": row["pending_post_id"],
        "reply_count": reply_count,
        "last_reply_at": 0,
        "participants": None,
        "is_following": False,
        "metadata": {},
    }
    if files:
        shown["file_ids"] = [file["id"] for file in files]
        shown["metadata"]["files"] = [{**file, "post_id": row["id"]} for file in files]
    if shown["props"].get("attachments"):
        shown["metadata"]["embeds"] = [{"type": "message_attachment"}]
    return shown


def normalised(props: dict[str, Any], new_id: Any) -> dict[str, Any]:
    """Props as Mattermost stores them: attachments get all their fields, actions an id."""
    attachments = props.get("attachments")
    if not isinstance(attachments, list):
        return props
    whole = []
    for attachment in attachments:
        filled = {**_ATTACHMENT, **attachment}
        if "actions" in filled:
            filled["actions"] = [
                action if action.get("id") else {**action, "id": new_id()} for action in filled["actions"] or []
            ]
        whole.append(filled)
    return {**props, "attachments": whole}


def without_integrations(props: dict[str, Any]) -> dict[str, Any]:
    """Props as readers get them."""
    attachments = props.get("attachments")
    if not isinstance(attachments, list):
        return props
    return {
        **props,
        "attachments": [
            {
                **attachment,
                "actions": [
                    {key: value for key, value in action.items() if key != "integration" and (key != "type" or value)}
                    for action in attachment["actions"]
                ],
            }
            if attachment.get("actions")
            else attachment
            for attachment in attachments
        ],
    }


def command(row: Row, *, private: bool) -> dict[str, Any]:
    """`private` is for whoever may manage commands: token, creator and URL."""
    data: dict[str, Any] = json.loads(row["data"])
    if private:
        return {**data, "token": row["token"]}
    return {**data, "token": "", "creator_id": "", "method": "", "url": ""}
