"""What the bot says in channels. Titles and names come from people: here they lose their power to format or to ping."""

import re
from collections.abc import Sequence

_MARKUP = re.compile(r"[*_~`#|>\[\]\\!]")
_MENTION = re.compile(r"@(?=\w)")
_MAX_INLINE = 200
_MAX_QUOTE = 4000


def plain(text: str) -> str:
    """A person's text made safe inside a line: one line, no Markdown, nobody is pinged, not endless."""
    line = " ".join(_MARKUP.sub("", text).split())
    if len(line) > _MAX_INLINE:
        line = line[: _MAX_INLINE - 1].rstrip() + "…"
    return quiet(line) or "(untitled)"


def quiet(text: str) -> str:
    """The text with its mentions defused: a zero-width space after each @."""
    return _MENTION.sub("@\u200b", text)


def started(commander: str, name: str, *, quote: str = "", permalink: str = "") -> str:
    """The announcement. `commander` is a username; `quote` and `permalink` are of the post that it started from."""
    lines = [f"**{plain(name)}** was started. @{commander} is the commander."]
    if permalink:
        lines.append(f"It was started from [this message]({permalink}):")
        shown = quote if len(quote) <= _MAX_QUOTE else quote[: _MAX_QUOTE - 1] + "…"
        lines.append("\n".join(f"> {line}" for line in quiet(shown).splitlines()))
    return "\n\n".join(line for line in lines if line)


def header(description: str) -> str:
    """The channel's header."""
    return (
        description.strip()
        or "Incident channel. Tasks and stages are in the right-hand sidebar, help is in /incident help."
    )


def ended(person: str) -> str:
    return f"This incident was ended by @{person}."


def restarted(person: str) -> str:
    return f"This incident was restarted by @{person}."


def commander_changed(person: str, old: str, new: str) -> str:
    """Only the new commander is called by name with @, so that nobody else is pinged."""
    return f"{person} changed the commander from {old} to @{new}."


def renamed(person: str, old: str, new: str) -> str:
    return f"@{person} renamed this incident from **{plain(old)}** to **{plain(new)}**."


def announced(commander: str, channel_name: str) -> str:
    return f"@{commander} is commanding an incident in ~{channel_name}."


def stage_changed(person: str, old: str, new: str) -> str:
    return f"@{person} moved from **{plain(old)}** to **{plain(new)}**."


def task_heading(person: str) -> str:
    """The first words of a post about what one person did to tasks."""
    return f"@{person}"


def task_checked(title: str) -> str:
    return f"checked off **{plain(title)}**"


def task_unchecked(title: str) -> str:
    return f"unchecked **{plain(title)}**"


def task_in_progress(title: str) -> str:
    return f"started on **{plain(title)}**"


def task_skipped(title: str) -> str:
    return f"skipped **{plain(title)}**"


def command_failed(title: str) -> str:
    return (
        f"The slash command of **{plain(title)}** could not be run: it is unknown here, it failed, or you may not run"
        " it. Edit the task's command, or type it yourself to see what it says."
    )


def task_assigned(title: str, new: str) -> str:
    """`new` is a username, or empty for nobody."""
    return f"assigned **{plain(title)}** to @{new}" if new else f"took the assignee off **{plain(title)}**"


def merged(heading: str, messages: Sequence[str]) -> str:
    """One post out of the messages of one group, in order."""
    if not heading:
        return "\n".join(messages)
    if len(messages) == 1:
        return f"{heading} {messages[0]}."
    return "\n".join([f"{heading}:", *(f"- {message}" for message in messages)])
