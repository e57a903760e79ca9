"""The register's tables; what is personal data in them, and when it goes, is in `docs/register.md`."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

from asterisk_gdpr.adapters.register.columns import Erasable, ErasableText, Sealed, Time

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

calls = Table(
    "calls",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("channel", ErasableText, nullable=False, index=True),
    Column("linkedid", ErasableText, nullable=False),
    Column("line", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("node", Text, nullable=False),
    Column("policy", Text, nullable=False),
    Column("arrived_at", Time, nullable=False),
    Column("choice", Text),
    Column("chosen_at", Time),
    Column("recording", String(32)),
    Column("capture", Text),
    Column("ended_at", Time),
    Column("ending", Text),
    Index(None, "arrived_at", "id"),
    Index(None, "line", "arrived_at", "id"),
)
Index(
    "ix_calls_alive",
    calls.c.node,
    sqlite_where=calls.c.ended_at.is_(None),
    postgresql_where=calls.c.ended_at.is_(None),
)

callers = Table(
    "callers",
    metadata,
    Column("call", String(32), ForeignKey("calls.id"), primary_key=True),
    Column("sealed", Sealed("field", "calls", "caller"), nullable=False),
    Column("blind_index", Erasable, nullable=False, index=True),
    Column("epoch", Text, nullable=False, server_default=""),
    Index(None, "epoch", "call"),
)

receipts = Table(
    "receipts",
    metadata,
    Column("call", String(32), ForeignKey("calls.id"), primary_key=True),
    Column("code", Erasable, nullable=False, index=True),
)
"""`code` is a keyed hash of it."""

choices = Table(
    "choices",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("call", String(32), nullable=False, index=True),
    Column("at", Time, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("facts", JSON, nullable=False),
)
"""The evidence of each choice; it outlives the call's row, so it does not refer to it."""

recordings = Table(
    "recordings",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("call", String(32), ForeignKey("calls.id"), nullable=False, index=True),
    Column("line", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("policy", Text, nullable=False),
    Column("node", Text, nullable=False),
    Column("rate", Integer, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("started_at", Time),
    Column("ended_at", Time),
    Column("restricted_at", Time),
    Column("restriction", Text),
    Column("due_at", Time),
    Column("size", Integer, nullable=False),
    Column("chain", LargeBinary, nullable=False),
    Column("segments", Integer, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("stretch", Integer, nullable=False),
    Column("consumed", Integer, nullable=False),
    Column("frames", Integer, nullable=False),
    Column("choice", Text),
    Index(None, "state", "due_at"),
    Index(None, "state", "choice", "created_at", "id"),
    Index(None, "state", "created_at", "id"),
    Index(None, "state", "line", "created_at", "id"),
)
"""`due_at` is when the last purpose ends, kept in step with `terms` by every change of them."""

marks = Table(
    "marks",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("recording", String(32), ForeignKey("recordings.id"), nullable=False, index=True),
    Column("at_ms", Integer, nullable=False),
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
    Column("generation", Integer, primary_key=True),
    Column("epoch", Text, nullable=False),
    Column("wrapped", Sealed("data-key"), nullable=False),
    Column("sha256", String(64), nullable=False),
    Index(None, "epoch", "recording", "generation"),
)

terms = Table(
    "terms",
    metadata,
    Column("recording", String(32), ForeignKey("recordings.id"), primary_key=True),
    Column("purpose", Text, primary_key=True),
    Column("basis", Text, nullable=False),
    Column("keep_count", Integer, nullable=False),
    Column("keep_unit", Text, nullable=False),
    Column("expires_at", Time),
    Column("ended_at", Time),
    Column("ended_by", Text, nullable=False),
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

ledger = Table(
    "ledger",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
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
    Column("second_step", Integer, nullable=False, server_default="0"),
    Column("recovery", JSON, nullable=False, server_default="[]"),
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

alarms = Table(
    "alarms",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False),
    Column("about", ErasableText, nullable=False),
    Column("since", Time, nullable=False),
    Column("message", ErasableText, nullable=False),
    Column("cleared_at", Time),
    Column("acknowledged_at", Time),
    Column("acknowledged_by", ErasableText),
)
Index(
    "ix_alarms_standing",
    alarms.c.id,
    alarms.c.about,
    unique=True,
    sqlite_where=alarms.c.cleared_at.is_(None),
    postgresql_where=alarms.c.cleared_at.is_(None),
)

nevers = Table(
    "nevers",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("line", Text, nullable=False),
    Column("blind_index", Erasable, nullable=False),
    Column("sealed", Sealed("field", "nevers", "number"), nullable=False),
    Column("epoch", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("added_at", Time, nullable=False),
    Column("review_at", Time, nullable=False),
    Column("removed_at", Time),
    Index(None, "epoch", "id"),
)
"""`line` is empty for an entry that counts on every line."""

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

participants = Table(
    "participants",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("recording", String(32), ForeignKey("recordings.id"), nullable=False, index=True),
    Column("agent", ErasableText, nullable=False, index=True),
    Column("at", Time, nullable=False),
)
"""Which agents took part, kept only under an agreement, and overwritten with the recording's keys."""

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

commands = Table(
    "commands",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("call", String(32), ForeignKey("calls.id"), nullable=False),
    Column("verb", Text, nullable=False),
    Column("asked_at", Time, nullable=False),
    Column("outcome", Text, nullable=False, index=True),
)
"""What people ask of calls that are going on; the outcome is empty until it is answered."""

deadlines = Table(
    "deadlines",
    metadata,
    Column("kind", String(32), primary_key=True),
    Column("of", String(64), primary_key=True),
    Column("begun_at", Time, nullable=False),
    Column("policy", Text, nullable=False),
    Column("ends_at", Time, index=True),
)
"""One row for each period that runs, but for those of recordings; see `kinds`."""
Index(
    "ix_deadlines_undated",
    deadlines.c.kind,
    sqlite_where=deadlines.c.ends_at.is_(None),
    postgresql_where=deadlines.c.ends_at.is_(None),
)

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
    Column("number", Integer, primary_key=True),
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
    Column("number", Integer, primary_key=True),
    Column("node", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("at", Time, nullable=False),
    Index(None, "node", "number"),
    sqlite_autoincrement=True,
)
"""What waits to be told over MQTT; a number is never given twice, though rows go."""
