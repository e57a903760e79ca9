"""What reviewers gave recordings."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, String, Table, Text

from asterisk_gdpr.adapters.register.columns import Erasable, ErasableText, Time, Whole
from asterisk_gdpr.adapters.register.tables.base import metadata

evaluations = Table(
    "evaluations",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("recording", String(32), ForeignKey("recordings.id"), nullable=False, index=True),
    Column("form", Text, nullable=False),
    Column("user", ErasableText, nullable=False),
    Column("agent", ErasableText, nullable=False, index=True),
    Column("at", Time, nullable=False),
    Column("score", Whole, nullable=False),
    Column("words", Erasable, nullable=False),
)

clips = Table(
    "clips",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("recording", String(32), ForeignKey("recordings.id"), nullable=False, index=True),
    Column("at_ms", Whole, nullable=False),
    Column("until_ms", Whole, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("user", ErasableText, nullable=False),
    Column("coach", ErasableText, nullable=False),
    Column("made_at", Time, nullable=False),
    Column("ends_at", Time, nullable=False, index=True),
)
