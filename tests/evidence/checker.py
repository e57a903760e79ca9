"""A checker written from docs/format.md, sections 3 and 7, alone: it shares no line with the product.

    python tests/evidence/checker.py ledger|heads|journal|document FILE VERIFY-KEY... [--heads FILE]

It tells what is signed in ten years too, with the standard library and `cryptography` for Ed25519 alone.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ENTRY = {"seq", "at", "kind", "commitment", "hash", "salt", "payload"}
DOCUMENT = {"body", "key_id", "kind", "signature", "version"}


class Refused(Exception):
    """What is wrong, and where."""


def need(condition: object, why: str) -> None:
    """Refuse unless the condition holds."""
    if not condition:
        raise Refused(why)


def to_json(value: object) -> bytes:
    """Section 3: the canonical form."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def from_json(line: bytes, where: str) -> dict[str, Any]:
    """One line of canonical JSON with its newline."""
    need(line.endswith(b"\n"), f"{where} is cut")
    try:
        value = json.loads(line.decode("ascii"))
        same = isinstance(value, dict) and to_json(value) + b"\n" == line
    except (ValueError, RecursionError):
        same = False
    need(same, f"{where} is not canonical")
    return dict(value)


def key_of(path: Path) -> tuple[str, bytes]:
    """Section 4.1: a verify key as `asterisk-gdpr verify key HEX`, and its id."""
    match = re.fullmatch(r"asterisk-gdpr [a-z -]+ ([0-9a-f]{64})\n", path.read_text("ascii"))
    need(match, f"{path} is no verify key")
    assert match
    key = bytes.fromhex(match[1])
    return sha256(b"Ed25519\0" + key).hexdigest()[:16], key


def body_of(line: bytes, kind: str | None, keys: dict[str, bytes], where: str) -> dict[str, Any]:
    """Section 7: the body of a signed document; any kind where none is asked for."""
    document = from_json(line, where)
    need(document.keys() == DOCUMENT and isinstance(document["body"], dict), f"{where} is no document")
    need(document["version"] == 1, f"{where} has an unknown version")
    need(kind in (None, document["kind"]), f"{where} is of another kind")
    need(document["key_id"] in keys, f"{where} is signed by an unknown key")
    signed = to_json({name: value for name, value in document.items() if name != "signature"})
    try:
        signature = bytes.fromhex(document["signature"])
        need(document["signature"] == signature.hex(), f"{where} is not written as it is")
        public = Ed25519PublicKey.from_public_bytes(keys[document["key_id"]])
        public.verify(signature, b"asterisk-gdpr document v1\0" + signed)
    except (InvalidSignature, ValueError, TypeError):
        raise Refused(f"{where} is forged") from None
    return dict(document["body"])


def heads_in(data: bytes, keys: dict[str, bytes]) -> Iterator[tuple[int, str]]:
    """Section 7.4: a file of heads."""
    for number, line in enumerate(data.splitlines(keepends=True), start=1):
        body = body_of(line, "ledger_head", keys, f"head {number}")
        yield body["seq"], body["hash"]


def check_ledger(data: bytes, keys: dict[str, bytes], heads: list[tuple[int, str]]) -> str:
    """Section 7.4: an export, and that it agrees with the heads that were signed earlier."""
    *lines, last = data.splitlines(keepends=True)
    before, hashes, erased = bytes(32), {0: bytes(32).hex()}, 0
    for number, line in enumerate(lines, start=1):
        where = f"entry {number}"
        entry = from_json(line, where)
        need(
            entry.keys() == ENTRY and entry["seq"] == number and len(entry["at"]) == 27,
            f"{where} is out of place",
        )
        commitment = bytes.fromhex(entry["commitment"])
        need((entry["salt"] is None) == (entry["payload"] is None), f"{where} has half of what it told")
        if entry["salt"] is not None:
            salted = bytes.fromhex(entry["salt"]) + to_json(entry["payload"])
            made = sha256(b"asterisk-gdpr ledger payload\n" + salted).digest()
            need(made == commitment, f"{where} tells something else")
        erased += entry["salt"] is None
        placed = before + number.to_bytes(8) + entry["at"].encode() + commitment + entry["kind"].encode()
        before = sha256(b"asterisk-gdpr ledger entry\n" + placed).digest()
        need(entry["hash"] == before.hex(), f"{where} does not follow")
        hashes[number] = before.hex()
    end = body_of(last, "ledger_head", keys, "the head")
    need((end["seq"], end["hash"]) == (len(lines), before.hex()), "the head does not name the last entry")
    for seq, hashed in heads:
        need(hashes.get(seq) == hashed, f"entry {seq} is not the one that was signed earlier")
    return f"{len(lines)} entries, {erased} of them erased, {len(heads)} heads agree"


def check_journal(data: bytes, keys: dict[str, bytes]) -> str:
    """Section 7.1: an erasure journal; a last line that was never written whole does not count."""
    before, count = "", 0
    for count, line in enumerate(data[: data.rfind(b"\n") + 1].splitlines(keepends=True), start=1):
        body = body_of(line, "erasure_journal", keys, f"line {count}")
        need((body["seq"], body["before"]) == (count, before), f"line {count} does not follow")
        before = sha256(line).hexdigest()
    return f"{count} lines"


def check_document(data: bytes, keys: dict[str, bytes]) -> str:
    """Section 7: any signed document; of the evidence of a choice its facts too (section 7.2)."""
    body, kind = body_of(data, None, keys, "the document"), json.loads(data)["kind"]
    if kind == "choice_evidence":
        facts = json.dumps(body["facts"], sort_keys=True).encode()
        need(sha256(facts).hexdigest() == body["facts_sha256"], "the facts are others")
    return f"{kind}, signed by {json.loads(data)['key_id']}"


def main(arguments: list[str]) -> str:
    """Check one file; raises Refused."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("ledger", "heads", "journal", "document"))
    parser.add_argument("file", type=Path)
    parser.add_argument("keys", type=Path, nargs="+")
    parser.add_argument("--heads", type=Path, action="append", default=[])
    said = parser.parse_args(arguments)
    keys, data = dict(key_of(path) for path in said.keys), said.file.read_bytes()
    if said.what == "ledger":
        heads = [head for path in said.heads for head in heads_in(path.read_bytes(), keys)]
        return check_ledger(data, keys, heads)
    if said.what == "heads":
        return f"{len(list(heads_in(data, keys)))} heads"
    return (check_journal if said.what == "journal" else check_document)(data, keys)


if __name__ == "__main__":
    try:
        print(main(sys.argv[1:]))
    except Refused as refused:
        sys.exit(f"Refused: {refused}.")
