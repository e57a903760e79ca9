"""What keeps an installation going: the account of what was done, alarms, keys, periods and messages."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, Index, LargeBinary, String, Table, Text

from asterisk_gdpr.adapters.register.columns import Erasable, ErasableText, Time, Whole
from asterisk_gdpr.adapters.register.tables.base import metadata

ledger = Table(
    "ledger",
    metadata,
    Column("seq", Whole, primary_key=True, autoincrement=False),
    Column("at", Time, nullable=False),
    Column("kind", Text, nullable=False),
    Column("commitment", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("salt", Erasable, nullable=False),
    Column("payload", Erasable, nullable=False),
    Column("about", String(32)),
    Index(None, "about", "seq"),
    Index(None, "kind", "seq"),
    Index(None, "at"),
)
"""`about` is the recording, else the call, that an entry's payload names: an id of ours and nothing more."""

alarms = Table(
    "alarms",
    metadata,
    Column("number", Whole, primary_key=True),
    Column("id", Text, nullable=False),
    Column("about", ErasableText, nullable=False),
    Column("since", Time, nullable=False),
    Column("message", ErasableText, nullable=False),
    Column("cleared_at", Time),
    Column("seen_to_at", Time),
    Column("seen_to_by", ErasableText),
)
Index(
    "ix_alarms_standing",
    alarms.c.id,
    alarms.c.about,
    unique=True,
    sqlite_where=alarms.c.cleared_at.is_(None),
    postgresql_where=alarms.c.cleared_at.is_(None),
)

switches = Table(
    "switches",
    metadata,
    Column("line", Text, primary_key=True),
    Column("on", Boolean, nullable=False),
    Column("at", Time, nullable=False),
)

policies = Table(
    "policies",
    metadata,
    Column("version", Text, primary_key=True),
    Column("text", Text, nullable=False),
    Column("at", Time, nullable=False),
)

epochs = Table(
    "epochs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("algorithm", Text, nullable=False),
    Column("public", LargeBinary, nullable=False),
    Column("began_at", Time, nullable=False, index=True),
    Column("ended_at", Time),
    Column("destroyed_at", Time),
    Column("certificate", LargeBinary),
    Column("voucher", LargeBinary),
)

recipients = Table(
    "recipients",
    metadata,
    Column("name", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("algorithm", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("public", LargeBinary, nullable=False),
    Column("added_at", Time, nullable=False),
)

beats = Table(
    "beats",
    metadata,
    Column("node", Text, primary_key=True),
    Column("at", Time, nullable=False),
    Column("facts", JSON, nullable=False),
)

deadlines = Table(
    "deadlines",
    metadata,
    Column("kind", String(32), primary_key=True),
    Column("of", String(64), primary_key=True),
    Column("begun_at", Time, nullable=False),
    Column("policy", Text, nullable=False),
    Column("ends_at", Time, index=True),
    Column("made_at", Time),
)
"""One row for each period that runs, but for those of recordings; see `kinds`.

`made_at` is when the datum came to be, where that is before its clock began.
"""
Index(
    "ix_deadlines_undated",
    deadlines.c.kind,
    sqlite_where=deadlines.c.ends_at.is_(None),
    postgresql_where=deadlines.c.ends_at.is_(None),
)

shortenings = Table(
    "shortenings",
    metadata,
    Column("number", Whole, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("at", Time, nullable=False),
    Column("keep_count", Whole, nullable=False),
    Column("keep_unit", Text, nullable=False),
)
"""What existed at a time, and whose clock may begin later, is kept for no longer than this."""

claims = Table(
    "claims",
    metadata,
    Column("work", String(32), primary_key=True),
    Column("node", Text, nullable=False),
    Column("until", Time, nullable=False),
)

watched_clocks = Table(
    "watched_clocks",
    metadata,
    Column("node", Text, primary_key=True),
    Column("at", Time, nullable=False),
    Column("boot", Text, nullable=False),
    Column("up", Float, nullable=False),
    Column("doubted_at", Time),
)

publications = Table(
    "publications",
    metadata,
    Column("number", Whole, primary_key=True),
    Column("document", Text, nullable=False),
    Column("line", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("policy", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Time, nullable=False),
    Index(None, "document", "line", "language"),
)
"""Texts that were published, with nothing personal in them: the archive of what people were told."""

outbox = Table(
    "outbox",
    metadata,
    Column("number", Whole, primary_key=True),
    Column("node", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("at", Time, nullable=False),
    Index(None, "node", "number"),
    sqlite_autoincrement=True,
)
"""What waits to be told over MQTT; a number is never given twice, though rows go."""
