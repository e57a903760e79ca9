"""What data subjects may ask, and what was answered."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, String, Table, Text

from asterisk_gdpr.adapters.register.columns import Erasable, ErasableText, Time
from asterisk_gdpr.adapters.register.tables.base import metadata

holds = Table(
    "holds",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("case", ErasableText, nullable=False),
    Column("ground", Text, nullable=False),
    Column("why", ErasableText, nullable=False),
    Column("by", ErasableText, nullable=False),
    Column("listeners", JSON, nullable=False),
    Column("placed_at", Time, nullable=False),
    Column("until", Time, nullable=False),
    Column("ended_at", Time),
    Column("ended_by", ErasableText),
)
Index(
    "ix_holds_standing",
    holds.c.until,
    sqlite_where=holds.c.ended_at.is_(None),
    postgresql_where=holds.c.ended_at.is_(None),
)

held = Table(
    "held",
    metadata,
    Column("recording", String(32), ForeignKey("recordings.id"), primary_key=True),
    Column("hold", String(32), ForeignKey("holds.id"), primary_key=True),
)

restrictions = Table(
    "restrictions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("recording", String(32), ForeignKey("recordings.id"), nullable=False, index=True),
    Column("ground", Text, nullable=False),
    Column("request", String(32), nullable=False),
    Column("at", Time, nullable=False),
    Column("told_at", Time),
    Column("lifted_at", Time),
)

remarks = Table(
    "remarks",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("recording", String(32), ForeignKey("recordings.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("text", ErasableText, nullable=False),
    Column("by", ErasableText, nullable=False),
    Column("at", Time, nullable=False),
    Column("request", String(32), nullable=False),
)
"""Words beside a recording; they are overwritten with its keys."""

handovers = Table(
    "handovers",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("recording", String(32), ForeignKey("recordings.id"), nullable=False, index=True),
    Column("at", Time, nullable=False),
    Column("by", ErasableText, nullable=False),
    Column("recipient", ErasableText, nullable=False),
    Column("form", Text, nullable=False),
    Column("tell_since", Time),
    Column("tell_about", Text, nullable=False),
    Column("told_at", Time),
)

requests = Table(
    "requests",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("right", Text, nullable=False),
    Column("received_at", Time, nullable=False),
    Column("opened_at", Time, nullable=False),
    Column("opened_by", ErasableText, nullable=False),
    Column("answer_by", Time, nullable=False),
    Column("language", Text, nullable=False),
    Column("recordings", JSON, nullable=False),
    Column("purposes", JSON, nullable=False),
    Column("identity", Text),
    Column("identified_at", Time),
    Column("identified_by", ErasableText, nullable=False),
    Column("assigned_to", ErasableText, nullable=False),
    Column("extended_at", Time),
    Column("extension", ErasableText, nullable=False),
    Column("status", Text, nullable=False),
    Column("closed_at", Time),
    Column("closed_by", ErasableText, nullable=False),
    Column("refusal", Text),
    Column("results", JSON, nullable=False),
    Column("letter_sha256", String(64), nullable=False),
    Index(None, "status", "answer_by"),
)

request_words = Table(
    "request_words",
    metadata,
    Column("request", String(32), ForeignKey("requests.id"), primary_key=True),
    Column("subject", Erasable, nullable=False),
    Column("contact", ErasableText, nullable=False),
    Column("asked", ErasableText, nullable=False),
)
"""What a person said: apart from the row that grows on its way to the answer, so that it never moves."""
