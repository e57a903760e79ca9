"""The evidence of a choice, by itself: a signed document that outlives the recording and needs no register.

It says which words were heard to their end, which keys were pressed and when, under which policy; its
SHA-256 of the facts is the one that the ledger was told when the choice was made, and the one that the
recording's manifest holds. It names no person and no number.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import CallBook
from asterisk_gdpr.seal.evidence import sign_document, verify_document
from asterisk_gdpr.seal.signing import SigningKey, VerifyKey

KIND = "choice_evidence"


def digest_of(facts: Mapping[str, Any]) -> str:
    """The SHA-256 by which ledger and manifest name the facts of a choice."""
    return hashlib.sha256(json.dumps(dict(facts), sort_keys=True).encode()).hexdigest()


def choice_document(register: CallBook, call: str, signer: SigningKey) -> bytes:
    """The signed evidence of a call's choice; Refused (`no-evidence`) when there is none, or no longer."""
    row = register.call(call)
    evidence = register.evidence(call)
    if evidence is None or not evidence.facts:
        raise Refused(f"There is no evidence of a choice of the call {call}, or no longer.", id="no-evidence")
    facts = dict(evidence.facts)
    body: dict[str, object] = {
        "call": row.id,
        "line": row.line,
        "node": row.node,
        "policy": row.policy,
        "recording": row.recording,
        "outcome": evidence.outcome,
        "at": to_text(evidence.at),
        "facts": facts,
        "facts_sha256": digest_of(facts),
    }
    return sign_document(KIND, body, signer)


def read_choice(data: bytes, keys: Iterable[VerifyKey]) -> dict[str, object]:
    """The body of such a document that one of `keys` signed."""
    return verify_document(KIND, data, keys)
