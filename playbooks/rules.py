"""Who may do what with playbooks: pure functions over facts."""

from enum import StrEnum

from playbooks.model import Playbook
from playbooks.ports import TeamStanding


class Creators(StrEnum):
    """Who may create playbooks, as the administrator has decided."""

    MEMBERS = "members"
    TEAM_ADMINS = "team_admins"
    SYSTEM_ADMINS = "system_admins"


def may_list(standing: TeamStanding) -> bool:
    """Team members see the team's list; it holds the playbooks that they are members of."""
    return standing.system_admin or standing.sees_team


def may_create(standing: TeamStanding, creators: Creators = Creators.MEMBERS) -> bool:
    """System administrators always; else everybody in the team but guests, the team's administrators, or nobody."""
    return (
        standing.system_admin
        or {
            Creators.MEMBERS: standing.sees_team,
            Creators.TEAM_ADMINS: standing.team_admin and standing.sees_team,
            Creators.SYSTEM_ADMINS: False,
        }[creators]
    )


def may_view(standing: TeamStanding, playbook: Playbook) -> bool:
    """Its members while they are in the team, and system administrators."""
    return standing.system_admin or (standing.sees_team and standing.person_id in playbook.member_ids)


def may_edit(standing: TeamStanding, playbook: Playbook) -> bool:
    """The same people as see it: its members while they are in the team, and system administrators."""
    return may_view(standing, playbook)


def may_start_from(standing: TeamStanding, playbook: Playbook) -> bool:
    """Its members only: being a system administrator is not enough to start somebody else's procedure."""
    return standing.person_id in playbook.member_ids and (standing.system_admin or standing.sees_team)
