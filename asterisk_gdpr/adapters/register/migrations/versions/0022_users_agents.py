"""Which agent a person is who uses the page."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.add_column("users", sa.Column("agent", sa.Text(), nullable=False, server_default=""))
