"""Who may do what with playbooks: pure functions over facts."""

from playbooks.model import Playbook
from playbooks.ports import TeamStanding


def may_list(standing: TeamStanding) -> bool:
    """Team members see the team's list; it holds the playbooks that they are members of."""
    return standing.system_admin or standing.sees_team


def may_create(standing: TeamStanding) -> bool:
    """Everybody in the team but guests."""
    return standing.system_admin or standing.sees_team


def may_view(standing: TeamStanding, playbook: Playbook) -> bool:
    """Its members while they are in the team, and system administrators."""
    return standing.system_admin or (standing.sees_team and standing.person_id in playbook.member_ids)


def may_edit(standing: TeamStanding, playbook: Playbook) -> bool:
    """The same people as see it: its members while they are in the team, and system administrators."""
    return may_view(standing, playbook)


def may_start_from(standing: TeamStanding, playbook: Playbook) -> bool:
    """Its members only: being a system administrator is not enough to start somebody else's procedure."""
    return standing.person_id in playbook.member_ids and (standing.system_admin or standing.sees_team)
