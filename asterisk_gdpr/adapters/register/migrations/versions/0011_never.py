"""Numbers that are never recorded."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "nevers",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("blind_index", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("epoch", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("added_at", sa.String(length=27), nullable=False),
        sa.Column("review_at", sa.String(length=27), nullable=False),
        sa.Column("removed_at", sa.String(length=27)),
        sa.PrimaryKeyConstraint("id", name="pk_nevers"),
    )
    op.create_index("ix_nevers_epoch_id", "nevers", ["epoch", "id"])
