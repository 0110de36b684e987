"""plugin.json, as Mattermost reads it from the bundle; its System Console page comes from our one list of settings."""

import enum
from typing import Any

from pydantic import SecretStr

from plugin.manifest import MIN_SERVER_VERSION, PLUGIN_ID, PLUGIN_NAME, VERSION
from plugin.settings import ENV_PREFIX, Settings, console_key, console_settings
from telemetry.consent import Level

WEB_BUNDLE = "webapp/main.js"
ICON = "assets/icon.svg"


def plugin_json(executable: str, *, any_platform: bool = False) -> dict[str, Any]:
    """`executable` is a path inside the bundle."""
    return {
        "id": PLUGIN_ID,
        "name": PLUGIN_NAME,
        "description": "One place, one list and one person in charge when production burns.",
        "version": VERSION,
        "min_server_version": MIN_SERVER_VERSION,
        "icon_path": ICON,
        "server": {"executable": executable} if any_platform else {"executables": {"linux-amd64": executable}},
        "webapp": {"bundle_path": WEB_BUNDLE},
        "settings_schema": {
            "header": "What is set in the server's environment counts more than what is entered here.",
            "settings": [_setting(name, label) for name, label in console_settings().items()],
        },
    }


def _setting(name: str, label: str) -> dict[str, Any]:
    field = Settings.model_fields[name]
    kind: dict[str, Any] = {"type": "text", "default": ""}
    if isinstance(field.annotation, type) and issubclass(field.annotation, enum.Enum):
        options = [
            {"display_name": one.value.replace("_", " "), "value": one.value}
            for one in field.annotation
            if one is not Level.UNDECIDED  # that is what choosing nothing is
        ]
        # Nothing is chosen until an administrator chooses: the default is ours, and not entered in their name.
        kind = {"type": "dropdown", "default": "", "options": [{"display_name": "(default)", "value": ""}, *options]}
    if isinstance(field.json_schema_extra, dict) and field.json_schema_extra["secret"]:
        kind["secret"] = True  # servers that know it show dots; 5.35 shows the text to system administrators
    help_text = (
        f"{field.description} Default: {_default(field.default)}. In the environment: `{ENV_PREFIX}{name.upper()}`."
    )
    return {"key": console_key(name), "display_name": label, "help_text": help_text, **kind}


def _default(default: object) -> str:
    text = default.get_secret_value() if isinstance(default, SecretStr) else str(default)
    return f"`{text}`" if text else "empty"
