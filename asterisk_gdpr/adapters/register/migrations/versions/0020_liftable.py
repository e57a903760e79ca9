"""A restriction of the page becomes one like any other: no period ends it, and it can be lifted."""

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.execute(
        """
    INSERT INTO restrictions (id, recording, ground, request, at)
    SELECT 's' || substr(id, 2), id,
           CASE restriction
               WHEN 'accuracy-disputed' THEN 'accuracy'
               WHEN 'needed-for-claim' THEN 'claims'
               WHEN 'objection-pending' THEN 'objection'
               ELSE 'unlawful'
           END,
           '', restricted_at
    FROM recordings
    WHERE restricted_at IS NOT NULL AND state IN ('prepared', 'capturing', 'sealed')
      AND restriction IN ('accuracy-disputed', 'unlawful', 'needed-for-claim', 'objection-pending')
      AND NOT EXISTS (SELECT 1 FROM restrictions WHERE restrictions.recording = recordings.id)
      AND NOT EXISTS (SELECT 1 FROM tombstones WHERE tombstones.recording = recordings.id)
    """
    )
