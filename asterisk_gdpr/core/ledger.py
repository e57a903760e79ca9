"""The ledger's chain: an append-only account that can forget what it tells of, and still be checked.

Each entry commits to its payload by a salted hash, and each hash covers the one before it:

    commitment = SHA-256("asterisk-gdpr ledger payload\\n" || salt || canonical JSON of the payload)
    hash       = SHA-256("asterisk-gdpr ledger entry\\n" || hash of the entry before ||
                         seq (8 bytes, big-endian) || time (27 bytes) || commitment || kind (ASCII))

So a payload (and its salt, without which a short payload could be guessed) can be erased under
Art. 17 GDPR while the chain goes on to verify: the hash covers the commitment, not the payload.
An entry's kind is a code such as `choice-made`; it never holds a number or a name.
What the chain alone cannot show is that its end was cut off: a signed head, kept elsewhere, does.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from asterisk_gdpr.core.times import to_text

genesis = bytes(32)
"""The hash before the first entry."""

_name = re.compile(r"[A-Za-z0-9_.-]+")


@dataclass(frozen=True)
class Entry:
    """One entry of the ledger; `seq` counts from 1; `salt` and `payload` are None once erased."""

    seq: int
    at: datetime
    kind: str
    commitment: bytes
    hash: bytes
    salt: bytes | None
    payload: Mapping[str, Any] | None


def told_by(user: str) -> dict[str, str]:
    """What a payload says of who did it, where that is known."""
    return {"user": user} if user else {}


def names_somebody(payload: Mapping[str, Any]) -> bool:
    """Whether a payload names a user, who did it (`user`) or whose account it is about (`whose`)."""
    return "user" in payload or "whose" in payload


@dataclass(frozen=True)
class Head:
    """The last entry at some time, as it was signed and kept elsewhere."""

    seq: int
    hash: bytes


@dataclass(frozen=True)
class Verdict:
    """What `verify` found: `seq` is the first entry that is wrong, or the last one when all is right.

    `erased` counts by kind the entries whose payload is gone: the chain holds without it, so that one may
    be erased lawfully, and whoever checks must see how much there is of it and of which kind.
    """

    ok: bool
    seq: int
    reason: str = ""
    erased: Mapping[str, int] = field(default_factory=dict)


def encode(payload: Mapping[str, Any]) -> bytes:
    """Canonical JSON (`docs/format.md`): sorted keys, no white space, ASCII, no fractions."""
    _check(payload)
    return json.dumps(payload, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def commit(salt: bytes, payload: Mapping[str, Any]) -> bytes:
    """The commitment (32 bytes) of a payload under its salt of 16 bytes."""
    return hashlib.sha256(b"asterisk-gdpr ledger payload\n" + salt + encode(payload)).digest()


def link(before: bytes, seq: int, at: datetime, kind: str, commitment: bytes) -> bytes:
    """The hash (32 bytes) of an entry whose predecessor's hash is `before`.

    Every part but the kind has a fixed length, and the kind stands last: no two entries share bytes.
    """
    parts = (before, seq.to_bytes(8, "big"), to_text(at).encode("ascii"), commitment, kind.encode("ascii"))
    return hashlib.sha256(b"asterisk-gdpr ledger entry\n" + b"".join(parts)).digest()


def follow(before: Entry | None, at: datetime, kind: str, salt: bytes, payload: Mapping[str, Any]) -> Entry:
    """The entry that comes after `before` (None: the first)."""
    seq = before.seq + 1 if before else 1
    commitment = commit(salt, payload)
    hashed = link(before.hash if before else genesis, seq, at, kind, commitment)
    return Entry(seq, at, kind, commitment, hashed, salt, payload)


def verify(entries: Iterable[Entry], heads: Sequence[Head] = ()) -> Verdict:
    """Check a ledger from its first entry on, and against heads that were signed earlier.

    Changed payloads, salts, times, kinds, order, gaps and repeats show in the chain;
    an end cut off, or a ledger written anew, shows against a head.
    """
    awaited: dict[int, set[bytes]] = {}
    for head in heads:
        awaited.setdefault(head.seq, set()).add(head.hash)
    if awaited.pop(0, {genesis}) != {genesis}:
        return Verdict(False, 0, "a signed head names another beginning")
    before, seq, erased = genesis, 0, Counter[str]()
    for entry in entries:
        seq += 1
        reason = _fault(entry, seq, before)
        if not reason and awaited.pop(seq, {entry.hash}) != {entry.hash}:
            reason = "differs from the signed head"
        if reason:
            return Verdict(False, seq, reason)
        before = entry.hash
        if entry.payload is None:
            erased[entry.kind] += 1
    if awaited:
        return Verdict(False, seq + 1, f"missing: a signed head names {max(awaited)} entries")
    return Verdict(True, seq, erased=dict(sorted(erased.items())))


def _fault(entry: Entry, seq: int, before: bytes) -> str:
    if entry.seq != seq:
        return f"entry {entry.seq} stands in the place of {seq}"
    try:
        return _broken(entry, seq, before)
    except (TypeError, ValueError):
        return "it is not written as an entry is"


def _broken(entry: Entry, seq: int, before: bytes) -> str:
    if link(before, seq, entry.at, entry.kind, entry.commitment) != entry.hash:
        return "its hash does not follow from what it says and the entry before"
    if (entry.salt is None) != (entry.payload is None):
        return "half of its payload and salt is gone"
    if entry.salt is None or entry.payload is None:
        return ""
    if commit(entry.salt, entry.payload) != entry.commitment:
        return "its payload is not the one that was committed to"
    return ""


def _check(value: object) -> None:
    """Refuse what canonical JSON has no single way of writing, before it is committed to."""
    match value:
        case float():
            raise TypeError("a fraction has no single way of being written; use integers")
        case int() if not -(2**53) < value < 2**53:
            raise ValueError("an integer beyond 53 bits is not read alike everywhere")
        case Mapping():
            for key, inner in value.items():
                if not _name.fullmatch(key):
                    raise ValueError("a key is of ASCII letters, digits, '_', '-' and '.'")
                _check(inner)
        case list() | tuple():
            for inner in value:
                _check(inner)
