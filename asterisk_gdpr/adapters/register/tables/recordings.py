"""A recording, its keys, purposes and tombstone, and what people noted of it."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, LargeBinary, String, Table, Text

from asterisk_gdpr.adapters.register.columns import Erasable, ErasableText, Sealed, Time, Whole
from asterisk_gdpr.adapters.register.tables.base import metadata

recordings = Table(
    "recordings",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("call", String(32), ForeignKey("calls.id"), nullable=False, index=True),
    Column("line", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("policy", Text, nullable=False),
    Column("node", Text, nullable=False),
    Column("rate", Whole, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("started_at", Time),
    Column("ended_at", Time),
    Column("restricted_at", Time),
    Column("restriction", Text),
    Column("due_at", Time),
    Column("size", Whole, nullable=False),
    Column("chain", LargeBinary, nullable=False),
    Column("segments", Whole, nullable=False),
    Column("generation", Whole, nullable=False),
    Column("stretch", Whole, nullable=False),
    Column("consumed", Whole, nullable=False),
    Column("frames", Whole, nullable=False),
    Column("seconds", Whole),
    Column("choice", Text),
    Column("codec", String(16), nullable=False, server_default="flac"),
    Index(None, "state", "due_at"),
    Index(None, "state", "choice", "created_at", "id"),
    Index(None, "state", "created_at", "id"),
    Index(None, "state", "line", "created_at", "id"),
    Index(None, "state", "seconds", "id"),
)
"""`due_at` is when the last purpose ends, kept in step with `terms` by every change of them.

`seconds` is the length once it is known, for the index alone: `frames` grows each second of a call.
"""
Index(
    "ix_recordings_restricted",
    recordings.c.created_at,
    recordings.c.id,
    sqlite_where=recordings.c.restricted_at.is_not(None),
    postgresql_where=recordings.c.restricted_at.is_not(None),
)

marks = Table(
    "marks",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("recording", String(32), ForeignKey("recordings.id"), nullable=False, index=True),
    Column("at_ms", Whole, nullable=False),
    Column("user", Text, nullable=False),
    Column("made_at", Time, nullable=False),
    Column("text", Erasable, nullable=False),
)

saved_searches = Table(
    "saved_searches",
    metadata,
    Column("user", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("query", JSON, nullable=False),
)

wrapped_keys = Table(
    "wrapped_keys",
    metadata,
    Column("recording", String(32), ForeignKey("recordings.id"), primary_key=True),
    Column("generation", Whole, primary_key=True),
    Column("epoch", Text, nullable=False),
    Column("wrapped", Sealed("data-key"), nullable=False),
    Column("sha256", String(64), nullable=False),
    Index(None, "epoch", "recording", "generation"),
)

peaks = Table(
    "peaks",
    metadata,
    Column("recording", String(32), ForeignKey("recordings.id"), primary_key=True),
    Column("generation", Whole, nullable=False),
    Column("waveform", Erasable, nullable=False),
)
"""Waveforms, sealed under the data key of that generation, and overwritten with it."""

terms = Table(
    "terms",
    metadata,
    Column("recording", String(32), ForeignKey("recordings.id"), primary_key=True),
    Column("purpose", Text, primary_key=True),
    Column("basis", Text, nullable=False),
    Column("keep_count", Whole, nullable=False),
    Column("keep_unit", Text, nullable=False),
    Column("expires_at", Time),
    Column("ended_at", Time),
    Column("ended_by", Text, nullable=False),
    Index(None, "purpose", "ended_at", "recording"),
)

tombstones = Table(
    "tombstones",
    metadata,
    Column("recording", String(32), ForeignKey("recordings.id"), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("due_at", Time, nullable=False),
    Column("done_at", Time),
    Column("certificate", LargeBinary),
)
Index(
    "ix_tombstones_standing",
    tombstones.c.due_at,
    sqlite_where=tombstones.c.done_at.is_(None),
    postgresql_where=tombstones.c.done_at.is_(None),
)

participants = Table(
    "participants",
    metadata,
    Column("number", Whole, primary_key=True),
    Column("recording", String(32), ForeignKey("recordings.id"), nullable=False, index=True),
    Column("agent", ErasableText, nullable=False),
    Column("at", Time, nullable=False),
    Index(None, "agent", "recording"),
)
"""Which agents took part, kept only under an agreement, and overwritten with the recording's keys."""

derivations = Table(
    "derivations",
    metadata,
    Column("recording", String(32), primary_key=True),
    Column("of", String(32), ForeignKey("recordings.id"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("begun_at", Time, nullable=False),
    Column("done_at", Time),
    Column("record", Erasable),
)
"""`recording` is no row yet while one is being made; the record is overwritten with its keys."""
