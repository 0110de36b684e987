"""How long an incident was active, not counting the time between an end and a restart."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("active_since", "active_ms"):
        op.add_column("incidents", sa.Column(name, sa.BigInteger, nullable=False, server_default="0"))
    op.execute("UPDATE incidents SET active_since = create_at WHERE phase <> 'ended'")
    op.execute("UPDATE incidents SET active_ms = end_at - create_at WHERE phase = 'ended'")


def downgrade() -> None:
    for name in ("active_since", "active_ms"):
        op.drop_column("incidents", name)
