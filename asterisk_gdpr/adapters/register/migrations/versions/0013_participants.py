"""Which agents took part in a recording, where an agreement allows to keep that."""

import sqlalchemy as sa
from alembic import op

from asterisk_gdpr.adapters.register.columns import Whole

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "participants",
        sa.Column("number", Whole, nullable=False),
        sa.Column("recording", sa.String(length=32), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(["recording"], ["recordings.id"], name="fk_participants_recording"),
        sa.PrimaryKeyConstraint("number", name="pk_participants"),
    )
    op.create_index("ix_participants_agent", "participants", ["agent"])
    op.create_index("ix_participants_recording", "participants", ["recording"])
