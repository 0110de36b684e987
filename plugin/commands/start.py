"""`/incident start [client id [post id]]`: opens the dialog."""

from playbooks.errors import PlaybookError
from plugin.commands.registry import Call
from plugin.dialogs.start import URL, start_dialog
from plugin.manifest import PLUGIN_ID
from plugin.services import Services

_MAX_CLIENT_ID = 64


async def start(services: Services, call: Call) -> str:
    """The web client adds a client id, so that the tab that asked goes to the new channel, and a post's id."""
    if len(call.words) > 2:
        return "Too many words. Type `/incident start`, and give the name in the dialog."
    client_id = call.words[0][:_MAX_CLIENT_ID] if call.words else ""
    post_id = call.words[1] if len(call.words) == 2 else ""
    try:
        playbooks = await services.playbooks.usable(call.person_id, call.team_id)
    except PlaybookError as refusal:
        return str(refusal)
    if not playbooks:
        return "You are not a member of any playbook in this team. Ask a colleague to add you to one, or create one."
    quoted = await services.chat.read_post(call.person_id, post_id) if post_id else None
    if post_id and quoted is None:
        return "The message to start from is not one that you can read. Type `/incident start` to start without it."
    names = await services.chat.usernames([call.person_id])
    dialog = start_dialog(
        playbooks,
        commander=names.get(call.person_id, "you"),
        new_playbook_url=await _new_playbook_url(services, call),
        permalink=quoted.permalink if quoted else "",
        post_id=post_id,
        client_id=client_id,
    )
    await services.chat.open_dialog(call.trigger_id, URL, dialog)
    return ""


async def _new_playbook_url(services: Services, call: Call) -> str:
    if await services.access.is_phone(call.session_id):
        return ""
    team = await services.access.team_name(call.team_id)
    return f"{await services.chat.site_url()}/{team}/{PLUGIN_ID}/playbooks/new"
