"""What searches are narrowed by, along indexes: length, restriction, purpose, agent."""

import sqlalchemy as sa
from alembic import op

from asterisk_gdpr.adapters.register.columns import Whole

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.add_column("recordings", sa.Column("seconds", Whole))
    op.execute("UPDATE recordings SET seconds = frames / rate WHERE ended_at IS NOT NULL")
    op.create_index("ix_recordings_state_seconds_id", "recordings", ["state", "seconds", "id"])
    restricted = sa.text("restricted_at IS NOT NULL")
    op.create_index(
        "ix_recordings_restricted",
        "recordings",
        ["created_at", "id"],
        sqlite_where=restricted,
        postgresql_where=restricted,
    )
    op.create_index("ix_terms_purpose_ended_at_recording", "terms", ["purpose", "ended_at", "recording"])
    op.drop_index("ix_participants_agent", "participants")
    op.create_index("ix_participants_agent_recording", "participants", ["agent", "recording"])
