"""Settings: the environment before the file before the default; what is wrong is named."""

from pathlib import Path

import pytest

from plugin.docs import settings_page
from plugin.settings import Settings, SettingsError, TelemetryLevel, do_not_track, load


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('telemetry = "base"\nmax_body_bytes = 2048\n')
    monkeypatch.setenv("INCIDENT_RESPONSE_CONFIG", str(file))
    monkeypatch.setenv("INCIDENT_RESPONSE_MAX_BODY_BYTES", "4096")
    settings = load()
    assert (settings.telemetry, settings.max_body_bytes) == (TelemetryLevel.BASE, 4096)


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
