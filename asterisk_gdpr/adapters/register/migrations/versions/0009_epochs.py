"""Epochs that end: recipients, the epoch of each sealed number, and how what is sealed is found by epoch."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "recipients",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("algorithm", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_recipients"),
    )
    op.add_column("epochs", sa.Column("ended_at", sa.String(length=27)))
    op.add_column("epochs", sa.Column("destroyed_at", sa.String(length=27)))
    op.add_column("epochs", sa.Column("certificate", sa.LargeBinary()))
    op.add_column("callers", sa.Column("epoch", sa.Text(), nullable=False, server_default=""))
    # Until now there was one epoch only.
    op.execute("UPDATE callers SET epoch = coalesce((SELECT max(id) FROM epochs), '')")
    op.create_index("ix_callers_epoch_call", "callers", ["epoch", "call"])
    op.create_index(
        "ix_wrapped_keys_epoch_recording_generation", "wrapped_keys", ["epoch", "recording", "generation"]
    )
