"""Signed documents: erasure certificates, heads of the ledger.

    {"body":{…},"key_id":"…","kind":"…","signature":"…","version":1}⏎

in canonical JSON, signed with Ed25519. There is one encoding only, so one flipped bit anywhere, even in
what does not change the meaning, is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from asterisk_gdpr.errors import Misuse
from asterisk_gdpr.seal.canonical import NotCanonical, canonical, parse_canonical
from asterisk_gdpr.seal.errors import DamagedDocument, UnknownVersion, WrongKind
from asterisk_gdpr.seal.shapes import WORD
from asterisk_gdpr.seal.signing import SigningKey, VerifyKey, find_key

VERSION = 1
MAX_DOCUMENT = 16 * 1024 * 1024
_DOMAIN = b"asterisk-gdpr document v1\0"

_FIELDS = {"kind", "version", "body", "key_id", "signature"}


def sign_document(kind: str, body: dict[str, object], signing_key: SigningKey) -> bytes:
    """Return `body` as a signed document of this kind ("erasure_certificate"), ending with a newline."""
    if WORD(kind):
        raise Misuse("The kind of a document is a lower-case word.")
    document: dict[str, object] = {
        "kind": kind,
        "version": VERSION,
        "body": body,
        "key_id": signing_key.verify_key.id,
    }
    document["signature"] = signing_key.sign(_DOMAIN + canonical(document)).hex()
    return canonical(document) + b"\n"


def verify_document(kind: str, data: bytes, keys: Iterable[VerifyKey]) -> dict[str, object]:
    """Return the body of a signed document, byte for byte as `sign_document` wrote it.

    Raises DamagedDocument, WrongKind, UnknownVersion, and UnknownKey if none of `keys` signed it.
    """
    if len(data) > MAX_DOCUMENT:
        raise DamagedDocument(f"A signed document has at most {MAX_DOCUMENT} bytes.")
    if not data.endswith(b"\n"):
        raise DamagedDocument("The document does not end with a newline: something is missing.")
    try:
        document = parse_canonical(data[:-1])
    except NotCanonical as fault:
        raise DamagedDocument(f"This is not a signed document, or it was changed: {fault.message}") from None
    if document.keys() != _FIELDS:
        raise DamagedDocument("The document has not the fields of a signed document.")
    if document["kind"] != kind:
        raise WrongKind(f"This is a document of the kind {document['kind']!r}, not {kind!r}.")
    if document["version"] != VERSION:
        raise UnknownVersion(f"The document has the version {document['version']!r}.")
    signature, body = document.pop("signature"), document["body"]
    if not isinstance(body, dict):
        raise DamagedDocument("The document has no body.")
    key = find_key(keys, str(document["key_id"]))
    if not key.verify(decode_hex(signature), _DOMAIN + canonical(document)):
        raise DamagedDocument(f"The signature of the key {key.id} does not fit: the document was changed.")
    return body


def decode_hex(value: object) -> bytes:
    """Return the bytes of a lower-case hexadecimal text; of anything else none, which verify nowhere."""
    if isinstance(value, str) and re.fullmatch(r"([0-9a-f]{2})*", value):
        return bytes.fromhex(value)
    return b""
