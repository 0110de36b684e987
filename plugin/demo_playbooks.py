"""The demo's playbooks, as bodies of `POST /playbooks`; `members` are usernames."""

from typing import Any


def _stage(title: str, *tasks: tuple[str, str] | tuple[str, str, str]) -> dict[str, Any]:
    items = [{"title": t[0], "description": t[1], "command": t[2] if len(t) > 2 else ""} for t in tasks]
    return {"title": title, "items": items}


PLAYBOOKS: list[dict[str, Any]] = [
    {
        "title": "Service outage",
        "description": "Something that customers use is down or slow.",
        "create_public_incident": True,
        "members": ("alice", "bob"),
        "checklists": [
            _stage(
                "Triage",
                ("Confirm the impact", "What can customers not do? Since when? Look at the **status board** first."),
                ("Call in the second on-call", "Two pairs of eyes from the first minute.", "/invite @bob"),
                ("Set the channel header", "So that newcomers see where to look.", "/header Outage: see the sidebar"),
                ("Tell support", "One sentence is enough: what is broken, and when you will write again."),
            ),
            _stage(
                "Mitigation",
                ("Look for a recent change", "Deploys, flags, certificates, configuration: the last *two hours*."),
                ("Roll back or switch off", "Prefer the way back that you have used before."),
                ("Check that the error rate falls", "Wait for two quiet intervals before you believe it."),
                ("Update the status page", "Say what works again, and what does not yet."),
            ),
            _stage(
                "Follow-up",
                ("Write the timeline down", "While everybody still remembers."),
                ("Name the follow-up actions", "Each with a person and a date."),
                ("Thank the responders", "By name."),
            ),
        ],
    },
    {
        "title": "Security incident",
        "description": "Somebody may have access who should not.",
        "create_public_incident": False,
        "members": ("alice",),
        "checklists": [
            _stage(
                "Contain",
                ("Revoke the exposed credentials", "All of them, before anything else."),
                ("Keep the evidence", "Snapshot disks and logs; do not clean up yet."),
                ("Limit who knows", "This channel is private; keep it so."),
            ),
            _stage(
                "Recover",
                ("Rotate the remaining secrets", "Also those that were merely near."),
                ("Inform legal", "They decide who else has to be told, and by when."),
            ),
        ],
    },
]
