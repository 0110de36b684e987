"""Who may do what, by role. A small part of Mattermost's scheme, with its names."""

from plugin.sandbox.store import Store

_TEAM_USER = {
    "view_team",
    "list_team_channels",
    "join_public_channels",
    "create_public_channel",
    "create_private_channel",
    "add_user_to_team",
    "read_public_channel",
}
_TEAM_GUEST = {"view_team"}
_TEAM_ADMIN = {
    "manage_team",
    "manage_slash_commands",
    "create_post",
    "manage_private_channel_members",
    "manage_public_channel_members",
    "delete_others_posts",
}
_CHANNEL_GUEST = {"read_channel", "create_post", "use_slash_commands", "upload_file", "edit_post", "delete_post"}
_CHANNEL_USER = _CHANNEL_GUEST | {
    "manage_public_channel_members",
    "manage_private_channel_members",
    "manage_public_channel_properties",
    "manage_private_channel_properties",
    "delete_public_channel",
    "delete_private_channel",
}
_SYSTEM_USER = {"create_direct_channel", "create_group_channel", "create_team", "list_public_teams"}


class Permissions:
    """Asked by the REST handlers, and by plugins through HasPermissionTo…"""

    def __init__(self, store: Store) -> None:
        self._store = store

    def system(self, user_id: str, permission: str) -> bool:
        roles = self._roles(user_id)
        return "system_admin" in roles or ("system_user" in roles and permission in _SYSTEM_USER)

    def team(self, user_id: str, team_id: str, permission: str) -> bool:
        roles = self._roles(user_id)
        if "system_admin" in roles:
            return True
        member = self._store.one(
            "SELECT * FROM team_members WHERE team_id = ? AND user_id = ? AND delete_at = 0", team_id, user_id
        )
        if not member:
            return False
        if member["scheme_guest"] or "system_guest" in roles:
            return permission in _TEAM_GUEST
        return permission in _TEAM_USER or bool(member["scheme_admin"] and permission in _TEAM_ADMIN)

    def channel(self, user_id: str, channel_id: str, permission: str) -> bool:
        if "system_admin" in self._roles(user_id):
            return True
        member = self._store.one(
            "SELECT * FROM channel_members WHERE channel_id = ? AND user_id = ?", channel_id, user_id
        )
        if member and permission in (_CHANNEL_GUEST if member["scheme_guest"] else _CHANNEL_USER):
            return True
        channel = self._store.one("SELECT team_id FROM channels WHERE id = ?", channel_id)
        return bool(channel and channel["team_id"] and self.team(user_id, channel["team_id"], permission))

    def is_admin(self, user_id: str) -> bool:
        return "system_admin" in self._roles(user_id)

    def _roles(self, user_id: str) -> set[str]:
        row = self._store.one("SELECT roles FROM users WHERE id = ?", user_id)
        return set(row["roles"].split()) if row else set()
