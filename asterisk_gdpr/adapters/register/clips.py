"""Clips as rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from asterisk_gdpr.adapters.register.book import Book, append, unknown
from asterisk_gdpr.adapters.register.kinds import wipe_text
from asterisk_gdpr.adapters.register.tables import clips, tombstones
from asterisk_gdpr.core.clip import Clip
from asterisk_gdpr.errors import Refused


class Clips(Book):
    """Plays `ports.ClipBook`."""

    def add_clip(self, clip: Clip) -> None:
        """A clip of a recording that is not about to go."""
        with self._database.writing() as connection:
            doomed = select(tombstones.c.recording).where(tombstones.c.recording == clip.recording)
            if connection.execute(doomed).first():
                raise Refused("This recording has been erased, or is being erased.", id="erased")
            connection.execute(
                insert(clips).values(
                    id=clip.id,
                    recording=clip.recording,
                    at_ms=clip.at_ms,
                    until_ms=clip.until_ms,
                    purpose=clip.purpose,
                    user=clip.user,
                    coach=clip.coach,
                    made_at=clip.made_at,
                    ends_at=clip.ends_at,
                )
            )
            told = {"user": clip.user, "recording": clip.recording, "clip": clip.id, "coach": clip.coach}
            append(connection, clip.made_at, "clip-shared", told)

    def clip(self, id: str) -> Clip:
        """One by its id."""
        with self._database.reading() as connection:
            row = connection.execute(select(clips).where(clips.c.id == id)).one_or_none()
        if row is None:
            raise unknown("clip", id)
        return _value(row)

    def clips_of(self, user: str, now: datetime) -> list[Clip]:
        """Those of both sides."""
        theirs = or_(clips.c.user == user, clips.c.coach == user)
        query = select(clips).where(theirs, clips.c.ends_at > now).order_by(clips.c.made_at.desc())
        with self._database.reading() as connection:
            return [_value(row) for row in connection.execute(query)]

    def end_clip(self, id: str, by: str, at: datetime) -> None:
        """It ends now, unless it has."""
        with self._database.writing() as connection:
            ended = update(clips).where(clips.c.id == id, clips.c.user == by, clips.c.ends_at > at)
            if not connection.execute(ended.values(ends_at=at)).rowcount:
                raise unknown("clip", id)
            append(connection, at, "clip-ended", {"user": by, "clip": id})


def wipe_clips(connection: Connection, recording: str) -> None:
    """Overwrite who shared and with whom."""
    ids = connection.execute(select(clips.c.id).where(clips.c.recording == recording)).scalars().all()
    wipe_text(connection, clips, "id", ids, "user", "coach")


def _value(row: Row[Any]) -> Clip:
    return Clip(
        row.id,
        row.recording,
        row.at_ms,
        row.until_ms,
        row.purpose,
        row.user,
        row.coach,
        row.made_at,
        row.ends_at,
    )
