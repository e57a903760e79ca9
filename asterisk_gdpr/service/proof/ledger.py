"""The ledger outside the register: signed heads, and exports that verify offline with a public key alone.

An export is text, one canonical JSON object a line: the entries from the first on,
then a signed document of the kind `ledger_head` that names the last of them:

    {"at":…,"commitment":hex,"hash":hex,"kind":…,"payload":{…} or null,"salt":hex or null,"seq":1}
    …
    {"body":{"hash":hex,"seq":…,"signed_at":…},"key_id":…,"kind":"ledger_head",…}
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from asterisk_gdpr.core.ledger import Entry, Head, Verdict, genesis, verify
from asterisk_gdpr.core.times import from_text, to_text
from asterisk_gdpr.errors import Damaged
from asterisk_gdpr.ports import LedgerBook
from asterisk_gdpr.seal.canonical import canonical, parse_canonical
from asterisk_gdpr.seal.evidence import decode_hex, sign_document, verify_document
from asterisk_gdpr.seal.signing import SigningKey, VerifyKey

_kind = "ledger_head"
_page = 1000

_CLOSED = ("recording-sealed", "recording-derived")
"""The entries that name a closed container."""


def all_entries(book: LedgerBook) -> Iterator[Entry]:
    """Every entry from the first on, read in pages."""
    after = 0
    while page := book.entries(after, _page):
        yield from page
        after = page[-1].seq


def verify_book(book: LedgerBook, heads: Sequence[Head] = ()) -> Verdict:
    """Check the ledger in the register, also against heads that were signed earlier.

    An entry that is not written as one is found in its place as well.
    """
    read = 0

    def entries() -> Iterator[Entry]:
        nonlocal read
        for entry in all_entries(book):
            read += 1
            yield entry

    try:
        return verify(entries(), heads)
    except Damaged:
        return Verdict(False, read + 1, "it is not written as an entry is")


def sign_head(head: Head, at: datetime, signer: SigningKey) -> bytes:
    """A signed document which says that the ledger stood at `head`; kept elsewhere, it shows a cut end."""
    body: dict[str, object] = {"seq": head.seq, "hash": head.hash.hex(), "signed_at": to_text(at)}
    return sign_document(_kind, body, signer)


def read_head(document: bytes, keys: Iterable[VerifyKey]) -> Head:
    """The head that a document names; Damaged or Refused when none of `keys` signed it as it is."""
    body = verify_document(_kind, document, keys)
    match body:
        case {"seq": int(seq), "hash": str(hashed)}:
            return Head(seq, decode_hex(hashed))
        case _:
            raise Damaged("The head of the ledger does not name an entry.")


def export(entries: Iterable[Entry], at: datetime, signer: SigningKey) -> Iterator[bytes]:
    """The lines of an export; `entries` must be all of them, in order."""
    head = Head(0, genesis)
    for entry in entries:
        yield _line(entry)
        head = Head(entry.seq, entry.hash)
    yield sign_head(head, at, signer)


def verify_export(lines: Iterable[bytes], keys: Sequence[VerifyKey], heads: Sequence[Head] = ()) -> Verdict:
    """Check an export, and that it is whole; any changed bit shows, with the entry that it is in.

    Raises Damaged when the head at its end was changed or is missing, UnknownKey when none of `keys`
    signed it.
    """
    rest = iter(lines)
    last = next(rest, b"")
    begun, reached = 0, Head(0, genesis)

    def entries() -> Iterator[Entry]:
        nonlocal last, begun, reached
        for line in rest:
            begun += 1
            entry = _entry(last)
            reached, last = Head(entry.seq, entry.hash), line
            yield entry

    try:
        verdict = verify(entries(), heads)
    except (Damaged, ValueError):
        return Verdict(False, begun, "it is not written as an entry is")
    if not verdict.ok:
        return verdict
    try:
        head = read_head(last, keys)
    except Damaged as damage:
        raise Damaged(
            f"Line {begun + 1} is not the signed head that ends an export: {damage.message}"
        ) from None
    if head != reached:
        return Verdict(False, min(head.seq, reached.seq) + 1, f"the signed head names entry {head.seq}")
    return verdict


def sealed_containers(lines: Sequence[bytes], keys: Sequence[VerifyKey]) -> dict[str, str]:
    """The chain of each closed container, by recording, as an export names them.

    Raises Damaged when the export is not whole, and UnknownKey as `verify_export`.
    """
    verdict = verify_export(lines, keys)
    if not verdict.ok:
        raise Damaged(f"The ledger is damaged at entry {verdict.seq}: {verdict.reason}.")
    told = [entry.payload or {} for entry in map(_entry, lines[:-1]) if entry.kind in _CLOSED]
    return {str(payload["recording"]): str(payload["chain"]) for payload in told if "chain" in payload}


def _line(entry: Entry) -> bytes:
    return (
        canonical(
            {
                "seq": entry.seq,
                "at": to_text(entry.at),
                "kind": entry.kind,
                "commitment": entry.commitment.hex(),
                "hash": entry.hash.hex(),
                "salt": None if entry.salt is None else entry.salt.hex(),
                "payload": None if entry.payload is None else dict(entry.payload),
            }
        )
        + b"\n"
    )


def _entry(line: bytes) -> Entry:
    """The entry that `_line` wrote; Damaged or ValueError for any other bytes."""
    match parse_canonical(line.removesuffix(b"\n")):
        case {
            "seq": int(seq),
            "at": str(at),
            "kind": str(kind),
            "commitment": str(commitment),
            "hash": str(hashed),
            "salt": str() | None as salt,
            "payload": dict() | None as payload,
            **others,
        } if not others and line.endswith(b"\n"):
            return Entry(
                seq,
                from_text(at),
                kind,
                decode_hex(commitment),
                decode_hex(hashed),
                None if salt is None else decode_hex(salt),
                payload,
            )
        case _:
            raise Damaged("This is not a line of an exported ledger.")
