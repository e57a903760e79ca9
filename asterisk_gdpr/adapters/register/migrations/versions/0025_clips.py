"""Clips that listeners share with each other."""

import sqlalchemy as sa
from alembic import op

from asterisk_gdpr.adapters.register.columns import Whole

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.create_table(
        "clips",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("recording", sa.String(length=32), nullable=False),
        sa.Column("at_ms", Whole, nullable=False),
        sa.Column("until_ms", Whole, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("coach", sa.Text(), nullable=False),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.Column("ends_at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(["recording"], ["recordings.id"], name="fk_clips_recording"),
        sa.PrimaryKeyConstraint("id", name="pk_clips"),
    )
    op.create_index("ix_clips_recording", "clips", ["recording"])
    op.create_index("ix_clips_ends_at", "clips", ["ends_at"])
