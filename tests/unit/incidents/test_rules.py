"""Who may, as a table over all facts."""

import itertools

from incidents.ports import ChannelStanding
from incidents.rules import may_edit, may_start, may_view
from playbooks.ports import TeamStanding

FLAGS = (False, True)


def test_viewing_and_editing() -> None:
    """Editing is for the channel and administrators; viewing also for the team of a public channel."""
    for admin, reads, public, team in itertools.product(FLAGS, repeat=4):
        standing = ChannelStanding(system_admin=admin, reads_channel=reads, channel_is_public=public, sees_team=team)
        assert may_edit(standing) == (admin or reads)
        assert may_view(standing) == (admin or reads or (public and team))


def test_starting() -> None:
    """One has to see the team and be allowed to make that kind of channel."""
    for admin, sees, public_right, private_right, public in itertools.product(FLAGS, repeat=5):
        standing = TeamStanding(
            person_id="p",
            team_id="t",
            system_admin=admin,
            team_admin=False,
            is_member=True,
            sees_team=sees,
            may_create_public_channel=public_right,
            may_create_private_channel=private_right,
        )
        right = public_right if public else private_right
        assert may_start(standing, public=public) == ((admin or sees) and right)
