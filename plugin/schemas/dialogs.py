"""What Mattermost sends when an interactive dialog is submitted. All of it but `user_id` comes from the client."""

import json
from typing import Any, Literal

from pydantic import Field, ValidationError

from incidents.start import StartCommand
from plugin.schemas.incidents import Id, Wire

PLAYBOOK = "playbookID"
NAME = "incidentName"
DESCRIPTION = "incidentDescription"

FIELD_OF = {"playbook_id": PLAYBOOK, "name": NAME, "description": DESCRIPTION}
"""Our fields -> the dialog's elements."""


class StartState(Wire):
    """What the start dialog carries along, as a JSON object in `state`."""

    post_id: Id = ""
    client_id: str = ""


class DialogSubmission(Wire):
    """`submission` is null when the dialog was cancelled; its values can be null too."""

    type: Literal["dialog_submission"] | None = None
    callback_id: str = ""
    state: str | None = ""
    user_id: Id = ""
    channel_id: Id = ""
    team_id: Id = ""
    submission: dict[str, Any] | None = None
    cancelled: bool = False

    def text(self, name: str) -> str:
        """The element's value as text; what is missing or no text is empty."""
        value = (self.submission or {}).get(name)
        return value if isinstance(value, str) else ""

    def start_state(self) -> StartState:
        """Raises ValueError when `state` is not what the start dialog carries."""
        try:
            return StartState.model_validate_json(self.state or "{}")
        except ValidationError as error:
            raise ValueError("state: must be the JSON object that the dialog was opened with") from error

    def to_start(self, incident_id: str) -> StartCommand:
        """Raises ValueError like `start_state`."""
        state = self.start_state()
        return StartCommand(
            person_id=self.user_id,
            incident_id=incident_id,
            team_id=self.team_id,
            name=self.text(NAME),
            description=self.text(DESCRIPTION),
            commander_id=self.user_id,
            playbook_id=self.text(PLAYBOOK),
            post_id=state.post_id,
            client_id=state.client_id,
        )


class DialogAnswer(Wire):
    """What Mattermost's dialog shows: `errors` by element, or one `error`; empty when all is well."""

    errors: dict[str, str] = Field(default_factory=dict)
    error: str = ""


def start_state(*, post_id: str, client_id: str) -> str:
    """`state` of the start dialog."""
    return json.dumps({"post_id": post_id, "client_id": client_id})
