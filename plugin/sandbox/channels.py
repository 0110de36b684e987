"""Channels and their members, with the system posts and events that go with every change."""

import hashlib
import json
import re
from typing import Any

from plugin.sandbox import shapes
from plugin.sandbox.errors import AppError
from plugin.sandbox.hub import Hub
from plugin.sandbox.posts import Posts
from plugin.sandbox.store import Row, Store, new_id, now_ms

_NAME = re.compile(r"^[a-z0-9]+([a-z0-9_-]*[a-z0-9]+)$")
_DIRECT = re.compile(r"^[a-z0-9]{26}__[a-z0-9]{26}$")
MAX_NAME = 64
DEFAULT = "town-square"
MAX_HEADER = 1024
MAX_PURPOSE = 250


class Channels:
    def __init__(self, store: Store, hub: Hub, posts: Posts) -> None:
        self._store = store
        self._hub = hub
        self._posts = posts

    # -- channels

    def insert(
        self,
        *,
        team_id: str,
        channel_type: str,
        name: str,
        display_name: str,
        header: str = "",
        purpose: str = "",
        creator_id: str = "",
    ) -> Row:
        """A channel without members. Raises AppError."""
        _check(name, display_name, header, purpose, direct=channel_type in "DG")
        if self._store.one("SELECT id FROM channels WHERE team_id = ? AND name = ?", team_id, name):
            raise AppError("store.sql_channel.save_channel.exists.app_error", 400)
        now = now_ms()
        channel_id = new_id()
        self._store.insert(
            "channels",
            {
                "id": channel_id,
                "team_id": team_id,
                "type": channel_type,
                "display_name": display_name,
                "name": name,
                "header": header,
                "purpose": purpose,
                "creator_id": creator_id,
                "create_at": now,
                "update_at": now,
            },
        )
        return self.get(channel_id)

    def create(self, asked: dict[str, Any], creator: Row) -> Row:
        """A public or private channel of a person, who joins it as its admin."""
        with self._store.transaction():
            channel = self.insert(
                team_id=str(asked.get("team_id") or ""),
                channel_type=str(asked.get("type") or ""),
                name=str(asked.get("name") or ""),
                display_name=str(asked.get("display_name") or ""),
                header=str(asked.get("header") or ""),
                purpose=str(asked.get("purpose") or ""),
                creator_id=creator["id"],
            )
            self.add_member(channel["id"], creator["id"], admin=True)
        created = {"channel_id": channel["id"], "team_id": channel["team_id"]}
        self._hub.publish("channel_created", created, user_id=creator["id"])
        return channel

    def direct(self, creator_id: str, user_ids: list[str]) -> Row:
        """The direct channel of two people, or the group channel of more; made the first time."""
        people = sorted({*user_ids, creator_id})
        group = len(people) > 2
        name = (
            hashlib.sha1("".join(people).encode(), usedforsecurity=False).hexdigest()
            if group
            else "__".join(people if len(people) == 2 else people * 2)
        )
        known = self._store.one("SELECT * FROM channels WHERE team_id = '' AND name = ?", name)
        if known:
            return known
        names = [self._username(user_id) for user_id in people]
        with self._store.transaction():
            channel = self.insert(
                team_id="",
                channel_type="G" if group else "D",
                name=name,
                display_name=", ".join(sorted(names)) if group else "",
                creator_id="" if group else creator_id,
            )
            for user_id in people:
                self._join(channel["id"], user_id)
        if group:
            self._hub.publish("group_added", {"teammate_ids": json.dumps(people)}, channel_id=channel["id"])
        else:
            told = {"creator_id": creator_id, "teammate_id": next((p for p in people if p != creator_id), creator_id)}
            self._hub.publish("direct_added", told, channel_id=channel["id"])
        return channel

    def get(self, channel_id: str) -> Row:
        row = self._store.one("SELECT * FROM channels WHERE id = ?", channel_id)
        if not row:
            raise AppError("app.channel.get.existing.app_error", 404)
        return row

    def by_name(self, team_id: str, name: str, *, deleted: bool = False) -> Row:
        row = self._store.one("SELECT * FROM channels WHERE team_id IN (?, '') AND name = ?", team_id, name)
        if not row or (row["delete_at"] and not deleted):
            raise AppError("app.channel.get_by_name.missing.app_error", 404)
        return row

    def of_user(self, team_id: str, user_id: str, *, deleted: bool = False) -> list[Row]:
        """The channels that a person is in: of the team, and direct ones."""
        rows = self._store.all(
            "SELECT c.* FROM channels c JOIN channel_members m ON m.channel_id = c.id"
            " WHERE m.user_id = ? AND c.team_id IN (?, '') ORDER BY c.display_name",
            user_id,
            team_id,
        )
        return [row for row in rows if deleted or not row["delete_at"]]

    def public(self, team_id: str, *, page: int, per_page: int) -> list[Row]:
        return self._store.all(
            "SELECT * FROM channels WHERE team_id = ? AND type = 'O' AND delete_at = 0 ORDER BY display_name"
            " LIMIT ? OFFSET ?",
            team_id,
            per_page,
            page * per_page,
        )

    def search(self, team_id: str, term: str) -> list[Row]:
        """Public channels whose names begin so."""
        return self._store.all(
            "SELECT * FROM channels WHERE team_id = ?1 AND type = 'O' AND delete_at = 0"
            " AND (name LIKE ?2 || '%' OR display_name LIKE ?2 || '%') ORDER BY display_name LIMIT 100",
            team_id,
            term.replace("%", "").replace("_", ""),
        )

    def patch(self, channel: Row, patch: dict[str, Any], actor: Row) -> Row:
        """Change name, display name, header or purpose."""
        fields = ("name", "display_name", "header", "purpose")
        changes = {field: str(patch[field]) for field in fields if patch.get(field) is not None}
        after = {**channel, **changes}
        _check(after["name"], after["display_name"], after["header"], after["purpose"], direct=channel["type"] in "DG")
        if after["name"] != channel["name"] and self._store.one(
            "SELECT id FROM channels WHERE team_id = ? AND name = ?", channel["team_id"], after["name"]
        ):
            raise AppError("store.sql_channel.save_channel.exists.app_error", 400)
        self._store.update("channels", channel["id"], {**changes, "update_at": now_ms()})
        for field, post_type in (("header", "system_header_change"), ("display_name", "system_displayname_change")):
            if after[field] != channel[field]:
                props = {"username": actor["username"], f"old_{field}": channel[field], f"new_{field}": after[field]}
                told = f"{actor['username']} updated the channel {field.replace('_', ' ')} to: {after[field]}"
                self._system_post(channel["id"], actor["id"], post_type, told, props)
        changed = self.get(channel["id"])
        self._hub.publish("channel_updated", {"channel": json.dumps(shapes.channel(changed))}, channel_id=channel["id"])
        return changed

    def archive(self, channel: Row, actor: Row | None) -> None:
        if channel["delete_at"]:
            return
        if channel["name"] == DEFAULT:
            message = f"Can not delete the default channel {DEFAULT}."
            raise AppError("api.channel.delete_channel.cannot.app_error", 400, message)
        now = now_ms()
        if actor:
            told = f"{actor['username']} archived the channel."
            props = {"username": actor["username"]}
            self._system_post(channel["id"], actor["id"], "system_channel_deleted", told, props)
        self._store.update("channels", channel["id"], {"delete_at": now, "update_at": now})
        self._hub.publish(
            "channel_deleted", {"channel_id": channel["id"], "delete_at": now}, team_id=channel["team_id"]
        )

    def restore(self, channel: Row) -> Row:
        self._store.update("channels", channel["id"], {"delete_at": 0, "update_at": now_ms()})
        self._hub.publish("channel_restored", {"channel_id": channel["id"]}, team_id=channel["team_id"])
        return self.get(channel["id"])

    def stats(self, channel_id: str) -> dict[str, Any]:
        members = self._store.one("SELECT count(*) AS n FROM channel_members WHERE channel_id = ?", channel_id)
        guests = self._store.one(
            "SELECT count(*) AS n FROM channel_members WHERE channel_id = ? AND scheme_guest = 1", channel_id
        )
        pinned = self._store.one(
            "SELECT count(*) AS n FROM posts WHERE channel_id = ? AND is_pinned = 1 AND delete_at = 0", channel_id
        )
        counts = [row["n"] if row else 0 for row in (members, guests, pinned)]
        return {
            "channel_id": channel_id,
            "member_count": counts[0],
            "guest_count": counts[1],
            "pinnedpost_count": counts[2],
        }

    # -- members

    def member(self, channel_id: str, user_id: str) -> Row:
        row = self.find_member(channel_id, user_id)
        if not row:
            raise AppError("app.channel.get_member.missing.app_error", 404)
        return row

    def find_member(self, channel_id: str, user_id: str) -> Row | None:
        return self._store.one(
            "SELECT * FROM channel_members WHERE channel_id = ? AND user_id = ?", channel_id, user_id
        )

    def members(self, channel_id: str, *, page: int = 0, per_page: int = 10_000) -> list[Row]:
        return self._store.all(
            "SELECT * FROM channel_members WHERE channel_id = ? ORDER BY rowid LIMIT ? OFFSET ?",
            channel_id,
            per_page,
            page * per_page,
        )

    def member_ids(self, channel_id: str) -> set[str]:
        return {row["user_id"] for row in self.members(channel_id)}

    def add_member(
        self, channel_id: str, user_id: str, *, adder_id: str = "", admin: bool = False, silent: bool = False
    ) -> Row:
        """Add, or leave as it is. Without `adder_id` the person joined by themselves. Raises AppError."""
        known = self.find_member(channel_id, user_id)
        if known:
            return known
        channel = self.get(channel_id)
        if channel["team_id"] and not self._store.one(
            "SELECT 1 FROM team_members WHERE team_id = ? AND user_id = ? AND delete_at = 0",
            channel["team_id"],
            user_id,
        ):
            raise AppError("app.team.get_member.missing.app_error", 404)
        row = self._join(channel_id, user_id, admin=admin)
        name = self._username(user_id)
        if adder_id and adder_id != user_id:
            adder = self._username(adder_id)
            props = {"userId": adder_id, "username": adder, "addedUserId": user_id, "addedUsername": name}
            told = f"{name} added to the channel by {adder}."
            self._system_post(channel_id, adder_id, "system_add_to_channel", told, props)
        elif not silent:
            told = f"{name} joined the channel."
            self._system_post(channel_id, user_id, "system_join_channel", told, {"username": name})
        self._hub.publish("user_added", {"team_id": channel["team_id"], "user_id": user_id}, channel_id=channel_id)
        return row

    def remove_member(self, channel_id: str, user_id: str, *, remover_id: str, leaving_team: bool = False) -> None:
        """Raises AppError."""
        self.member(channel_id, user_id)
        channel = self.get(channel_id)
        if channel["name"] == DEFAULT and not leaving_team:
            message = f"Can't remove user from the default channel {DEFAULT}."
            raise AppError("api.channel.remove.default.app_error", 400, message)
        self._store.execute("DELETE FROM channel_members WHERE channel_id = ? AND user_id = ?", channel_id, user_id)
        name = self._username(user_id)
        if remover_id == user_id:
            told = f"{name} left the channel."
            self._system_post(channel_id, user_id, "system_leave_channel", told, {"username": name})
        else:
            props = {"removedUserId": user_id, "removedUsername": name}
            told = f"{name} was removed from the channel."
            self._system_post(channel_id, remover_id, "system_remove_from_channel", told, props)
        self._hub.publish("user_removed", {"remover_id": remover_id, "user_id": user_id}, channel_id=channel_id)
        self._hub.publish("user_removed", {"channel_id": channel_id, "remover_id": remover_id}, user_id=user_id)

    def set_admin(self, channel_id: str, user_id: str, *, admin: bool) -> None:
        self.member(channel_id, user_id)
        self._store.execute(
            "UPDATE channel_members SET scheme_admin = ? WHERE channel_id = ? AND user_id = ?",
            int(admin),
            channel_id,
            user_id,
        )

    def viewed(self, channel_id: str, user_id: str) -> None:
        """The person has seen all of the channel."""
        self._store.execute(
            "UPDATE channel_members SET last_viewed_at = ?1, mention_count = 0,"
            " msg_count = (SELECT total_msg_count FROM channels WHERE id = ?2) WHERE channel_id = ?2 AND user_id = ?3",
            now_ms(),
            channel_id,
            user_id,
        )

    def _join(self, channel_id: str, user_id: str, *, admin: bool = False) -> Row:
        guest = self._store.one("SELECT roles FROM users WHERE id = ?", user_id)
        self._store.insert(
            "channel_members",
            {
                "channel_id": channel_id,
                "user_id": user_id,
                "scheme_admin": int(admin),
                "scheme_guest": int(bool(guest and "system_guest" in guest["roles"])),
                "last_update_at": now_ms(),
            },
        )
        return self.member(channel_id, user_id)

    def _username(self, user_id: str) -> str:
        row = self._store.one("SELECT username FROM users WHERE id = ?", user_id)
        if not row:
            raise AppError("app.user.missing_account.const", 404)
        return str(row["username"])

    def _system_post(self, channel_id: str, user_id: str, post_type: str, message: str, props: dict[str, Any]) -> None:
        asked = {"channel_id": channel_id, "type": post_type, "message": message, "props": props}
        self._posts.create(user_id, asked, system=True)


def _check(name: str, display_name: str, header: str, purpose: str, *, direct: bool) -> None:
    if not direct and (len(name) < 2 or not _NAME.match(name) or _DIRECT.match(name)):
        raise AppError("model.channel.is_valid.2_or_more.app_error", 400)
    if len(name) > MAX_NAME:
        raise AppError("app.channel.create_channel.internal_error", 500)
    if len(display_name) > MAX_NAME:
        raise AppError("model.channel.is_valid.display_name.app_error", 400)
    if len(header) > MAX_HEADER:
        raise AppError("model.channel.is_valid.header.app_error", 400)
    if len(purpose) > MAX_PURPOSE:
        raise AppError("model.channel.is_valid.purpose.app_error", 400)
