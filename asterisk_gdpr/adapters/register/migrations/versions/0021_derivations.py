"""Recordings that are made of others: redactions, and parts that live by themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "derivations",
        sa.Column("recording", sa.String(length=32), nullable=False),
        sa.Column("of", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("begun_at", sa.String(length=27), nullable=False),
        sa.Column("done_at", sa.String(length=27)),
        sa.Column("record", sa.LargeBinary()),
        sa.ForeignKeyConstraint(["of"], ["recordings.id"], name="fk_derivations_of"),
        sa.PrimaryKeyConstraint("recording", name="pk_derivations"),
    )
    op.create_index("ix_derivations_of", "derivations", ["of"])
