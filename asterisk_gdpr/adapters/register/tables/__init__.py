"""The register's tables; what is personal data in them, and when it goes, is in `docs/register.md`."""

from __future__ import annotations

from asterisk_gdpr.adapters.register.tables.base import metadata
from asterisk_gdpr.adapters.register.tables.calls import callers, calls, choices, commands, nevers, receipts
from asterisk_gdpr.adapters.register.tables.people import agents, approvals, sessions, tokens, users
from asterisk_gdpr.adapters.register.tables.recordings import (
    marks,
    participants,
    recordings,
    saved_searches,
    terms,
    tombstones,
    wrapped_keys,
)
from asterisk_gdpr.adapters.register.tables.rights import (
    handovers,
    held,
    holds,
    remarks,
    request_words,
    requests,
    restrictions,
)
from asterisk_gdpr.adapters.register.tables.upkeep import (
    alarms,
    beats,
    claims,
    deadlines,
    epochs,
    ledger,
    outbox,
    policies,
    publications,
    recipients,
    switches,
    watched_clocks,
)

__all__ = [
    "agents",
    "alarms",
    "approvals",
    "beats",
    "callers",
    "calls",
    "choices",
    "claims",
    "commands",
    "deadlines",
    "epochs",
    "handovers",
    "held",
    "holds",
    "ledger",
    "marks",
    "metadata",
    "nevers",
    "outbox",
    "participants",
    "policies",
    "publications",
    "receipts",
    "recipients",
    "recordings",
    "remarks",
    "request_words",
    "requests",
    "restrictions",
    "saved_searches",
    "sessions",
    "switches",
    "terms",
    "tokens",
    "tombstones",
    "users",
    "watched_clocks",
    "wrapped_keys",
]
