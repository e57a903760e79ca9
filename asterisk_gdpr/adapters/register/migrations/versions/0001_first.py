"""The first schema."""

import sqlalchemy as sa
from alembic import op

from asterisk_gdpr.adapters.register.columns import Whole

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "agents",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("withdrawn_at", sa.String(length=27)),
        sa.PrimaryKeyConstraint("id", name="pk_agents"),
    )
    op.create_index("ix_agents_endpoint", "agents", ["endpoint"])
    op.create_table(
        "alarms",
        sa.Column("number", Whole, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("since", sa.String(length=27), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("cleared_at", sa.String(length=27)),
        sa.PrimaryKeyConstraint("number", name="pk_alarms"),
    )
    op.create_index(
        "ix_alarms_standing",
        "alarms",
        ["id", "about"],
        unique=True,
        sqlite_where=sa.text("cleared_at IS NULL"),
        postgresql_where=sa.text("cleared_at IS NULL"),
    )
    op.create_table(
        "beats",
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("node", name="pk_beats"),
    )
    op.create_table(
        "calls",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("linkedid", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("arrived_at", sa.String(length=27), nullable=False),
        sa.Column("choice", sa.Text()),
        sa.Column("chosen_at", sa.String(length=27)),
        sa.Column("recording", sa.String(length=32)),
        sa.Column("capture", sa.Text()),
        sa.Column("ended_at", sa.String(length=27)),
        sa.Column("ending", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_calls"),
    )
    op.create_index(
        "ix_calls_alive",
        "calls",
        ["node"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_calls_arrived_at_id", "calls", ["arrived_at", "id"])
    op.create_index("ix_calls_channel", "calls", ["channel"])
    op.create_index("ix_calls_line_arrived_at_id", "calls", ["line", "arrived_at", "id"])
    op.create_table(
        "choices",
        sa.Column("number", Whole, nullable=False),
        sa.Column("call", sa.String(length=32), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_choices"),
    )
    op.create_index("ix_choices_call", "choices", ["call"])
    op.create_table(
        "epochs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("algorithm", sa.Text(), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("began_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_epochs"),
    )
    op.create_index("ix_epochs_began_at", "epochs", ["began_at"])
    op.create_table(
        "ledger",
        sa.Column("seq", Whole, autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_ledger"),
    )
    op.create_table(
        "policies",
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_policies"),
    )
    op.create_table(
        "switches",
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("on", sa.Boolean(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("line", name="pk_switches"),
    )
    op.create_table(
        "users",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.Column("disabled_at", sa.String(length=27)),
        sa.PrimaryKeyConstraint("name", name="pk_users"),
    )
    op.create_table(
        "callers",
        sa.Column("call", sa.String(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("blind_index", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["call"], ["calls.id"], name="fk_callers_call"),
        sa.PrimaryKeyConstraint("call", name="pk_callers"),
    )
    op.create_index("ix_callers_blind_index", "callers", ["blind_index"])
    op.create_table(
        "recordings",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("call", sa.String(length=32), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("rate", Whole, nullable=False),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.Column("started_at", sa.String(length=27)),
        sa.Column("ended_at", sa.String(length=27)),
        sa.Column("restricted_at", sa.String(length=27)),
        sa.Column("restriction", sa.Text()),
        sa.Column("due_at", sa.String(length=27)),
        sa.Column("size", Whole, nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.Column("segments", Whole, nullable=False),
        sa.Column("generation", Whole, nullable=False),
        sa.Column("stretch", Whole, nullable=False),
        sa.Column("consumed", Whole, nullable=False),
        sa.Column("frames", Whole, nullable=False),
        sa.ForeignKeyConstraint(["call"], ["calls.id"], name="fk_recordings_call"),
        sa.PrimaryKeyConstraint("id", name="pk_recordings"),
    )
    op.create_index("ix_recordings_call", "recordings", ["call"])
    op.create_index("ix_recordings_state_created_at_id", "recordings", ["state", "created_at", "id"])
    op.create_index("ix_recordings_state_due_at", "recordings", ["state", "due_at"])
    op.create_index(
        "ix_recordings_state_line_created_at_id", "recordings", ["state", "line", "created_at", "id"]
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("expires_at", sa.String(length=27), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.name"], name="fk_sessions_user"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sessions"),
    )
    op.create_index("ix_sessions_user", "sessions", ["user"])
    op.create_table(
        "terms",
        sa.Column("recording", sa.String(length=32), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("keep_count", Whole, nullable=False),
        sa.Column("keep_unit", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.String(length=27)),
        sa.Column("ended_at", sa.String(length=27)),
        sa.Column("ended_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["recording"], ["recordings.id"], name="fk_terms_recording"),
        sa.PrimaryKeyConstraint("recording", "purpose", name="pk_terms"),
    )
    op.create_table(
        "tombstones",
        sa.Column("recording", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.Column("due_at", sa.String(length=27), nullable=False),
        sa.Column("done_at", sa.String(length=27)),
        sa.Column("certificate", sa.LargeBinary()),
        sa.ForeignKeyConstraint(["recording"], ["recordings.id"], name="fk_tombstones_recording"),
        sa.PrimaryKeyConstraint("recording", name="pk_tombstones"),
    )
    op.create_index(
        "ix_tombstones_standing",
        "tombstones",
        ["due_at"],
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "wrapped_keys",
        sa.Column("recording", sa.String(length=32), nullable=False),
        sa.Column("generation", Whole, nullable=False),
        sa.Column("epoch", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["recording"], ["recordings.id"], name="fk_wrapped_keys_recording"),
        sa.PrimaryKeyConstraint("recording", "generation", name="pk_wrapped_keys"),
    )
