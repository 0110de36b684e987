"""Who may create playbooks: every combination."""

import itertools

from playbooks.ports import TeamStanding
from playbooks.rules import Creators, may_create

FLAGS = (True, False)


def test_creating() -> None:
    """System administrators always; a guest never, whatever else they are."""
    for admin, team_admin, sees in itertools.product(FLAGS, repeat=3):
        standing = TeamStanding(
            person_id="p",
            team_id="t",
            system_admin=admin,
            team_admin=team_admin,
            is_member=True,
            sees_team=sees,
            may_create_public_channel=True,
            may_create_private_channel=True,
        )
        assert may_create(standing, Creators.MEMBERS) == (admin or sees)
        assert may_create(standing, Creators.TEAM_ADMINS) == (admin or (team_admin and sees))
        assert may_create(standing, Creators.SYSTEM_ADMINS) == admin
