"""`/incident telemetry`: what leaves, for system administrators; and deciding it."""

from plugin.commands.registry import Call
from plugin.reporting.errors import ReportingError
from plugin.reporting.text import preview_text, sent_text, status_text
from plugin.services import Services
from plugin.storage.telemetry_looks import NEWEST
from telemetry.consent import Level

_LEVELS = {str(level): level for level in Level if level is not Level.UNDECIDED}
_SENT = 5
CHOICES = (
    ("preview", "Show what would leave."),
    ("sent", "Show what has left last."),
    ("off", "Nothing leaves; what has not left is deleted."),
    ("base", "A nightly record: that there is an installation, and its versions."),
    ("statistics", "And in it totals."),
    ("usage", "And events: ids, numbers and choices, never what people write."),
)


async def telemetry(services: Services, call: Call) -> str:
    """Without a word: the state."""
    desk, person_id = services.desk, call.person_id
    word = call.words[0].lower() if len(call.words) == 1 else ""
    try:
        if not call.words:
            return status_text(await desk.status(person_id))
        if word in _LEVELS:
            return status_text(await desk.choose(person_id, _LEVELS[word]))
        if word == "preview":
            return preview_text(await desk.preview(person_id))
        if word == "sent":
            return sent_text(await desk.sent(person_id, after=NEWEST, limit=_SENT))
        await desk.check(person_id)
    except ReportingError as refusal:
        return str(refusal)
    return f"Type `/incident telemetry`, or with one of these behind it: {', '.join(name for name, _ in CHOICES)}."
