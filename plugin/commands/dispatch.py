"""From the text of a slash command to its handler. Whatever goes wrong, the person gets an answer."""

from dataclasses import replace

import structlog

from plugin.commands.registry import Call, help_text
from plugin.commands.table import COMMANDS
from plugin.services import Services

FAILED = "That could not be completed. An administrator finds the reason in the server's log."

log = structlog.get_logger()


async def dispatch(services: Services, text: str, call: Call) -> str:
    """Carry out `text` ("/incident start"); `call.words` are filled in here. Returns what the person is told."""
    words = text.split()[1:]
    name = words[0].lower() if words else "help"
    command = COMMANDS.get(name)
    if command is None:
        shown = name[:40].replace("`", "")
        return f"`{shown}` is not something that `/incident` can do.\n\n{help_text(COMMANDS)}"
    try:
        return await command.handler(services, replace(call, words=tuple(words[1:])))
    except Exception:
        # The last resort: what escapes here, Mattermost would show as "command not found".
        log.exception("command.failed", command=name)
    return FAILED
