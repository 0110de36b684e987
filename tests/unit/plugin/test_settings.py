"""Settings: the environment before the file before the default; what is wrong is named."""

from pathlib import Path

import pytest

from playbooks.rules import Creators
from plugin.docs import settings_page
from plugin.plugin_json import plugin_json
from plugin.settings import (
    Settings,
    SettingsError,
    console_key,
    console_settings,
    do_not_track,
    load,
    with_entered,
)
from telemetry.consent import Level


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('telemetry = "base"\nmax_body_bytes = 2048\n')
    monkeypatch.setenv("INCIDENT_RESPONSE_CONFIG", str(file))
    monkeypatch.setenv("INCIDENT_RESPONSE_MAX_BODY_BYTES", "4096")
    settings = load()
    assert (settings.telemetry, settings.max_body_bytes) == (Level.BASE, 4096)


def test_a_broken_file_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("= nonsense")
    monkeypatch.setenv("INCIDENT_RESPONSE_CONFIG", str(file))
    with pytest.raises(SettingsError, match="settings file"):
        load()


def test_secrets_do_not_show() -> None:
    assert "hidden" not in repr(load(rudder_write_key="hidden"))


@pytest.mark.parametrize(("value", "asked"), [("", False), ("0", False), ("false", False), ("1", True), ("yes", True)])
def test_do_not_track(value: str, asked: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DO_NOT_TRACK", value)
    assert do_not_track() is asked


def test_every_setting_is_documented() -> None:
    page = settings_page()
    for name, field in Settings.model_fields.items():
        assert f"INCIDENT_RESPONSE_{name.upper()}" in page
        assert field.description


def test_what_is_entered_in_mattermost_fills_what_nobody_has_set() -> None:
    """The environment counts more; a value that breaks a rule is left out, and named."""
    given = Settings(rudder_data_plane_url="https://given.example")
    entered = {
        "playbookcreators": "team_admins",
        "rudderdataplaneurl": "https://entered.example",
        "rudderwritekey": "k",
        "databaseurl": "",
        "telemetry": "loud",
        "loglevel": "debug",
    }
    settings, refused = with_entered(given, entered)
    assert settings.playbook_creators is Creators.TEAM_ADMINS
    assert settings.rudder_data_plane_url == "https://given.example"
    assert settings.rudder_write_key.get_secret_value() == "k"
    assert (settings.database_url, settings.log_level) == ("", "info"), "empty is not entered; not all are in there"
    assert refused == ["telemetry"]


def test_the_system_console_has_the_same_settings() -> None:
    """Keys in lower case, as Mattermost keeps them; every one says what its name is in the environment."""
    page = plugin_json("server/x")["settings_schema"]["settings"]
    assert [one["key"] for one in page] == [console_key(name) for name in console_settings()]
    for one, name in zip(page, console_settings(), strict=True):
        assert f"INCIDENT_RESPONSE_{name.upper()}" in one["help_text"]
        assert one["default"] == "", "nothing is entered in an administrator's name"
        assert one["key"] == one["key"].lower()
    secret = next(one for one in page if one["key"] == "rudderwritekey")
    assert secret["secret"] is True
    levels = next(one for one in page if one["key"] == "telemetry")
    assert [one["value"] for one in levels["options"]] == ["", "off", "base", "statistics", "usage"]
