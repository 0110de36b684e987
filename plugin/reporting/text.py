"""Telemetry's state in words, as Markdown that is readable without it: for chat and for the command line."""

import json
from typing import Any

from telemetry.consent import Level
from telemetry.wire import iso

UNKNOWN = "unknown"
"""To whoever has only the database."""
_WHO = {
    "do_not_track": "the environment's `DO_NOT_TRACK`",
    "environment": "the server's environment or settings file",
    "mattermost": "Mattermost's own switch for diagnostics (`LogSettings.EnableDiagnostics`)",
    "console": "the System Console",
    "administrator": "an administrator, in chat or on the command line",
    "notice": "nobody; an administrator saw the notice more than an hour before",
    "nobody": "nobody yet, so nothing leaves",
    UNKNOWN: "nobody in chat or on the command line; more than that the database does not know",
}
_LEAST = {"data_plane": Level.USAGE, "phone_home": Level.BASE}
_DESTINATIONS = {"data_plane": "Events", "phone_home": "The nightly record"}
_WHAT = {
    "sent": "accepted",
    "dropped_full": "dropped for lack of room",
    "dropped_old": "dropped after 30 days",
    "quarantined": "refused by the receiver",
    "refused": "not as declared",
    "limited": "held back by a limit",
}


def status_text(status: dict[str, Any]) -> str:
    """Of `Report.status`."""
    unsure = status["said"]["mattermost_allows"] == UNKNOWN and status["level"] != "off"
    lines = [
        f"#### Telemetry: {'at most ' if unsure else ''}{status['level']}",
        f"Decided by {_WHO[status['decided_by']]}.",
    ]
    if unsure:
        lines.append("It can be less: what the server's environment and Mattermost say is not known here.")
    if status["undecided"] and status["notice"]["seen_at"]:
        lines.append(f"Unless somebody decides, `usage` counts from {iso(status['notice']['counts_from'])}.")
    lines.append("")
    for name, label in _DESTINATIONS.items():
        one, level = status["destinations"][name], Level(status["level"])
        where = "not known here" if status["ids"] == UNKNOWN else _destination(one)
        none = bool(one["set"]) and not level.allows(_LEAST[name])
        lines.append(f"- {label}: {where}{f' (none leave at `{level}`)' if none else ''}")
    lines += [
        f"- Installation: {status['installation_id'] or 'none yet'}",
        f"- Ids: {status['ids']}; names: {status['naming']}; dialect: {status['dialect']}",
        f"- Waiting: {status['queued']} ({status['queued_bytes']:,} bytes)"
        + (f", the oldest since {iso(status['oldest_at'])}" if status["oldest_at"] else ""),
    ]
    counted = {what: sum(by_event.values()) for what, by_event in status["counts"].items()}
    told = [f"{number:,} {_WHAT.get(what, what)}" for what, number in counted.items()]
    lines.append(f"- So far: {', '.join(told) or 'nothing'}")
    return "\n".join(lines)


def _destination(one: dict[str, Any]) -> str:
    if not one["set"]:
        return "nowhere, no address is set"
    if one["refused"]:
        return f"nowhere, {one['refused']}"
    if one["left_alone_until"]:
        why = f"it answered {one['last_status']}" if one["last_status"] else "it cannot be reached"
        return f"{one['url']}; left alone until {iso(one['left_alone_until'])}, {why}"
    return str(one["url"])


def preview_text(preview: dict[str, Any]) -> str:
    """Of `Report.preview`: one event whole, of the others the properties."""
    lines = [f"#### What would leave at `{preview['level']}`"]
    if not preview["events"]:
        lines.append("No events.")
    for number, event in enumerate(preview["events"]):
        if number == 0:
            lines += ["An event, whole; its ids are made up, and in their place would be others:", _code(event), ""]
            lines.append("Of the others, the properties:")
        else:
            lines.append(f"- `{event['event']}` `{json.dumps(event['properties'])}`")
    record = preview["phone_home"]
    if record:
        lines += ["", "The nightly record, of today so far:", _code(record)]
    return _whole("\n".join(lines), "preview")


_MAX_TEXT = 16_000
"""Mattermost takes posts of up to 16,383 characters."""


def _whole(text: str, command: str) -> str:
    """Or as much as a post can hold, ending in a block of code, and how to see the rest."""
    if len(text) <= _MAX_TEXT:
        return text
    rest = f"\n```\nThat is not all. All of it: `incident-response telemetry {command}`, on the command line."
    return text[: _MAX_TEXT - len(rest)].rpartition("\n")[0] + rest


def sent_text(sent: list[dict[str, Any]]) -> str:
    """Of `Report.sent`."""
    if not sent:
        return "Nothing has left in the last seven days."
    lines = ["#### What has left last"]
    for one in sent:
        outcome = one["status"] or "no answer"
        lines.append(f"{iso(one['at'])} {one['to']}, {one['events']} messages, answer: {outcome}")
    return _whole("\n".join([*lines, "", "The last one, as it left:", _code(sent[-1]["body"])]), "tail")


def _code(value: Any) -> str:
    return f"```json\n{json.dumps(value, indent=1)}\n```"
