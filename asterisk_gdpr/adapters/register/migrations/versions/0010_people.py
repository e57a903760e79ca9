"""People by line, one-time codes, and a second person's approval."""

import sqlalchemy as sa
from alembic import op

from asterisk_gdpr.adapters.register.columns import Whole

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("users", sa.Column("lines", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("users", sa.Column("second", sa.Text(), nullable=False, server_default=""))
    op.add_column("users", sa.Column("second_step", Whole, nullable=False, server_default="0"))
    op.add_column("users", sa.Column("recovery", sa.JSON(), nullable=False, server_default="[]"))
    op.create_table(
        "approvals",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("recording", sa.String(length=32), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.String(length=27), nullable=False),
        sa.Column("decided_by", sa.Text()),
        sa.Column("decided_at", sa.String(length=27)),
        sa.Column("granted", sa.Boolean()),
        sa.Column("ends_at", sa.String(length=27)),
        sa.ForeignKeyConstraint(["recording"], ["recordings.id"], name="fk_approvals_recording"),
        sa.PrimaryKeyConstraint("id", name="pk_approvals"),
    )
    op.create_index("ix_approvals_recording", "approvals", ["recording"])
    op.create_index("ix_approvals_decided_at_asked_at", "approvals", ["decided_at", "asked_at"])
