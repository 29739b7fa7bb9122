"""Where schools are talked to from, and where their messages go."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "adoptions",
        sa.Column("school", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("school", name=op.f("pk_adoptions")),
    )
    op.create_table(
        "connections",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("school", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "tenant", "school", name=op.f("pk_connections")),
    )
    op.create_index(op.f("ix_connections_school"), "connections", ["school"])
    op.create_table(
        "role_channels",
        sa.Column("school", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("school", "role", "platform", name=op.f("pk_role_channels")),
    )
    op.create_table(
        "conversations",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("master", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "tenant", "key", name=op.f("pk_conversations")),
    )
    op.create_table(
        "school_choices",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("school", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "tenant", "user", name=op.f("pk_school_choices")),
    )
    op.add_column("deliveries", sa.Column("version", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("deliveries", sa.Column("shared", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("deliveries", "shared")
    op.drop_column("deliveries", "version")
    for table in ("school_choices", "conversations", "role_channels", "connections", "adoptions"):
        op.drop_table(table)
