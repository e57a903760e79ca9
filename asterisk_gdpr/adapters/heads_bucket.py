"""The ledger's signed heads in an S3 bucket: each an object of its own, under a name that is used once.

`<prefix><number of the last entry, 12 digits>-<16 digits of the object's SHA-256>.json`: in the order of
their names they are one file of heads. A key that may put and not delete is enough, and best.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress

import obstore
from obstore.exceptions import AlreadyExistsError

from asterisk_gdpr.adapters.s3_requests import S3Place
from asterisk_gdpr.adapters.vault_bucket import bucket_answers, store_at


class BucketHeads:
    """Plays `service.proof.anchors.Hook`: one that is there already stays as it is."""

    def __init__(self, place: S3Place, prefix: str) -> None:
        self._store = store_at(place)
        self._prefix = prefix

    def run(self, document: bytes) -> None:
        """Put a signed head; raises Unreachable."""
        seq = int(json.loads(document)["body"]["seq"])
        key = f"{self._prefix}{seq:012}-{hashlib.sha256(document).hexdigest()[:16]}.json"
        with bucket_answers(), suppress(AlreadyExistsError):
            obstore.put(self._store, key, document, mode="create", use_multipart=False)
