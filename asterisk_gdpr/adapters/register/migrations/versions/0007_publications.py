"""What was published."""

import sqlalchemy as sa
from alembic import op

from asterisk_gdpr.adapters.register.columns import Whole

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "publications",
        sa.Column("number", Whole, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_publications"),
    )
    op.create_index(
        "ix_publications_document_line_language", "publications", ["document", "line", "language"]
    )
