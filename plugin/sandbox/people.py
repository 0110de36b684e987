"""Accounts, bots, sessions and tokens."""

import hashlib
import hmac
import re
import secrets

from plugin.sandbox.errors import AppError, invalid_param
from plugin.sandbox.store import Row, Store, new_id, now_ms

_USERNAME = re.compile(r"^[a-z][a-z0-9._-]{2,21}$")
_ITERATIONS = 10_000
"""Few: this server is for demonstrations."""


class People:
    def __init__(self, store: Store) -> None:
        self._store = store

    def create(
        self,
        username: str,
        *,
        email: str = "",
        password: str = "",
        roles: str = "system_user",
        first_name: str = "",
        bot_description: str | None = None,
        owner_id: str = "",
    ) -> Row:
        """A new account; a bot when `bot_description` is given."""
        name = username.lower()
        if not _USERNAME.match(name):
            raise invalid_param("username")
        if self.by_name(name):
            raise AppError("app.user.save.username_exists.app_error", 400)
        now = now_ms()
        row = {
            "id": new_id(),
            "username": name,
            "email": email or f"{name}@localhost",
            "password": _hashed(password) if password else "",
            "roles": roles,
            "first_name": first_name,
            "is_bot": int(bot_description is not None),
            "bot_description": bot_description or "",
            "owner_id": owner_id,
            "create_at": now,
            "update_at": now,
            "last_password_update": now,
        }
        self._store.insert("users", row)
        return self.get(str(row["id"]))

    def get(self, user_id: str) -> Row:
        row = self._store.one("SELECT * FROM users WHERE id = ?", user_id)
        if not row:
            raise AppError("app.user.missing_account.const", 404)
        return row

    def by_name(self, username: str) -> Row | None:
        return self._store.one("SELECT * FROM users WHERE username = ?", username.lower())

    def some(self, *, page: int, per_page: int, active: bool = False, role: str = "") -> list[Row]:
        """A page of all accounts, of those that have the role; bots too."""
        return self._store.all(
            "SELECT * FROM users WHERE (?1 = 0 OR delete_at = 0) AND ' ' || roles || ' ' LIKE '% ' || ?2 || '%'"
            " ORDER BY username LIMIT ?3 OFFSET ?4",
            int(active),
            f"{role} " if role else "",
            per_page,
            page * per_page,
        )

    def login(self, login_id: str, password: str, device_id: str = "") -> Row:
        """A new session's row. Raises AppError."""
        user = self._store.one("SELECT * FROM users WHERE username = ?1 OR email = ?1", login_id.lower())
        if user and user["is_bot"]:
            raise AppError("api.user.login.bot_login_forbidden.app_error", 401)
        if not user or user["delete_at"] or not _matches(password, user["password"]):
            raise AppError("api.user.login.invalid_credentials_email_username", 401)
        return self.new_session(user["id"], device_id=device_id)

    def new_session(self, user_id: str, *, device_id: str = "", is_pat: bool = False) -> Row:
        row = {
            "token": new_id(),
            "id": new_id(),
            "user_id": user_id,
            "csrf": new_id(),
            "device_id": device_id,
            "create_at": now_ms(),
            "is_pat": int(is_pat),
        }
        self._store.insert("sessions", row)
        return row

    def session(self, token: str) -> Row | None:
        """The session of a token, unless its person is deactivated."""
        return self._store.one(
            "SELECT s.* FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.token = ? AND u.delete_at = 0", token
        )

    def session_by_id(self, session_id: str) -> Row | None:
        return self._store.one("SELECT * FROM sessions WHERE id = ?", session_id)

    def end_session(self, token: str) -> None:
        self._store.execute("DELETE FROM sessions WHERE token = ?", token)

    def like(self, term: str, *, channel_id: str, limit: int) -> list[Row]:
        """Members of the channel whose names begin so."""
        return self._store.all(
            "SELECT u.* FROM users u JOIN channel_members m ON m.user_id = u.id AND m.channel_id = ?2"
            " WHERE u.delete_at = 0 AND (u.username LIKE ?1 || '%' OR u.first_name LIKE ?1 || '%')"
            " ORDER BY u.username LIMIT ?3",
            term.replace("%", "").replace("_", ""),
            channel_id,
            limit,
        )

    def set_active(self, user_id: str, *, active: bool) -> None:
        """Deactivating ends all sessions."""
        now = now_ms()
        self._store.update("users", user_id, {"delete_at": 0 if active else now, "update_at": now})
        if not active:
            self._store.execute("DELETE FROM sessions WHERE user_id = ? AND is_pat = 0", user_id)


def _hashed(password: str) -> str:
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}${hashlib.pbkdf2_hmac('sha256', password.encode(), salt, _ITERATIONS).hex()}"


def _matches(password: str, stored: str) -> bool:
    salt, _, digest = stored.partition("$")
    given = hashlib.pbkdf2_hmac("sha256", password.encode(), bytes.fromhex(salt), _ITERATIONS).hex()
    return bool(digest) and hmac.compare_digest(given, digest)
