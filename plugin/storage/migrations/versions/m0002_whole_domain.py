"""How long an incident was active; lists of very many incidents, and who watches them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ORDERS = {
    "create_at": ["team_id", "create_at", "id"],
    "id": ["team_id", "id"],
    "name": ["team_id", "name_folded", "id"],
    "commander": ["team_id", "commander_id", "id"],
    "end_at": ["team_id", "end_at", "id"],
    "phase": ["team_id", "phase", "id"],
}


def upgrade() -> None:
    for name in ("active_since", "active_ms"):
        op.add_column("incidents", sa.Column(name, sa.BigInteger, nullable=False, server_default="0"))
    op.execute("UPDATE incidents SET active_since = create_at WHERE phase <> 'ended'")
    op.execute("UPDATE incidents SET active_ms = end_at - create_at WHERE phase = 'ended'")
    op.drop_index("ix_incidents_team_created", "incidents")
    for name, columns in ORDERS.items():
        op.create_index(f"ix_incidents_by_{name}", "incidents", columns)
    op.create_table(
        "list_generations",
        sa.Column("team_id", sa.String(26), primary_key=True),
        sa.Column("generation", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "watchers",
        sa.Column("person_id", sa.String(26), primary_key=True),
        sa.Column("team_id", sa.String(26), primary_key=True),
        sa.Column("until", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("watchers")
    op.drop_table("list_generations")
    for name in ORDERS:
        op.drop_index(f"ix_incidents_by_{name}", "incidents")
    op.create_index("ix_incidents_team_created", "incidents", ["team_id", "create_at"])
    for name in ("active_since", "active_ms"):
        op.drop_column("incidents", name)
