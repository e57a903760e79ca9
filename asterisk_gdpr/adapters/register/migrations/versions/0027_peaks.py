"""The waveform of a recording, sealed under its data key."""

import sqlalchemy as sa
from alembic import op

from asterisk_gdpr.adapters.register.columns import Whole

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.create_table(
        "peaks",
        sa.Column("recording", sa.String(length=32), nullable=False),
        sa.Column("generation", Whole, nullable=False),
        sa.Column("waveform", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["recording"], ["recordings.id"], name="fk_peaks_recording"),
        sa.PrimaryKeyConstraint("recording", name="pk_peaks"),
    )
