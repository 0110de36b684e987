"""The tables. Migrations make them (a test proves that both agree); nothing else in here touches a database.

Times are ms since the epoch, ids 26 characters, positions dense from 0.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

ID = String(26)
MS = BigInteger
SEQ = BigInteger().with_variant(Integer, "sqlite")
SORTED = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that lists are sorted by: the same order in every database, whatever its locale."""

playbooks = Table(
    "playbooks",
    metadata,
    Column("id", ID, primary_key=True),
    Column("team_id", ID, nullable=False),
    Column("title", Text, nullable=False),
    Column("title_folded", SORTED, nullable=False),
    Column("description", Text, nullable=False),
    Column("create_public_incident", Boolean, nullable=False),
    Column("create_at", MS, nullable=False),
    Column("delete_at", MS, nullable=False),
    Column("version", Integer, nullable=False),
    Column("num_stages", Integer, nullable=False),
    Column("num_tasks", Integer, nullable=False),
    Column("stages", Text, nullable=False),
    Index("ix_playbooks_team", "team_id", "delete_at"),
)
"""`stages` is JSON: a playbook is only ever written whole, unlike an incident."""

playbook_members = Table(
    "playbook_members",
    metadata,
    Column("playbook_id", ID, primary_key=True),
    Column("user_id", ID, primary_key=True),
    Column("position", Integer, nullable=False),
    Index("ix_playbook_members_user", "user_id"),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", ID, primary_key=True),
    Column("team_id", ID, nullable=False),
    Column("channel_id", ID, nullable=False),
    Column("channel_name", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("name_folded", SORTED, nullable=False),
    Column("description", Text, nullable=False),
    Column("phase", String(16), nullable=False),
    Column("is_public", Boolean, nullable=False),
    Column("commander_id", ID, nullable=False),
    Column("reporter_id", ID, nullable=False),
    Column("playbook_id", ID, nullable=False),
    Column("playbook_version", Integer, nullable=False),
    Column("post_id", ID, nullable=False),
    Column("create_at", MS, nullable=False),
    Column("end_at", MS, nullable=False),
    Column("active_since", MS, nullable=False),
    Column("active_ms", MS, nullable=False),
    Column("active_stage_id", ID, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("lease_until", MS, nullable=False),
    Index("ix_incidents_channel", "channel_id"),
    Index("ix_incidents_phase", "phase"),
    # One for each order that lists can have.
    Index("ix_incidents_by_create_at", "team_id", "create_at", "id"),
    Index("ix_incidents_by_id", "team_id", "id"),
    Index("ix_incidents_by_name", "team_id", "name_folded", "id"),
    Index("ix_incidents_by_commander", "team_id", "commander_id", "id"),
    Index("ix_incidents_by_end_at", "team_id", "end_at", "id"),
    Index("ix_incidents_by_phase", "team_id", "phase", "id"),
)

list_generations = Table(
    "list_generations",
    metadata,
    Column("team_id", ID, primary_key=True),
    Column("generation", BigInteger, nullable=False),
)
"""Grows with each change that a team's lists can see; what is remembered of lists holds for one generation."""

watchers = Table(
    "watchers",
    metadata,
    Column("person_id", ID, primary_key=True),
    Column("team_id", ID, primary_key=True),
    Column("until", MS, nullable=False),
)

stages = Table(
    "stages",
    metadata,
    Column("id", ID, primary_key=True),
    Column("incident_id", ID, nullable=False),
    Column("position", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Index("ix_stages_incident", "incident_id", "position"),
)

tasks = Table(
    "tasks",
    metadata,
    Column("id", ID, primary_key=True),
    Column("incident_id", ID, nullable=False),
    Column("stage_id", ID, nullable=False),
    Column("position", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("command", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("state_modified", MS, nullable=False),
    Column("state_modified_post_id", ID, nullable=False),
    Column("assignee_id", ID, nullable=False),
    Column("assignee_modified", MS, nullable=False),
    Column("assignee_modified_post_id", ID, nullable=False),
    Column("command_last_run", MS, nullable=False),
    Index("ix_tasks_incident", "incident_id"),
    Index("ix_tasks_stage", "stage_id", "position"),
)

timeline = Table(
    "timeline",
    metadata,
    Column("seq", SEQ, primary_key=True, autoincrement=True),
    Column("id", String(36), nullable=False),
    Column("incident_id", ID, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("at", MS, nullable=False),
    Column("person_id", ID, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("stage_id", ID, nullable=False),
    Column("task_id", ID, nullable=False),
    Column("old", String(64), nullable=False),
    Column("new", String(64), nullable=False),
    UniqueConstraint("id", name="uq_timeline_id"),
    Index("ix_timeline_incident", "incident_id", "version"),
    sqlite_autoincrement=True,
)

outbox = Table(
    "outbox",
    metadata,
    Column("seq", SEQ, primary_key=True, autoincrement=True),
    Column("id", String(36), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("key", String(64), nullable=False),
    Column("merge_key", String(64), nullable=False),
    Column("payload", Text, nullable=False),
    Column("created_at", MS, nullable=False),
    Column("due_at", MS, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lease_until", MS, nullable=False),
    UniqueConstraint("id", name="uq_outbox_id"),
    Index("ix_outbox_order", "kind", "key", "seq"),
    sqlite_autoincrement=True,
)
"""What has to leave: kind "post" in order per key (the channel), "telemetry" and "phone_home" in order of commit.

Of telemetry, `merge_key` is the event ("incident/create"): no more of its payload has to be read to count it.
"""

telemetry_facts = Table(
    "telemetry_facts",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", Text, nullable=False),
)
"""One value each: what the installation is called outside, what administrators have decided, who is left alone."""

telemetry_counts = Table(
    "telemetry_counts",
    metadata,
    Column("what", String(32), primary_key=True),
    Column("event", String(64), primary_key=True),
    Column("count", BigInteger, nullable=False),
)
"""How many events were sent, dropped, refused, held back: by event, since the installation's id was made."""

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("seq", SEQ, primary_key=True, autoincrement=True),
    Column("id", String(36), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("event", String(64), nullable=False),
    Column("payload", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("at", MS, nullable=False),
    sqlite_autoincrement=True,
)
"""Events that the receiver refused alone, with its HTTP status; never sent again by themselves."""

sent_batches = Table(
    "sent_batches",
    metadata,
    Column("seq", SEQ, primary_key=True, autoincrement=True),
    Column("at", MS, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("status", Integer, nullable=False),
    Column("events", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("ix_sent_batches_at", "at"),
    sqlite_autoincrement=True,
)
"""Every request that left, as it left (`body` is gzipped JSON); `status` 0: nobody knows whether it arrived."""

telemetry_limits = Table(
    "telemetry_limits",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("began_at", MS, nullable=False),
    Column("count", Integer, nullable=False),
)
"""How often an event with a limit was sent in its present window; `key` is a hash of event and properties."""

daily_counts = Table(
    "daily_counts",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("person_id", ID, primary_key=True),
    Column("event", String(64), primary_key=True),
    Column("count", Integer, nullable=False),
)
"""For phone-home: how often a person did something on a day (UTC)."""

phone_home_days = Table(
    "phone_home_days",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("lease_until", MS, nullable=False),
    Column("built_at", MS, nullable=False),
)
"""Days whose record is being made (`built_at` 0) or was made."""

answers = Table(
    "answers",
    metadata,
    Column("person_id", ID, primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("request_hash", String(64), nullable=False),
    Column("subject_id", ID, nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", MS, nullable=False),
    Column("lease_until", MS, nullable=False),
    Index("ix_answers_created", "created_at"),
)
"""First answers to requests with an Idempotency-Key; status 0 while the first is being carried out."""
