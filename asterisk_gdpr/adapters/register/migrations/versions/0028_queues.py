"""The queues that calls have come through."""

import sqlalchemy as sa
from alembic import op

from asterisk_gdpr.adapters.register.columns import Whole

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.create_table(
        "call_queues",
        sa.Column("number", Whole, nullable=False),
        sa.Column("call", sa.String(length=32), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["call"], ["calls.id"], name="fk_call_queues_call"),
        sa.PrimaryKeyConstraint("number", name="pk_call_queues"),
    )
    op.create_index("ix_call_queues_call", "call_queues", ["call"])
    op.create_index("ix_call_queues_queue_call", "call_queues", ["queue", "call"])
