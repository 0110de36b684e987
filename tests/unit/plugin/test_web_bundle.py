"""The plugin's web bundle runs in Mattermost's own client: an old React from `window`, and no eval."""

import re

import pytest

from plugin.demo import WEB


@pytest.fixture
def bundle() -> str:
    path = WEB / "plugin" / "main.js"
    if not path.exists():
        pytest.fail("the web bundle has not been built: run `make web`")
    return path.read_text()


def test_it_brings_no_react_of_its_own(bundle: str) -> None:
    """And registers itself once."""
    assert "React.createElement" in re.sub(r"\w+\.default\.createElement", "React.createElement", bundle)
    assert not re.search(r"react/jsx-runtime|__SECRET_INTERNALS|useSyncExternalStore|createRoot", bundle)
    assert bundle.count("registerPlugin(") == 1
    assert len(bundle) < 100_000


def test_it_evaluates_no_text(bundle: str) -> None:
    assert not re.search(r"\beval\(|new Function\(", bundle)
