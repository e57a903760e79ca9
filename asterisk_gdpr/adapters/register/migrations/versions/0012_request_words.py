"""The words of a request in a row of their own: one that grows is moved, and may leave a copy behind."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "request_words",
        sa.Column("request", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["request"], ["requests.id"], name="fk_request_words_request"),
        sa.PrimaryKeyConstraint("request", name="pk_request_words"),
    )
    op.execute(
        "INSERT INTO request_words (request, subject, contact, asked)"
        " SELECT id, subject, contact, asked FROM requests"
    )
    for column in ("subject", "contact", "asked"):
        op.drop_column("requests", column)
