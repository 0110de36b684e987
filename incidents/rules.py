"""Who may do what with incidents: pure functions over facts."""

from incidents.ports import ChannelStanding
from playbooks.ports import TeamStanding


def may_view(standing: ChannelStanding) -> bool:
    """People in the channel, system administrators, and for a public channel everybody in the team but guests."""
    return may_edit(standing) or (standing.channel_is_public and standing.sees_team)


def may_edit(standing: ChannelStanding) -> bool:
    """People in the channel and system administrators. The commander has no right of their own beyond that."""
    return standing.system_admin or standing.reads_channel


def may_list(standing: TeamStanding) -> bool:
    """Everybody in the team but guests; the rows are those that they may view."""
    return standing.system_admin or standing.sees_team


def may_start(standing: TeamStanding, *, public: bool) -> bool:
    """Whoever may make such a channel in the team; the playbook has a rule of its own (`playbooks.rules`)."""
    if not may_list(standing):
        return False
    return standing.may_create_public_channel if public else standing.may_create_private_channel
