"""What is known of a call, its caller and its choice, and what people ask of it."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, String, Table, Text

from asterisk_gdpr.adapters.register.columns import Erasable, ErasableText, Sealed, Time, Whole
from asterisk_gdpr.adapters.register.tables.base import metadata

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

call_references = Table(
    "call_references",
    metadata,
    Column("call", String(32), ForeignKey("calls.id"), primary_key=True),
    Column("code", Erasable, nullable=False, index=True),
)
"""By what another system calls it (a ticket, a customer's number); `code` is a keyed hash of that."""

call_queues = Table(
    "call_queues",
    metadata,
    Column("number", Whole, primary_key=True),
    Column("call", String(32), ForeignKey("calls.id"), nullable=False, index=True),
    Column("queue", ErasableText, nullable=False),
    Index(None, "queue", "call"),
)
"""The queues of the PBX that a call has come through."""

choices = Table(
    "choices",
    metadata,
    Column("number", Whole, primary_key=True),
    Column("call", String(32), nullable=False, index=True),
    Column("at", Time, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("facts", JSON, nullable=False),
)
"""The evidence of each choice; it outlives the call's row, so it does not refer to it."""

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

commands = Table(
    "commands",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("call", String(32), ForeignKey("calls.id"), nullable=False),
    Column("verb", Text, nullable=False),
    Column("asked_at", Time, nullable=False),
    Column("outcome", Text, nullable=False, index=True),
    Column("agent", Text, nullable=False, server_default=""),
)
"""What people ask of calls that are going on; the outcome is empty until it is answered.

`agent` is whom a swap brings in, until it is answered.
"""

recorders = Table(
    "recorders",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("call", String(32), nullable=False, index=True),
    Column("by", Text, nullable=False),
    Column("seen_at", Time, nullable=False),
    Column("sealed", Sealed("field", "recorders", "file")),
    Column("epoch", Text, nullable=False),
    Column("stopped_at", Time),
    Index(None, "epoch", "id"),
)
"""What else recorded a call; `epoch` is empty where no file was told. It may be seen before the call's row
is written, so it does not refer to it."""
