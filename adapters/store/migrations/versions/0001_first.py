"""The first tables: requests, their history, messages on their way, people, published schools."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Utc = sa.DateTime(timezone=True)
Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "chain_heads",
        sa.Column("school", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.Column("master", sa.String(), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("school", name=op.f("pk_chain_heads")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("school", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("email_folded", sa.String(), nullable=False),
        sa.Column("line_manager", sa.String(), nullable=False),
        sa.Column("starts", sa.Date(), nullable=True),
        sa.Column("ends", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("school", "id", name=op.f("uq_people_school_id")),
    )
    op.create_index(op.f("ix_people_email_folded"), "people", ["email_folded"], unique=False)
    op.create_table(
        "published",
        sa.Column("school", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("school_json", sa.Text(), nullable=False),
        sa.Column("policy_json", sa.Text(), nullable=False),
        sa.Column("workflows", sa.Text(), nullable=False),
        sa.Column("at", Utc, nullable=False),
        sa.PrimaryKeyConstraint("school", "version", name=op.f("pk_published")),
    )
    op.create_table(
        "published_workflows",
        sa.Column("school", sa.String(), nullable=False),
        sa.Column("command", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("json", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("school", "command", "version", name=op.f("pk_published_workflows")),
    )
    op.create_table(
        "requests",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("school", sa.String(), nullable=False),
        sa.Column("workflow", sa.String(), nullable=False),
        sa.Column("requester", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("updated_at", Utc, nullable=False),
        sa.Column("due_at", Utc, nullable=True),
        sa.Column("about_people", sa.Boolean(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("erased_at", Utc, nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
        sa.UniqueConstraint("reference", name=op.f("uq_requests_reference")),
        sa.UniqueConstraint("token", name=op.f("uq_requests_token")),
    )
    op.create_index(op.f("ix_requests_requester"), "requests", ["requester"], unique=False)
    op.create_index(op.f("ix_requests_school_status"), "requests", ["school", "status"], unique=False)
    op.create_index(op.f("ix_requests_status_due_at"), "requests", ["status", "due_at"], unique=False)
    op.create_table(
        "seen_events",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("at", Utc, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seen_events")),
    )
    op.create_index(op.f("ix_seen_events_at"), "seen_events", ["at"], unique=False)
    op.create_table(
        "absences",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"], ["people.id"], name=op.f("fk_absences_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person", "first", name=op.f("pk_absences")),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", Serial, nullable=False),
        sa.Column("request", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("sent_at", Utc, nullable=False),
        sa.Column("opened_at", Utc, nullable=True),
        sa.Column("acted_at", Utc, nullable=True),
        sa.ForeignKeyConstraint(["request"], ["requests.id"], name=op.f("fk_deliveries_request")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_deliveries_person"), "deliveries", ["person"], unique=False)
    op.create_index(op.f("ix_deliveries_request_person"), "deliveries", ["request", "person"], unique=False)
    op.create_table(
        "events",
        sa.Column("school", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("request", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", Utc, nullable=False),
        sa.Column("master", sa.String(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["request"], ["requests.id"], name=op.f("fk_events_request")),
        sa.PrimaryKeyConstraint("school", "seq", name=op.f("pk_events")),
    )
    op.create_index(op.f("ix_events_request"), "events", ["request"], unique=False)
    op.create_table(
        "holdings",
        sa.Column("school", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school", "person"],
            ["people.school", "people.id"],
            name=op.f("fk_holdings_school_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("school", "role", "person", name=op.f("pk_holdings")),
    )
    op.create_table(
        "identities",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("school", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school", "person"],
            ["people.school", "people.id"],
            name=op.f("fk_identities_school_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("platform", "tenant", "user", "school", name=op.f("pk_identities")),
    )
    op.create_table(
        "in_force",
        sa.Column("school", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("at", Utc, nullable=False),
        sa.ForeignKeyConstraint(
            ["school", "version"],
            ["published.school", "published.version"],
            name=op.f("fk_in_force_school_version"),
        ),
        sa.PrimaryKeyConstraint("school", name=op.f("pk_in_force")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", Serial, nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("request", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("due", Utc, nullable=False),
        sa.Column("lease_until", Utc, nullable=True),
        sa.Column("lease_owner", sa.String(), server_default="", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_error", sa.String(), server_default="", nullable=False),
        sa.Column("set_aside_at", Utc, nullable=True),
        sa.ForeignKeyConstraint(["request"], ["requests.id"], name=op.f("fk_outbox_request")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_outbox_idempotency_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_outbox_request"), "outbox", ["request"], unique=False)
    op.create_index(op.f("ix_outbox_set_aside_at_due"), "outbox", ["set_aside_at", "due"], unique=False)
    op.create_table(
        "request_keys",
        sa.Column("request", sa.String(), nullable=False),
        sa.Column("master", sa.String(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["request"], ["requests.id"], name=op.f("fk_request_keys_request")),
        sa.PrimaryKeyConstraint("request", name=op.f("pk_request_keys")),
    )


def downgrade() -> None:
    op.drop_table("request_keys")
    op.drop_table("outbox")
    op.drop_table("in_force")
    op.drop_table("identities")
    op.drop_table("holdings")
    op.drop_table("events")
    op.drop_table("deliveries")
    op.drop_table("absences")
    op.drop_table("seen_events")
    op.drop_table("requests")
    op.drop_table("published_workflows")
    op.drop_table("published")
    op.drop_table("people")
    op.drop_table("chain_heads")
