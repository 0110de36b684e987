"""What is generated from the code: docs/settings.md, TELEMETRY.md, and what the latter must not lose."""

import json
import sys
from pathlib import Path

from pydantic import SecretStr

from plugin.settings import ENV_PREFIX, Settings
from telemetry.document import telemetry_page
from telemetry.registry import lock, narrowed

LOCK = "telemetry/registry.lock.json"

_SETTINGS_HEAD = """# Settings

Each setting is read from the environment variable, else from the TOML file that `INCIDENT_RESPONSE_CONFIG` names
(there in lower case, without the prefix), else it has its default. `DO_NOT_TRACK` (set, and neither `0` nor `false`)
switches telemetry off whatever is set here.

This page is generated from `plugin/settings.py`; `make docs` writes it anew.

| variable | default | meaning |
|---|---|---|
"""


def settings_page() -> str:
    """docs/settings.md."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = "" if isinstance(field.default, SecretStr) else str(field.default)
        rows.append(f"| `{ENV_PREFIX}{name.upper()}` | {f'`{default}`' if default else ''} | {field.description} |\n")
    return _SETTINGS_HEAD + "".join(rows)


def write(folder: Path, *, check: bool) -> int:
    """Write the pages, or only compare them; returns an exit code."""
    if not (folder / LOCK).exists():
        sys.stderr.write(f"{LOCK} is missing: what must not become less is in it; take it from the last commit\n")
        return 1
    before = json.loads((folder / LOCK).read_text())
    if less := narrowed(before, lock()):
        sys.stderr.write("".join(f"telemetry: {line}\n" for line in less))
        return 1
    stale = False
    pages = {
        "docs/settings.md": settings_page(),
        "TELEMETRY.md": telemetry_page(),
        LOCK: f"{json.dumps(lock(), indent=1)}\n",
    }
    for name, text in pages.items():
        path = folder / name
        if path.exists() and path.read_text() == text:
            continue
        if check:
            sys.stderr.write(f"{name} is not current; run `make docs`\n")
            stale = True
        else:
            path.write_text(text)
    return int(stale)
