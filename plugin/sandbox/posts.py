"""Posts: writing, reading by page, threads; and the events that tell of them."""

import json
from typing import Any

from plugin.sandbox import shapes
from plugin.sandbox.errors import AppError, invalid_param
from plugin.sandbox.hub import Hub
from plugin.sandbox.store import Row, Store, new_id, now_ms

MAX_MESSAGE = 16_383
MAX_PROPS = 8_000
MAX_TYPE = 26
_PENDING_MS = 30_000
MAX_PER_PAGE = 200


_THREAD = "SELECT * FROM posts WHERE (id = ?1 OR (root_id = ?1 AND root_id != '')) AND delete_at = 0"
"""The second condition on the root lets SQLite use the index, which has replies only."""


class Posts:
    def __init__(self, store: Store, hub: Hub) -> None:
        self._store = store
        self._hub = hub

    def create(self, user_id: str, asked: dict[str, Any], *, system: bool = False) -> Row:
        """Write a post as that person; `system` posts are Mattermost's own (`system_*`). Raises AppError."""
        pending = str(asked.get("pending_post_id") or "")
        if pending and (known := self._pending(user_id, pending)):
            return known
        channel = self._store.one("SELECT * FROM channels WHERE id = ?", asked.get("channel_id"))
        if not channel:
            raise invalid_param("channel_id")
        row = self._row(user_id, asked, channel, system=system)
        with self._store.transaction():
            self._store.insert("posts", row)
            for file_id in json.loads(row["file_ids"]):
                self._store.execute("UPDATE files SET post_id = ? WHERE id = ?", row["id"], file_id)
            counted = 0 if row["type"].startswith(("system_join", "system_leave", "system_add", "system_remove")) else 1
            self._store.execute(
                "UPDATE channels SET last_post_at = max(last_post_at, ?), total_msg_count = total_msg_count + ?,"
                " total_msg_count_root = total_msg_count_root + ? WHERE id = ?",
                row["create_at"],
                counted,
                0 if row["root_id"] else counted,
                channel["id"],
            )
        self._told(row, channel, system=system)
        return row

    def ephemeral(self, user_id: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Shown to one person, kept nowhere. Returns it as JSON."""
        row = {
            "id": asked.get("id") or new_id(),
            "create_at": now_ms(),
            "update_at": 0,
            "edit_at": 0,
            "delete_at": 0,
            "is_pinned": 0,
            "user_id": asked.get("user_id", ""),
            "channel_id": asked.get("channel_id", ""),
            "root_id": asked.get("root_id") or "",
            "message": asked.get("message") or "",
            "type": "system_ephemeral",
            "props": json.dumps(shapes.normalised(asked.get("props") or {}, new_id)),
            "file_ids": "[]",
            "pending_post_id": "",
        }
        shown = shapes.post(row)
        text = json.dumps(shown)
        self._hub.publish("ephemeral_message", {"post": text}, user_id=user_id, channel_id=row["channel_id"])
        return shown

    def get(self, post_id: str) -> Row:
        row = self._store.one("SELECT * FROM posts WHERE id = ? AND delete_at = 0", post_id)
        if not row:
            raise AppError("app.post.get.app_error", 404)
        return row

    def patch(self, row: Row, patch: dict[str, Any]) -> Row:
        """Change message, props or the pin."""
        now = now_ms()
        changes: dict[str, Any] = {"update_at": now}
        if patch.get("message") is not None or patch.get("props") is not None:
            changes["edit_at"] = now
        if patch.get("message") is not None:
            changes["message"] = _checked_message(str(patch["message"]))
        if patch.get("props") is not None:
            changes["props"] = _checked_props(patch["props"])
        if patch.get("is_pinned") is not None:
            changes["is_pinned"] = int(bool(patch["is_pinned"]))
        self._store.update("posts", row["id"], changes)
        changed = self.get(row["id"])
        self._publish("post_edited", changed)
        return changed

    def delete(self, row: Row) -> None:
        """The post and the replies to it."""
        now = now_ms()
        self._store.execute(
            "UPDATE posts SET delete_at = ?1, update_at = ?1 WHERE id = ?2 OR root_id = ?2", now, row["id"]
        )
        self._publish("post_deleted", row)

    def json(self, row: Row) -> dict[str, Any]:
        """The post as its readers see it."""
        return self._all_json([row])[row["id"]]

    def _all_json(self, rows: list[Row]) -> dict[str, dict[str, Any]]:
        roots = {row["id"]: row["root_id"] or row["id"] for row in rows}
        wanted = sorted(set(roots.values()))
        counted = self._store.all(
            f"SELECT root_id, count(*) AS n FROM posts WHERE root_id IN ({','.join('?' * len(wanted))})"  # noqa: S608
            " AND root_id != '' AND delete_at = 0 GROUP BY root_id",
            *wanted,
        )
        replies = {row["root_id"]: row["n"] for row in counted}
        return {
            row["id"]: shapes.post(row, reply_count=replies.get(roots[row["id"]], 0), files=self._files(row))
            for row in rows
        }

    def _files(self, row: Row) -> list[dict[str, Any]]:
        return [
            json.loads(found["info"])
            for file_id in json.loads(row["file_ids"])
            if (found := self._store.one("SELECT info FROM files WHERE id = ?", file_id))
        ]

    def page(self, channel_id: str, *, page: int, per_page: int, threads: bool) -> dict[str, Any]:
        """Newest first."""
        rows = self._store.all(
            "SELECT * FROM posts WHERE channel_id = ? AND delete_at = 0 ORDER BY create_at DESC, rowid DESC"
            " LIMIT ? OFFSET ?",
            channel_id,
            min(per_page, MAX_PER_PAGE),
            page * min(per_page, MAX_PER_PAGE),
        )
        return self._listed(rows, threads=threads)

    def around(self, channel_id: str, post_id: str, *, before: bool, page: int, per_page: int) -> dict[str, Any]:
        """The page before or after a post, by time alone: posts of the same millisecond are left out."""
        pivot = self._store.one("SELECT create_at FROM posts WHERE id = ?", post_id)
        if not pivot:
            raise AppError("app.post.get.app_error", 404)
        sign, direction = ("<", "DESC") if before else (">", "ASC")
        limit = min(per_page, MAX_PER_PAGE)
        rows = self._store.all(
            f"SELECT * FROM posts WHERE channel_id = ? AND delete_at = 0 AND create_at {sign} ?"  # noqa: S608
            f" ORDER BY create_at {direction}, rowid {direction} LIMIT ? OFFSET ?",
            channel_id,
            pivot["create_at"],
            limit,
            page * limit,
        )
        return self._listed(rows if before else rows[::-1], threads=False)

    def since(self, channel_id: str, since: int) -> dict[str, Any]:
        """What was made, changed or deleted after `since` (ms), at most 1000."""
        rows = self._store.all(
            "SELECT * FROM posts WHERE channel_id = ? AND update_at > ? ORDER BY create_at DESC LIMIT 1000",
            channel_id,
            since,
        )
        return self._listed(rows, threads=False, cursors=False)

    def thread(self, row: Row) -> dict[str, Any]:
        root = row["root_id"] or row["id"]
        rows = self._store.all(
            f"{_THREAD} ORDER BY create_at, rowid",
            root,
        )
        return self._listed(rows, threads=False, cursors=False)

    def _listed(self, rows: list[Row], *, threads: bool, cursors: bool = True) -> dict[str, Any]:
        posts = self._all_json(rows)
        if threads:
            for root in {row["root_id"] or row["id"] for row in rows}:
                thread = self._store.all(_THREAD, root)
                posts = self._all_json(thread) | posts
        older = self._beside(rows[-1], "<", "DESC") if rows and cursors else ""
        newer = self._beside(rows[0], ">", "ASC") if rows and cursors else ""
        return {"order": [row["id"] for row in rows], "posts": posts, "next_post_id": newer, "prev_post_id": older}

    def _beside(self, row: Row, sign: str, direction: str) -> str:
        """The id of the next older or newer post of the channel; empty at its end."""
        found = self._store.one(
            f"SELECT id FROM posts WHERE channel_id = ? AND delete_at = 0 AND create_at {sign} ?"  # noqa: S608
            f" ORDER BY create_at {direction}, rowid {direction} LIMIT 1",
            row["channel_id"],
            row["create_at"],
        )
        return str(found["id"]) if found else ""

    def _row(self, user_id: str, asked: dict[str, Any], channel: Row, *, system: bool) -> Row:
        post_type = str(asked.get("type") or "")
        if not system and post_type and not post_type.startswith("custom_"):
            raise invalid_param("post.type")
        if len(post_type) > MAX_TYPE:
            raise AppError("app.post.save.app_error", 500)
        if channel["delete_at"]:
            raise AppError("api.post.create_post.can_not_post_to_deleted.error", 400)
        root_id = str(asked.get("root_id") or "")
        if root_id and not self._store.one(
            "SELECT id FROM posts WHERE id = ? AND channel_id = ? AND delete_at = 0", root_id, channel["id"]
        ):
            raise AppError("api.post.create_post.root_id.app_error", 400)
        author = self._store.one("SELECT is_bot FROM users WHERE id = ?", user_id)
        props = dict(asked.get("props") or {})
        if author and author["is_bot"]:
            props["from_bot"] = "true"
        created = int(asked.get("create_at") or 0) or now_ms()
        return {
            "id": new_id(),
            "create_at": created,
            "update_at": created,
            "edit_at": 0,
            "delete_at": 0,
            "is_pinned": 0,
            "user_id": user_id,
            "channel_id": channel["id"],
            "root_id": root_id,
            "message": _checked_message(str(asked.get("message") or "")),
            "type": post_type,
            "props": _checked_props(props),
            "file_ids": json.dumps(self._own_files(user_id, asked.get("file_ids") or [])),
            "pending_post_id": str(asked.get("pending_post_id") or ""),
        }

    def _own_files(self, user_id: str, file_ids: list[Any]) -> list[str]:
        own = "SELECT id FROM files WHERE id = ? AND user_id = ? AND post_id = ''"
        return [str(file_id) for file_id in file_ids if self._store.one(own, file_id, user_id)]

    def _pending(self, user_id: str, pending_post_id: str) -> Row | None:
        return self._store.one(
            "SELECT * FROM posts WHERE user_id = ? AND pending_post_id = ? AND create_at > ?",
            user_id,
            pending_post_id,
            now_ms() - _PENDING_MS,
        )

    def _told(self, row: Row, channel: Row, *, system: bool) -> None:
        author = self._store.one("SELECT username FROM users WHERE id = ?", row["user_id"])
        data = {
            "channel_display_name": channel["display_name"],
            "channel_name": channel["name"],
            "channel_type": channel["type"],
            "post": json.dumps(self.json(row)),
            "sender_name": "System" if system or not author else f"@{author['username']}",
            "set_online": True,
            "team_id": channel["team_id"],
        }
        self._hub.publish("posted", data, channel_id=row["channel_id"])

    def _publish(self, event: str, row: Row) -> None:
        self._hub.publish(event, {"post": json.dumps(self.json(row))}, channel_id=row["channel_id"])


def _checked_message(message: str) -> str:
    if len(message) > MAX_MESSAGE:
        raise AppError("model.post.is_valid.msg.app_error", 400)
    return message


def _checked_props(props: dict[str, Any]) -> str:
    text = json.dumps(shapes.normalised(props, new_id))
    if len(text) > MAX_PROPS:
        raise AppError("model.post.is_valid.props.app_error", 400)
    return text
