"""`/incident list [page]`: the ongoing incidents whose channel one is in, as a table that every client shows."""

from incidents.ports import Status
from incidents.queries import ListRequest
from incidents.texts import plain
from plugin.commands.duration import duration
from plugin.commands.registry import Call
from plugin.services import Services

PER_PAGE = 10


async def list_incidents(services: Services, call: Call) -> str:
    """Newest first."""
    word = call.words[0] if call.words else "1"
    if len(call.words) > 1 or not (word.isascii() and word.isdigit() and len(word) < 6 and int(word)):
        return "Type `/incident list`, or `/incident list 2` for the second page."
    number = int(word)
    request = ListRequest(
        team_id=call.team_id, status=Status.ACTIVE, member_id=call.person_id, page=number - 1, per_page=PER_PAGE
    )
    page = await services.incidents.mine(call.person_id, request)
    if not page.items:
        return "You are in no ongoing incident." if number == 1 else "There is no such page."
    channels = await services.access.channels_of(call.person_id, call.team_id)
    names = await services.chat.usernames({row.head.commander_id for row in page.items})
    lines = ["| Incident | Channel | Stage | Commander | Duration |", "|---|---|---|---|---|"]
    for row in page.items:
        head = row.head
        cells = (
            plain(head.name),
            f"~{channels.get(head.channel_id, head.channel_name)}",
            plain(row.active_stage_title) if row.active_stage >= 0 else "–",
            f"@{names.get(head.commander_id, 'somebody')}",
            duration(head.lasted(services.now())),
        )
        lines.append(f"| {' | '.join(cells)} |")
    if page.total > number * PER_PAGE:
        lines += ["", f"{page.total} in all. Type `/incident list {number + 1}` for more."]
    return "\n".join(lines)
