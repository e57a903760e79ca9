"""Receipts, references of calls and marks of the never list get periods of their own; shorter rules."""

import sqlalchemy as sa
from alembic import op

from asterisk_gdpr.adapters.register.columns import Whole

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
        sa.Column("number", Whole, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("keep_count", Whole, nullable=False),
        sa.Column("keep_unit", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_shortenings"),
    )
    op.add_column("deadlines", sa.Column("made_at", sa.String(length=27)))
    _receipts()
    op.execute(
        """
    INSERT INTO deadlines (kind, of, begun_at, policy)
    SELECT 'never_list', id, added_at, '' FROM nevers WHERE removed_at IS NULL
    """
    )


def _receipts() -> None:
    """Every receipt of a call that has ended, unless its code is wiped already."""
    connection = op.get_bind()
    calls = sa.table("calls", *map(sa.column, ("id", "ended_at", "policy", "arrived_at")))
    receipts = sa.table("receipts", *map(sa.column, ("call", "code")))
    deadlines = sa.table("deadlines", *map(sa.column, ("kind", "of", "begun_at", "policy", "made_at")))
    found = connection.execute(
        sa.select(receipts.c.code, calls)
        .join_from(receipts, calls, calls.c.id == receipts.c.call)
        .where(calls.c.ended_at.is_not(None))
    ).all()
    values = [
        {
            "kind": "receipts",
            "of": row.id,
            "begun_at": row.ended_at,
            "policy": row.policy,
            "made_at": row.arrived_at,
        }
        for row in found
        if any(row.code)
    ]
    if values:
        connection.execute(sa.insert(deadlines), values)
