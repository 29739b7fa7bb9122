"""The last days on which finished requests were looked through."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "looks",
        sa.Column("school", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("school", "day", name=op.f("pk_looks")),
    )


def downgrade() -> None:
    op.drop_table("looks")
