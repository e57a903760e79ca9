"""What waits to be told over MQTT."""

import sqlalchemy as sa
from alembic import op

from asterisk_gdpr.adapters.register.columns import Whole

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "outbox",
        sa.Column("number", Whole, nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_outbox"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_node_number", "outbox", ["node", "number"])
