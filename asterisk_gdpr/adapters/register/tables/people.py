"""Who takes calls and who may use the page."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, LargeBinary, String, Table, Text

from asterisk_gdpr.adapters.register.columns import ErasableText, Time, Whole
from asterisk_gdpr.adapters.register.tables.base import metadata

agents = Table(
    "agents",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("endpoint", ErasableText, nullable=False, index=True),
    Column("standing", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("at", Time, nullable=False),
    Column("withdrawn_at", Time),
)

users = Table(
    "users",
    metadata,
    Column("name", Text, primary_key=True),
    Column("password", ErasableText, nullable=False),
    Column("roles", JSON, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("disabled_at", Time),
    Column("lines", JSON, nullable=False, server_default="[]"),
    Column("second", Text, nullable=False, server_default=""),
    Column("second_step", Whole, nullable=False, server_default="0"),
    Column("recovery", JSON, nullable=False, server_default="[]"),
    Column("agent", Text, nullable=False, server_default=""),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("digest", LargeBinary, nullable=False, index=True, unique=True),
    Column("user", Text, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("made_at", Time, nullable=False),
    Column("ends_at", Time, nullable=False),
    Column("ended_at", Time),
)

approvals = Table(
    "approvals",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("recording", String(32), ForeignKey("recordings.id"), nullable=False, index=True),
    Column("purpose", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("asked_at", Time, nullable=False),
    Column("decided_by", Text),
    Column("decided_at", Time),
    Column("granted", Boolean),
    Column("ends_at", Time),
    Index(None, "decided_at", "asked_at"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("user", Text, ForeignKey("users.name"), nullable=False, index=True),
    Column("at", Time, nullable=False),
    Column("expires_at", Time, nullable=False),
    Column("notes", JSON, nullable=False),
)
