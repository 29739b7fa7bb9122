"""Registers: what finished requests leave behind; and what is done with one, in the audit chain."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("events") as events:
        events.alter_column("request", existing_type=sa.String(), nullable=True)
    op.create_table(
        "register_entries",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("school", sa.String(), nullable=False),
        sa.Column("register", sa.String(), nullable=False),
        sa.Column("request", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("master", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("personal", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request"], ["requests.id"], name=op.f("fk_register_entries_request_requests")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_entries")),
    )
    op.create_index(
        op.f("ix_register_entries_school_register_at"), "register_entries", ["school", "register", "at"]
    )
    op.create_index(op.f("ix_register_entries_request"), "register_entries", ["request"])


def downgrade() -> None:
    op.drop_table("register_entries")
    op.execute(sa.text("DELETE FROM events WHERE request IS NULL"))
    with op.batch_alter_table("events") as events:
        events.alter_column("request", existing_type=sa.String(), nullable=False)
