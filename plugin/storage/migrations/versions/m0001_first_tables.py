"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.String(26)
MS = sa.BigInteger
SEQ = sa.BigInteger().with_variant(sa.Integer, "sqlite")
SORTED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "playbooks",
        sa.Column("id", ID, primary_key=True),
        sa.Column("team_id", ID, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("title_folded", SORTED, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("create_public_incident", sa.Boolean, nullable=False),
        sa.Column("create_at", MS, nullable=False),
        sa.Column("delete_at", MS, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("num_stages", sa.Integer, nullable=False),
        sa.Column("num_tasks", sa.Integer, nullable=False),
        sa.Column("stages", sa.Text, nullable=False),
    )
    op.create_index("ix_playbooks_team", "playbooks", ["team_id", "delete_at"])
    op.create_table(
        "playbook_members",
        sa.Column("playbook_id", ID, primary_key=True),
        sa.Column("user_id", ID, primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
    )
    op.create_index("ix_playbook_members_user", "playbook_members", ["user_id"])
    op.create_table(
        "incidents",
        sa.Column("id", ID, primary_key=True),
        sa.Column("team_id", ID, nullable=False),
        sa.Column("channel_id", ID, nullable=False),
        sa.Column("channel_name", sa.String(64), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_folded", SORTED, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("phase", sa.String(16), nullable=False),
        sa.Column("is_public", sa.Boolean, nullable=False),
        sa.Column("commander_id", ID, nullable=False),
        sa.Column("reporter_id", ID, nullable=False),
        sa.Column("playbook_id", ID, nullable=False),
        sa.Column("playbook_version", sa.Integer, nullable=False),
        sa.Column("post_id", ID, nullable=False),
        sa.Column("create_at", MS, nullable=False),
        sa.Column("end_at", MS, nullable=False),
        sa.Column("active_stage_id", ID, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("lease_until", MS, nullable=False),
    )
    op.create_index("ix_incidents_team_created", "incidents", ["team_id", "create_at"])
    op.create_index("ix_incidents_channel", "incidents", ["channel_id"])
    op.create_index("ix_incidents_phase", "incidents", ["phase"])
    op.create_table(
        "stages",
        sa.Column("id", ID, primary_key=True),
        sa.Column("incident_id", ID, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
    )
    op.create_index("ix_stages_incident", "stages", ["incident_id", "position"])
    op.create_table(
        "tasks",
        sa.Column("id", ID, primary_key=True),
        sa.Column("incident_id", ID, nullable=False),
        sa.Column("stage_id", ID, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("command", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("state_modified", MS, nullable=False),
        sa.Column("state_modified_post_id", ID, nullable=False),
        sa.Column("assignee_id", ID, nullable=False),
        sa.Column("assignee_modified", MS, nullable=False),
        sa.Column("assignee_modified_post_id", ID, nullable=False),
        sa.Column("command_last_run", MS, nullable=False),
    )
    op.create_index("ix_tasks_incident", "tasks", ["incident_id"])
    op.create_index("ix_tasks_stage", "tasks", ["stage_id", "position"])
    op.create_table(
        "timeline",
        sa.Column("seq", SEQ, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("incident_id", ID, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("at", MS, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("stage_id", ID, nullable=False),
        sa.Column("task_id", ID, nullable=False),
        sa.Column("old", sa.String(64), nullable=False),
        sa.Column("new", sa.String(64), nullable=False),
        sa.UniqueConstraint("id", name="uq_timeline_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_timeline_incident", "timeline", ["incident_id", "version"])
    op.create_table(
        "outbox",
        sa.Column("seq", SEQ, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("merge_key", sa.String(64), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("created_at", MS, nullable=False),
        sa.Column("due_at", MS, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("lease_until", MS, nullable=False),
        sa.UniqueConstraint("id", name="uq_outbox_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_order", "outbox", ["kind", "key", "seq"])
    op.create_table(
        "answers",
        sa.Column("person_id", ID, primary_key=True),
        sa.Column("key", sa.String(255), primary_key=True),
        sa.Column("request_hash", sa.String(64), nullable=False),
        sa.Column("subject_id", ID, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("headers", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("created_at", MS, nullable=False),
        sa.Column("lease_until", MS, nullable=False),
    )
    op.create_index("ix_answers_created", "answers", ["created_at"])


def downgrade() -> None:
    op.drop_table("answers")
    op.drop_table("outbox")
    op.drop_table("timeline")
    op.drop_table("tasks")
    op.drop_table("stages")
    op.drop_table("incidents")
    op.drop_table("playbook_members")
    op.drop_table("playbooks")
