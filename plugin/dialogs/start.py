"""The dialog of `/incident start`."""

from collections.abc import Sequence
from typing import Any

from incidents.model import MAX_DESCRIPTION, MAX_NAME, MIN_NAME
from playbooks.model import PlaybookSummary
from plugin.manifest import API_ROOT
from plugin.schemas.dialogs import DESCRIPTION, NAME, PLAYBOOK, start_state

URL = f"{API_ROOT}/incidents/dialog"
_MAX_OPTION = 100


def start_dialog(
    playbooks: Sequence[PlaybookSummary],
    *,
    commander: str,
    new_playbook_url: str,
    permalink: str,
    post_id: str,
    client_id: str,
) -> dict[str, Any]:
    """`commander` is a username. `new_playbook_url` is empty on a phone, where there is no such page."""
    introduction = f"**Commander:** @{commander}"
    if new_playbook_url:
        introduction += f"\n\nNo playbook fits? [Create a playbook]({new_playbook_url})."
    return {
        "callback_id": "start",
        "title": "Start incident",
        "introduction_text": introduction,
        "submit_label": "Start incident",
        "notify_on_cancel": False,
        "state": start_state(post_id=post_id, client_id=client_id),
        "elements": [
            {
                "display_name": "Playbook",
                "name": PLAYBOOK,
                "type": "select",
                "options": [{"text": _label(playbook.title), "value": playbook.id} for playbook in playbooks],
                "default": playbooks[0].id if len(playbooks) == 1 else "",
            },
            {
                "display_name": "Incident name",
                "name": NAME,
                "type": "text",
                "min_length": MIN_NAME,
                "max_length": MAX_NAME,
                "placeholder": "What is broken?",
            },
            {
                "display_name": "Description",
                "name": DESCRIPTION,
                "type": "textarea",
                "optional": True,
                "max_length": MAX_DESCRIPTION,
                "default": permalink,
            },
        ],
    }


def _label(title: str) -> str:
    return title if len(title) <= _MAX_OPTION else title[: _MAX_OPTION - 1] + "…"
