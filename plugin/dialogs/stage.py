"""The confirmation dialog of `/incident stage next`, when tasks of the stage are open."""

from typing import Any

from plugin.manifest import API_ROOT


def next_stage_url(incident_id: str) -> str:
    """Where its submission goes."""
    return f"{API_ROOT}/incidents/{incident_id}/next-stage-dialog"


def next_stage_dialog(place: int, open_tasks: int) -> dict[str, Any]:
    """`place` is the zero-based place of the stage to go to."""
    tasks = "1 task of this stage is" if open_tasks == 1 else f"{open_tasks} tasks of this stage are"
    return {
        "callback_id": "next_stage",
        "title": "Next stage",
        "introduction_text": f"{tasks} still open. Go to the next stage all the same?",
        "submit_label": "Next stage",
        "notify_on_cancel": False,
        "state": str(place),
        "elements": [],
    }
