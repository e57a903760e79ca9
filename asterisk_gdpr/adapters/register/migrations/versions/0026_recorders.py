"""What else recorded calls of ours, its file sealed."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.create_table(
        "recorders",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("call", sa.String(length=32), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.String(length=27), nullable=False),
        sa.Column("sealed", sa.LargeBinary()),
        sa.Column("epoch", sa.Text(), nullable=False),
        sa.Column("stopped_at", sa.String(length=27)),
        sa.PrimaryKeyConstraint("id", name="pk_recorders"),
    )
    op.create_index("ix_recorders_call", "recorders", ["call"])
    op.create_index("ix_recorders_epoch_id", "recorders", ["epoch", "id"])
