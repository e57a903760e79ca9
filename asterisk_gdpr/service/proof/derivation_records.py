"""The signed account of a recording that was made of another one: what was done, by whom and why.

It names both manifests by their SHA-256, so that it proves itself against the sealed manifest, which carries
the earlier one (`seal.derived`).
"""

from __future__ import annotations

from collections.abc import Sequence

from asterisk_gdpr.seal import derived
from asterisk_gdpr.seal.evidence import sign_document, verify_document
from asterisk_gdpr.seal.manifest import Manifest
from asterisk_gdpr.seal.signing import SigningKey, VerifyKey

_kind = "derivation"


def sign_derivation(body: dict[str, object], signer: SigningKey) -> bytes:
    """The account as a signed document."""
    return sign_document(_kind, body, signer)


def read_derivation(data: bytes, keys: Sequence[VerifyKey]) -> dict[str, object]:
    """The body of a signed account that one of `keys` signed; raises Damaged or Refused otherwise."""
    return verify_document(_kind, data, keys)


def fits(body: dict[str, object], manifest: Manifest) -> bool:
    """Whether an account is of this manifest: it names it, and the one before it, by their hashes."""
    before = derived.earlier(manifest)
    return bool(before) and (body["manifest_sha256"], body["of_manifest_sha256"]) == (
        derived.digest(manifest),
        derived.digest(before[-1]),
    )
