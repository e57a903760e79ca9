"""The installation's signed word for each epoch's public key; `init`, run again, gives it to the living."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.add_column("epochs", sa.Column("voucher", sa.LargeBinary()))
