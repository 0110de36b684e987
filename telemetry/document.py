"""The registry for people: TELEMETRY.md."""

from telemetry.registry import DEFINITIONS, Definition

_HEAD = """# What is counted

Everything that can leave, if an administrator has turned it on ([docs/telemetry.md](docs/telemetry.md) says how, and
how it is turned off). All of it is ids, numbers, flags and choices out of a list: no kind of property could hold what
people write. An event leaves only for a change that was made, and once, whichever way it was asked for.

This page is generated from `telemetry/registry.py`; `make docs` writes it anew, and `incident-response telemetry events
--json` has the same for programs.

## With every event

| on the wire | what it is |
|---|---|
| `userId`, `anonymousId` | the installation: Mattermost's diagnostic id. Never a person |
| `event` | the family: `incident`, `tasks` or `playbook`; `type` is always `track` |
| `messageId` | made with the change, and the same at each attempt to send it |
| `timestamp`, `originalTimestamp` | when it happened, in UTC with milliseconds; the two are equal |
| `sentAt` | of the attempt to send it |
| `PluginVersion`, `ServerVersion` | in its properties |

"""


def telemetry_page() -> str:
    """TELEMETRY.md."""
    families = dict.fromkeys(one.family.name for one in DEFINITIONS)
    return _HEAD + "\n".join(_family(name) for name in families)


def _family(name: str) -> str:
    events = [one for one in DEFINITIONS if one.family.name == name]
    everywhere = [p for p in events[0].properties if all(p in one.properties for one in events)]
    lines = [f"## `{name}`\n", "| property | kind | what it is |", "|---|---|---|"]
    lines += [f"| `{p.name}` | {_kind(p.kind, p.values)} | {p.meaning} |" for p in everywhere if p.name != "Action"]
    lines += ["", "| Action | what happened, and by what | also | why | before | since |", "|---|---|---|---|---|---|"]
    for one in events:
        also = "; ".join(
            f"`{p.name}` ({_kind(p.kind, p.values)}): {p.meaning}" for p in one.properties if p not in everywhere
        )
        lines.append(
            f"| `{one.action}` | {one.meaning} {one.trigger} | {also} | {one.purpose} | {_before(one)} "
            f"| {one.since}, version {one.version} |"
        )
    return "\n".join(lines) + "\n"


def _kind(kind: str, values: tuple[str | None, ...]) -> str:
    return ", ".join(f"`{value or 'null'}`" for value in values) if values else str(kind)


def _before(one: Definition) -> str:
    """What the older pages and the flat names call it."""
    return f'"{one.label}", `{one.legacy_event}`'
