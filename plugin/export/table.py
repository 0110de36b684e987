"""Posts -> rows of CSV: the columns of Mattermost's own channel export, and a link to each post."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

COLUMNS = (
    "Post Creation Time",
    "User Id",
    "User Email",
    "User Type",
    "User Name",
    "Post Id",
    "Parent Post Id",
    "Post Message",
    "Post Type",
    "Permalink",
)
BROKEN = "EXPORT BROKEN OFF: THIS FILE IS NOT COMPLETE"
"""The last line of a file that could not be finished."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def lines(rows: Sequence[Sequence[str]]) -> bytes:
    """RFC 4180, UTF-8. A cell that a spreadsheet would take for a formula gets one apostrophe in front."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([guarded(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8", "replace")


def guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def row(post: Mapping[str, Any], author: Mapping[str, Any] | None, *, with_email: bool, link: str) -> tuple[str, ...]:
    """One post. `author` is None for somebody who is gone; `link` is what a post's id is put behind."""
    kind = post["type"]
    return (
        _time(post["create_at"]),
        post["user_id"],
        str(author["email"]) if author and with_email else "",
        "system" if kind else "bot" if author and author.get("is_bot") else "user",
        str(author["username"]) if author else "",
        post["id"],
        post["root_id"],
        post["message"],
        kind or "message",
        f"{link}{post['id']}",
    )


def _time(ms: int) -> str:
    """As Go writes it, `2020-04-16 10:00:00.12 +0000 UTC`: that is what readers of the official export expect."""
    fraction = f".{ms % 1000:03}".rstrip("0").rstrip(".")
    return f"{datetime.fromtimestamp(ms // 1000, UTC):%Y-%m-%d %H:%M:%S}{fraction} +0000 UTC"
