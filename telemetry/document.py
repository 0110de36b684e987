"""The registry for people: TELEMETRY.md."""

from collections.abc import Iterable

from telemetry.events import Kind, Property
from telemetry.phone_home import GROUPS, MAX_ROWS, Group
from telemetry.registry import DEFINITIONS, SENDABLE, Definition, Sendable

_HEAD = """# What is counted

Everything that can leave, if an administrator has allowed it ([docs/telemetry.md](docs/telemetry.md) says how, and how
it is stopped). All of it is ids, numbers, flags and choices out of a list: no kind of property could hold what people
write. Ids of people, teams, channels, posts, incidents and playbooks leave as pseudonyms, unless an administrator wants
them as they are.

This page is generated from `telemetry/registry.py` and `telemetry/phone_home.py`; `make docs` writes it anew, and
`incident-response telemetry events --json` has the same for programs.

| level | what may leave |
|---|---|
| `off` | nothing |
| `base` | the nightly record: that there is an installation, its versions and machine |
| `statistics` | and in it totals |
| `usage` | and in it teams, people, incidents and playbooks by pseudonym; and the events |

# Events

An event leaves only for a change that was made, and once, whichever way it was asked for.

## With every event

| on the wire | what it is |
|---|---|
| `userId`, `anonymousId` | the installation: Mattermost's diagnostic id. Never a person |
| `event` | the family: `incident`, `tasks` or `playbook`; `type` is always `track` |
| `messageId` | made with the change, and the same at each attempt to send it |
| `timestamp`, `originalTimestamp` | when it happened, in UTC with milliseconds; the two are equal |
| `sentAt` | of the attempt to send it |
| `context`, `integrations`, `channel` | the name and version of what sends it; nothing; `server` |
| `PluginVersion`, `ServerVersion` | in its properties |

"""
_FLAT = """## Flat names

With `INCIDENT_RESPONSE_TELEMETRY_NAMING=flat` events have the names of the column "before", no `Action`, `CreatedAt`
for `CreateAt`, and of an incident also `ChannelIDs`: a list of one id, its channel.
"""
_SEND = """## Sent by hand

What `telemetry.send` takes beside the events above.
"""
_PHONE_HOME = f"""# Phone-home

One JSON record a day (UTC), in the night after it, to the address that is set for it. `installationId` is random, made
when telemetry was first turned on, and can be made anew. Lists have at most {MAX_ROWS:,} entries; `totals` count all.
"""


def telemetry_page() -> str:
    """TELEMETRY.md."""
    families = dict.fromkeys(one.family.name for one in DEFINITIONS)
    parts = [_HEAD + "\n".join(_family(name) for name in families), _FLAT]
    if SENDABLE:
        parts.append(_SEND + "\n" + "\n".join(_sendable(one) for one in SENDABLE))
    return "\n".join([*parts, _PHONE_HOME, *map(_group, GROUPS)])


def _family(name: str) -> str:
    events = [one for one in DEFINITIONS if one.family.name == name]
    everywhere = [p for p in events[0].properties if all(p in one.properties for one in events)]
    lines = [f"## `{name}`\n", *_table(p for p in everywhere if p.name != "Action")]
    lines += ["", "| Action | what happened, and by what | also | why | before | since |", "|---|---|---|---|---|---|"]
    for one in events:
        also = "; ".join(f"`{p.name}` ({_kind(p)}): {p.meaning}" for p in one.properties if p not in everywhere)
        lines.append(
            f"| `{one.action}` | {one.meaning} {one.trigger} | {also} | {one.purpose} | {_before(one)} "
            f"| {one.since}, version {one.version} |"
        )
    return "\n".join(lines) + "\n"


def _table(properties: Iterable[Property]) -> list[str]:
    lines = ["| property | kind | what it is |", "|---|---|---|"]
    return lines + [f"| `{p.name}` | {_kind(p)} | {p.meaning} |" for p in properties]


def _sendable(one: Sendable) -> str:
    limit = f" At most {one.limit.times} in {one.limit.per_s} seconds." if one.limit else ""
    table = _table(one.properties)
    return "\n".join([f"### `{one.name}`\n", f"{one.meaning}{limit} Why: {one.purpose}.\n", *table, ""])


def _group(group: Group) -> str:
    name = f"`{group.name}{'[]' if group.many else ''}`" if group.name else "The record"
    return "\n".join([f"## {name}, from `{group.level}` on\n", f"{group.meaning}\n", *_table(group.properties), ""])


def _kind(one: Property) -> str:
    if one.kind in (Kind.CHOICE, Kind.CHOICES):
        values = ", ".join(f"`{value or 'null'}`" for value in one.values)
        return values if one.kind is Kind.CHOICE else f"some of {values}"
    return str(one.kind)


def _before(one: Definition) -> str:
    """What the older pages and the flat names call it."""
    return f'"{one.label}", `{one.legacy_event}`'
