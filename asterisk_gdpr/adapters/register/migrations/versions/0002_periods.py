"""Periods for every kind of data: their deadlines, who carries them out, and the clocks they go by.

What was there before gets its clock too, from the event that its rule names.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "deadlines",
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("of", sa.String(length=64), nullable=False),
        sa.Column("begun_at", sa.String(length=27), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.String(length=27)),
        sa.PrimaryKeyConstraint("kind", "of", name="pk_deadlines"),
    )
    op.create_index("ix_deadlines_ends_at", "deadlines", ["ends_at"])
    op.create_index(
        "ix_deadlines_undated",
        "deadlines",
        ["kind"],
        sqlite_where=sa.text("ends_at IS NULL"),
        postgresql_where=sa.text("ends_at IS NULL"),
    )
    op.create_table(
        "claims",
        sa.Column("work", sa.String(length=32), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("until", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("work", name="pk_claims"),
    )
    op.create_table(
        "watched_clocks",
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("boot", sa.Text(), nullable=False),
        sa.Column("up", sa.Float(), nullable=False),
        sa.Column("doubted_at", sa.String(length=27)),
        sa.PrimaryKeyConstraint("node", name="pk_watched_clocks"),
    )
    for statement in _begun:
        op.execute(sa.text(statement))


_begun = (
    """
    INSERT INTO deadlines (kind, of, begun_at, policy)
    SELECT 'call_data', calls.id, calls.ended_at, calls.policy
    FROM calls LEFT JOIN recordings ON recordings.id = calls.recording
    WHERE calls.ended_at IS NOT NULL AND (recordings.id IS NULL OR recordings.state = 'erased')
    """,
    """
    INSERT INTO deadlines (kind, of, begun_at, policy)
    SELECT 'choices', calls.id, coalesce(tombstones.done_at, calls.ended_at), calls.policy
    FROM calls LEFT JOIN recordings ON recordings.id = calls.recording
    LEFT JOIN tombstones ON tombstones.recording = recordings.id
    WHERE calls.ended_at IS NOT NULL AND (recordings.id IS NULL OR recordings.state = 'erased')
    AND EXISTS (SELECT 1 FROM choices WHERE choices.call = calls.id)
    """,
    """
    INSERT INTO deadlines (kind, of, begun_at, policy)
    SELECT 'listening_log', CAST(seq AS TEXT), at, '' FROM ledger
    WHERE CAST(payload AS TEXT) LIKE '%"user":%'
    """,
    """
    INSERT INTO deadlines (kind, of, begun_at, policy)
    SELECT 'users', name, disabled_at, '' FROM users WHERE disabled_at IS NOT NULL
    """,
    """
    INSERT INTO deadlines (kind, of, begun_at, policy)
    SELECT 'alarms', CAST(number AS TEXT), cleared_at, '' FROM alarms WHERE cleared_at IS NOT NULL
    """,
)
