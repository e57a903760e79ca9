"""Who sees to an alarm is called that; acknowledging is what ends one that tells of what happened."""

from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.alter_column("alarms", "acknowledged_at", new_column_name="seen_to_at")
    op.alter_column("alarms", "acknowledged_by", new_column_name="seen_to_by")
