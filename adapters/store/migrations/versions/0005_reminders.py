"""Reminders that belong to no request: days in registers and the policy's review."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COUNTED = {"sqlite_autoincrement": True}
"""A table made anew does not keep it by itself: a number is never given twice."""


def upgrade() -> None:
    for name in ("outbox", "deliveries"):
        with op.batch_alter_table(name, table_kwargs=COUNTED) as table:
            table.alter_column("request", existing_type=sa.String(), nullable=True)
            table.add_column(sa.Column("item", sa.String(), nullable=False, server_default=""))
    op.create_table(
        "reminded",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_reminded")),
    )


def downgrade() -> None:
    op.drop_table("reminded")
    for name in ("deliveries", "outbox"):
        op.execute(sa.text(f"DELETE FROM {name} WHERE request IS NULL"))
        with op.batch_alter_table(name, table_kwargs=COUNTED) as table:
            table.drop_column("item")
            table.alter_column("request", existing_type=sa.String(), nullable=False)
