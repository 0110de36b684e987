"""The confirmation dialog of `/incident end`."""

from typing import Any

from incidents.model import Head
from incidents.texts import plain
from plugin.manifest import API_ROOT


def end_url(incident_id: str) -> str:
    """Where its submission goes."""
    return f"{API_ROOT}/incidents/{incident_id}/end"


def end_dialog(head: Head) -> dict[str, Any]:
    """No fields: submitting it is the confirmation."""
    return {
        "callback_id": "end",
        "title": "End incident",
        "introduction_text": (
            f"End **{plain(head.name)}**? Its timer stops and the channel is told. "
            "Stages and tasks can still be changed, and `/incident restart` takes it up again."
        ),
        "submit_label": "End incident",
        "notify_on_cancel": False,
        "state": "",
        "elements": [],
    }
