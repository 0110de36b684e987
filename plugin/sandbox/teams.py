"""Teams and their members."""

import re
from typing import Any

from plugin.sandbox.channels import Channels
from plugin.sandbox.errors import AppError, invalid_param
from plugin.sandbox.hub import Hub
from plugin.sandbox.store import Row, Store, new_id, now_ms

_NAME = re.compile(r"^[a-z0-9][a-z0-9-]{1,63}$")


class Teams:
    def __init__(self, store: Store, hub: Hub, channels: Channels) -> None:
        self._store = store
        self._hub = hub
        self._channels = channels

    def create(self, name: str, display_name: str, team_type: str, creator: Row) -> Row:
        """A new team with its two default channels; the creator is its first member and admin."""
        if not _NAME.match(name):
            raise invalid_param("name")
        if self._store.one("SELECT id FROM teams WHERE name = ?", name):
            raise AppError("app.team.save.existing.app_error", 400)
        now = now_ms()
        team_id = new_id()
        with self._store.transaction():
            self._store.insert(
                "teams",
                {
                    "id": team_id,
                    "name": name,
                    "display_name": display_name or name,
                    "type": team_type,
                    "email": creator["email"],
                    "invite_id": new_id(),
                    "create_at": now,
                    "update_at": now,
                },
            )
            for channel, shown in (("town-square", "Town Square"), ("off-topic", "Off-Topic")):
                self._channels.insert(team_id=team_id, channel_type="O", name=channel, display_name=shown)
            self.add_member(team_id, creator["id"], admin=True)
        return self.get(team_id)

    def get(self, team_id: str) -> Row:
        row = self._store.one("SELECT * FROM teams WHERE id = ?", team_id)
        if not row:
            raise AppError("app.team.get.find.app_error", 404)
        return row

    def by_name(self, name: str) -> Row:
        row = self._store.one("SELECT * FROM teams WHERE name = ?", name)
        if not row:
            raise AppError("app.team.get_by_name.missing.app_error", 404)
        return row

    def of_user(self, user_id: str) -> list[Row]:
        return self._store.all(
            "SELECT t.* FROM teams t JOIN team_members m ON m.team_id = t.id"
            " WHERE m.user_id = ? AND m.delete_at = 0 ORDER BY t.display_name",
            user_id,
        )

    def stats(self, team_id: str) -> dict[str, Any]:
        """How many people are in it, and how many of those are not deactivated."""
        count = "SELECT count(*) AS n FROM team_members m JOIN users u ON u.id = m.user_id WHERE m.team_id = ?"
        total = self._store.one(count, team_id) or {}
        active = self._store.one(f"{count} AND u.delete_at = 0", team_id) or {}
        return {"team_id": team_id, "total_member_count": total["n"], "active_member_count": active["n"]}

    def member(self, team_id: str, user_id: str) -> Row:
        row = self._store.one("SELECT * FROM team_members WHERE team_id = ? AND user_id = ?", team_id, user_id)
        if not row:
            raise AppError("app.team.get_member.missing.app_error", 404)
        return row

    def add_member(self, team_id: str, user_id: str, *, admin: bool = False) -> Row:
        """Add, or leave as it is; newcomers join the default channels."""
        known = self._store.one(
            "SELECT * FROM team_members WHERE team_id = ? AND user_id = ? AND delete_at = 0", team_id, user_id
        )
        if known:
            return known
        self._store.execute("DELETE FROM team_members WHERE team_id = ? AND user_id = ?", team_id, user_id)
        self._store.insert("team_members", {"team_id": team_id, "user_id": user_id, "scheme_admin": int(admin)})
        defaults = "SELECT id FROM channels WHERE team_id = ? AND name IN ('town-square', 'off-topic')"
        is_bot = self._store.one("SELECT is_bot FROM users WHERE id = ?", user_id)
        if not (is_bot and is_bot["is_bot"]):
            for channel in self._store.all(defaults, team_id):
                self._channels.add_member(channel["id"], user_id, silent=True)
        self._hub.publish("added_to_team", {"team_id": team_id, "user_id": user_id}, user_id=user_id)
        return self.member(team_id, user_id)

    def remove_member(self, team_id: str, user_id: str) -> None:
        """Out of the team means out of its channels."""
        self.member(team_id, user_id)
        with self._store.transaction():
            for row in self._store.all(
                "SELECT c.id FROM channels c JOIN channel_members m ON m.channel_id = c.id"
                " WHERE c.team_id = ? AND m.user_id = ?",
                team_id,
                user_id,
            ):
                self._channels.remove_member(row["id"], user_id, remover_id=user_id, leaving_team=True)
            self._store.execute(
                "UPDATE team_members SET delete_at = ? WHERE team_id = ? AND user_id = ?", now_ms(), team_id, user_id
            )
        self._hub.publish("leave_team", {"team_id": team_id, "user_id": user_id}, user_id=user_id)
