"""Receipts of calls."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "receipts",
        sa.Column("call", sa.String(length=32), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["call"], ["calls.id"], name="fk_receipts_call"),
        sa.PrimaryKeyConstraint("call", name="pk_receipts"),
    )
    op.create_index("ix_receipts_code", "receipts", ["code"])
