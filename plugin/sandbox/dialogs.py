"""Opening interactive dialogs, for REST and for plugins alike."""

import json
from typing import TYPE_CHECKING, Any

from plugin.sandbox.errors import invalid_body_param

if TYPE_CHECKING:
    from plugin.sandbox.world import World

_ELEMENT = {
    "display_name": "",
    "name": "",
    "type": "",
    "subtype": "",
    "default": "",
    "placeholder": "",
    "help_text": "",
    "optional": False,
    "min_length": 0,
    "max_length": 0,
    "data_source": "",
    "options": None,
}


def open_dialog(world: "World", request: dict[str, Any]) -> None:
    """Show a dialog to whoever the trigger id belongs to. Raises AppError."""
    if not request.get("url"):
        raise invalid_body_param("url")
    asked = request.get("dialog")
    if not isinstance(asked, dict) or not _typed(asked):
        raise invalid_body_param("dialog")
    client_id, user_id = world.triggers.check(str(request.get("trigger_id") or ""))
    dialog = {
        "callback_id": asked.get("callback_id", ""),
        "title": asked.get("title", ""),
        "introduction_text": asked.get("introduction_text", ""),
        "icon_url": asked.get("icon_url", ""),
        "elements": [{**_ELEMENT, **element} for element in asked.get("elements") or ()],
        "submit_label": asked.get("submit_label", ""),
        "notify_on_cancel": bool(asked.get("notify_on_cancel")),
        "state": asked.get("state", ""),
    }
    told = {"trigger_id": client_id, "url": request["url"], "dialog": dialog}
    world.hub.publish("open_dialog", {"dialog": json.dumps(told)}, user_id=user_id)


def _typed(dialog: dict[str, Any]) -> bool:
    """Mattermost decodes into typed structs: texts must be texts."""
    elements = dialog.get("elements") or []
    return isinstance(elements, list) and all(
        isinstance(element, dict) and isinstance(element.get("default", ""), str) for element in elements
    )
