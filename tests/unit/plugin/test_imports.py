"""Importing opens nothing, and every module says what is in it."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MODULES = sorted(
    path for folder in ("incidents", "playbooks", "plugin", "telemetry") for path in (ROOT / folder).rglob("*.py")
)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_begins_with_a_docstring(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text()))


@pytest.mark.parametrize(
    "path", [p for p in MODULES if "versions" not in p.parts], ids=lambda p: str(p.relative_to(ROOT))
)
def test_a_module_stays_small(path: Path) -> None:
    """At most 400 lines: beyond that a second subject is hiding in it."""
    assert len(path.read_text().splitlines()) <= 400
