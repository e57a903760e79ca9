"""Marks at recordings, saved searches, and recordings by what the caller chose."""

import sqlalchemy as sa
from alembic import op

from asterisk_gdpr.adapters.register.columns import Whole

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "marks",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("recording", sa.String(length=32), nullable=False),
        sa.Column("at_ms", Whole, nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["recording"], ["recordings.id"], name="fk_marks_recording"),
        sa.PrimaryKeyConstraint("id", name="pk_marks"),
    )
    op.create_index("ix_marks_recording", "marks", ["recording"])
    op.create_table(
        "saved_searches",
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("user", "name", name="pk_saved_searches"),
    )
    op.add_column("recordings", sa.Column("choice", sa.Text()))
    op.execute(
        sa.text("UPDATE recordings SET choice = (SELECT choice FROM calls WHERE calls.id = recordings.call)")
    )
    op.create_index(
        "ix_recordings_state_choice_created_at_id", "recordings", ["state", "choice", "created_at", "id"]
    )
