"""A private key's file: canonical JSON and one newline, with a plain SHA-256 of its other fields.

The checksum is no protection; it tells a damaged file from one that is opened by the wrong secret, and the
two want different help.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Set

from asterisk_gdpr.seal.canonical import NotCanonical, canonical, parse_canonical
from asterisk_gdpr.seal.errors import DamagedKey, UnknownVersion, WrongKind

MAX_DOCUMENT = 4096


def written(fields: Mapping[str, object]) -> bytes:
    """Return the file of these fields."""
    checked = {**fields, "sha256": hashlib.sha256(canonical(fields)).hexdigest()}
    return canonical(checked) + b"\n"


def read(document: bytes, kind: str, version: int, names: Set[str], *, otherwise: str) -> dict[str, object]:
    """Return the fields of a file that is of this kind and version and has just these names, without the sum.

    Raises WrongKind (with the words `otherwise`), UnknownVersion or DamagedKey.
    """
    if len(document) > MAX_DOCUMENT:
        raise WrongKind(f"A key file has at most {MAX_DOCUMENT} bytes; this is something else.")
    try:
        fields = parse_canonical(document.removesuffix(b"\n"))
    except NotCanonical as fault:
        raise DamagedKey(f"This is not a key file, or it is damaged: {fault.message}") from None
    if fields.get("kind") != kind:
        raise WrongKind(otherwise)
    key = fields.get("key_id")
    if fields.get("version") != version:
        raise UnknownVersion(f"The file of the vault key {key} has the version {fields.get('version')!r}.")
    sum_of_it = fields.pop("sha256", None)
    if sum_of_it != hashlib.sha256(canonical(fields)).hexdigest():
        raise DamagedKey(f"The file of the vault key {key} is damaged.", hint="Use another copy of it.")
    if fields.keys() != names:
        raise DamagedKey(f"The file of the vault key {key} has not the fields of its version.")
    return fields
