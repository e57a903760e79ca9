"""How a recording's sound is encoded."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    op.add_column(
        "recordings", sa.Column("codec", sa.String(length=16), nullable=False, server_default="flac")
    )
