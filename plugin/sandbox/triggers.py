"""Trigger ids: what lets an integration open a dialog for the person who has just clicked or typed."""

import base64
import binascii
import hashlib
import hmac
import secrets

from plugin.sandbox.errors import AppError
from plugin.sandbox.store import new_id, now_ms

LIFETIME_MS = 3_000


class Triggers:
    """base64 of `client id:user id:ms:signature`, as Mattermost makes them."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self.now = now_ms
        """The clock; a test may turn it."""

    def make(self, user_id: str) -> tuple[str, str]:
        """(client trigger id, trigger id)."""
        client_id = new_id()
        text = f"{client_id}:{user_id}:{self.now()}"
        return client_id, base64.b64encode(f"{text}:{self._sign(text)}".encode()).decode()

    def check(self, trigger_id: str) -> tuple[str, str]:
        """(client trigger id, user id). Raises AppError."""
        try:
            text, _, signature = base64.b64decode(trigger_id, validate=True).decode().rpartition(":")
            client_id, user_id, made_at = text.split(":")
        except (binascii.Error, ValueError) as error:
            raise AppError("interactive_message.decode_trigger_id.base64_decode_failed", 400) from error
        if not hmac.compare_digest(signature, self._sign(text)):
            raise AppError("interactive_message.decode_trigger_id.signature", 400)
        if self.now() - int(made_at) > LIFETIME_MS:
            raise AppError("interactive_message.decode_trigger_id.expired", 400)
        return client_id, user_id

    def _sign(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()
