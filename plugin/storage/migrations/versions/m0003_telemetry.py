"""What telemetry has to remember: who it is, what was decided, counted, refused and sent."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SEQ = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "telemetry_facts",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "telemetry_counts",
        sa.Column("what", sa.String(32), primary_key=True),
        sa.Column("event", sa.String(64), primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "dead_letters",
        sa.Column("seq", SEQ, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("event", sa.String(64), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "sent_batches",
        sa.Column("seq", SEQ, primary_key=True, autoincrement=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("events", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sent_batches_at", "sent_batches", ["at"])
    op.create_table(
        "telemetry_limits",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("began_at", sa.BigInteger, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
    )
    op.create_table(
        "daily_counts",
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("person_id", sa.String(26), primary_key=True),
        sa.Column("event", sa.String(64), primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
    )
    op.create_table(
        "phone_home_days",
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
        sa.Column("built_at", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    for name in (
        "phone_home_days", "daily_counts", "telemetry_limits", "sent_batches", "dead_letters", "telemetry_counts",
        "telemetry_facts",
    ):  # fmt: skip
        op.drop_table(name)
