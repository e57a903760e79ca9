"""Whom a swap brings in, while somebody waits for its answer."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("commands", sa.Column("agent", sa.Text(), nullable=False, server_default=""))
