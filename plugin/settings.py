"""The one list of settings. `docs/settings.md` is generated from it."""

import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from playbooks.rules import Creators
from telemetry.consent import Level
from telemetry.wire import Dialect, Naming

ENV_PREFIX = "INCIDENT_RESPONSE_"


class SettingsError(Exception):
    """A setting breaks a rule; `str()` is one line that names it."""


class Ids(StrEnum):
    """How ids of people, teams, incidents and playbooks leave."""

    PSEUDONYMS = "pseudonyms"
    RAW = "raw"


class LogFormat(StrEnum):
    AUTO = "auto"
    CONSOLE = "console"
    JSON = "json"


def _in_console(label: str, *, secret: bool = False) -> Any:
    """Marks a setting that an administrator finds in the System Console, under that name."""
    return {"console": label, "secret": secret}


class Settings(BaseSettings):
    """Read from the environment, else from the TOML file that INCIDENT_RESPONSE_CONFIG names, else the default.

    A native plugin also takes what is entered in the System Console; see `with_entered`.
    """

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, extra="ignore", frozen=True)

    database_url: str = Field(
        default="",
        description="Where incidents are kept: `sqlite:///path` or `postgresql://user:password@host/database`. "
        "Empty: Mattermost's own PostgreSQL for a native plugin, else a SQLite file in the data folder. "
        "Read when the plugin starts; nothing is moved from one to the other.",
        json_schema_extra=_in_console("Database", secret=True),
    )
    database_schema: str = Field(
        default="incident_response",
        description="PostgreSQL only: the schema that all our tables are in; it is made if it is missing.",
        pattern="^[a-z_][a-z0-9_]{0,62}$",
    )
    playbook_creators: Creators = Field(
        default=Creators.MEMBERS,
        description="Who may create playbooks in a team: members (all but guests), team_admins or system_admins. "
        "System administrators always may.",
        json_schema_extra=_in_console("Who may create playbooks"),
    )
    telemetry: Level = Field(
        default=Level.UNDECIDED,
        description="What may be counted and sent: off, base, statistics or usage. Events leave at `usage` only. "
        "Undecided: if there is somewhere to send it to, system administrators are asked first.",
        json_schema_extra=_in_console("Telemetry"),
    )
    rudder_data_plane_url: str = Field(
        default="",
        description="Base URL of the Rudder data plane that events go to, with https unless it is on this machine. "
        "Without it no event is tracked.",
        json_schema_extra=_in_console("Data plane URL"),
    )
    rudder_write_key: SecretStr = Field(
        default=SecretStr(""),
        description="Write key for the data plane. Without it no event is tracked.",
        json_schema_extra=_in_console("Data plane write key", secret=True),
    )
    phone_home_url: str = Field(
        default="",
        description="Where the nightly record goes, with https unless it is on this machine. Without it there is none.",
        json_schema_extra=_in_console("Phone-home URL"),
    )
    telemetry_ids: Ids = Field(
        default=Ids.PSEUDONYMS,
        description="Ids as they leave: pseudonyms that nobody outside can trace back, or raw, as they are here.",
        json_schema_extra=_in_console("Ids in telemetry"),
    )
    telemetry_naming: Naming = Field(
        default=Naming.GROUPED,
        description="Names of events: grouped (`incident` with an `Action`) or flat (`CreateIncident`).",
    )
    telemetry_dialect: Dialect = Field(
        default=Dialect.RUDDER,
        description="What the data plane is: rudder or segment.",
    )
    mattermost_url: str = Field(default="", description="Command line only: the address of the Mattermost to ask.")
    mattermost_token: SecretStr = Field(
        default=SecretStr(""),
        description="Command line only: a session's or a personal access token; what it may, the command may.",
    )
    log_format: LogFormat = Field(
        default=LogFormat.AUTO,
        description="auto (readable on a terminal, go-hclog's JSON under Mattermost, JSON elsewhere), console or json.",
    )
    log_level: str = Field(
        default="info", description="debug, info, warning or error.", pattern="^(debug|info|warning|error)$"
    )
    max_body_bytes: int = Field(
        default=1_048_576,
        ge=1_024,
        le=6_000_000,
        description="Larger request bodies are refused with 413.",
    )

    @classmethod
    def settings_customise_sources(  # the signature is pydantic-settings'
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment before file; no .env is searched for."""
        file = os.environ.get(f"{ENV_PREFIX}CONFIG", "")  # noqa: TID251 - this is the module that reads it
        toml = (TomlConfigSettingsSource(settings_cls, Path(file)),) if file else ()
        return (init_settings, env_settings, *toml)


def load(**overrides: Any) -> Settings:
    """The settings, once, at start-up. Raises SettingsError."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        raise SettingsError(f"{ENV_PREFIX}{name.upper()}: {first['msg']}") from error
    except (OSError, ValueError) as error:
        raise SettingsError(f"The settings file can't be read: {error}") from error


def console_settings() -> dict[str, str]:
    """The settings that are in the System Console, with their labels. The key there is the name without `_`."""
    extras = {name: field.json_schema_extra for name, field in Settings.model_fields.items()}
    return {name: str(extra["console"]) for name, extra in extras.items() if isinstance(extra, dict)}


def console_key(name: str) -> str:
    """Mattermost keeps keys in lower case."""
    return name.replace("_", "")


def with_entered(settings: Settings, entered: Mapping[str, object]) -> tuple[Settings, list[str]]:
    """The settings, with what an administrator has entered in Mattermost where neither environment nor file decide.

    Also the names of entered values that break a rule: those are left out.
    """
    taken: dict[str, object] = {}
    refused = []
    for name in console_settings():
        value = entered.get(console_key(name))
        if value in (None, "") or name in settings.model_fields_set:
            continue
        try:
            taken[name] = getattr(Settings(**{name: value}), name)  # type: ignore[arg-type] # that is what is checked
        except ValidationError:
            refused.append(name)
    return settings.model_copy(update=taken), refused


def as_environment(settings: Settings) -> dict[str, str]:
    """The environment of this process, with these settings in it, for a process that is to have the same."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(ENV_PREFIX)}  # noqa: TID251
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if value != Settings.model_fields[name].default:
            plain = value.get_secret_value() if isinstance(value, SecretStr) else value
            own[f"{ENV_PREFIX}{name.upper()}"] = str(plain)
    return own


def do_not_track() -> bool:
    """Whether DO_NOT_TRACK asks for silence: set, and neither empty, 0 nor false."""
    value = os.environ.get("DO_NOT_TRACK", "")  # noqa: TID251 - this is the module that reads it
    return value.strip().lower() not in ("", "0", "false")
