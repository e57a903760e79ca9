"""Receipts, references of calls and marks of the never list get periods of their own; shorter rules."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "call_references",
        sa.Column("call", sa.String(length=32), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["call"], ["calls.id"], name="fk_call_references_call"),
        sa.PrimaryKeyConstraint("call", name="pk_call_references"),
    )
    op.create_index("ix_call_references_code", "call_references", ["code"])
    op.create_table(
        "shortenings",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("keep_count", sa.Integer(), nullable=False),
        sa.Column("keep_unit", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_shortenings"),
    )
    op.add_column("deadlines", sa.Column("made_at", sa.String(length=27)))
    op.execute(
        """
    INSERT INTO deadlines (kind, of, begun_at, policy, made_at)
    SELECT 'receipts', calls.id, calls.ended_at, calls.policy, calls.arrived_at
    FROM receipts JOIN calls ON calls.id = receipts.call
    WHERE calls.ended_at IS NOT NULL AND hex(receipts.code) <> hex(zeroblob(length(receipts.code)))
    """
    )
    op.execute(
        """
    INSERT INTO deadlines (kind, of, begun_at, policy)
    SELECT 'never_list', id, added_at, '' FROM nevers WHERE removed_at IS NULL
    """
    )
