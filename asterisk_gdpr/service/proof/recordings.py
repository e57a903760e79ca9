"""The proof that a recording is what was sealed.

It needs no secret; with the vault unlocked the manifest is opened and compared, too.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from asterisk_gdpr.core.recording import Recording, State
from asterisk_gdpr.errors import Damaged, Refused
from asterisk_gdpr.ports import RecordingBook, Vault
from asterisk_gdpr.seal.derived import check_derived
from asterisk_gdpr.seal.errors import UnknownKey, UnknownVersion
from asterisk_gdpr.seal.reader import Committed, Verdict, compare_manifest, open_manifest, scan, verify
from asterisk_gdpr.seal.signing import VerifyKey


class Opener(Protocol):
    """What gives a recording's data key: the keeper, with the vault unlocked."""

    def data_key(self, recording: str, generation: int) -> bytes:
        """The key; raises Refused (`erased`) or VaultLocked."""
        ...


@dataclass(frozen=True)
class Verified:
    """What the verification of one recording found; `reason` says what is wrong, if anything is.

    `complete`: its container is closed and signed. `opened`: its manifest was opened and compared.
    """

    recording: str
    ok: bool
    complete: bool = False
    opened: bool = False
    segments: int = 0
    reason: str = ""


def verify_file(path: Path, keys: Sequence[VerifyKey], sealed: Mapping[str, str] | None = None) -> Verified:
    """Prove a container by itself, with public keys alone; what is wrong is told with the byte it shows at.

    Only one that is closed and signed passes: nobody vouches for a stump. Refused when it cannot be read.
    With `sealed`, the chains that a ledger names by recording, it must be the one that was sealed then: who
    has the signing key can sign another one, and not change what the ledger says.
    """
    try:
        with path.open("rb") as container:
            size = container.seek(0, os.SEEK_END)

            def read(offset: int, length: int) -> bytes:
                container.seek(offset)
                return container.read(length)

            verdict = verify(read, size, keys)
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}.", id="no-file") from None
    except (Damaged, UnknownKey, UnknownVersion) as problem:
        return Verified(path.name, ok=False, reason=problem.message)
    if sealed is not None and (chain := sealed.get(verdict.header.recording)) != verdict.chain.hex():
        reason = "the ledger names another container of this recording" if chain else "the ledger names none"
        return Verified(verdict.header.recording, ok=False, reason=f"It is signed, and {reason}.")
    return Verified(verdict.header.recording, True, verdict.complete, False, len(verdict.segments))


def require_kept(register: RecordingBook, recording: str) -> Recording:
    """The recording; raises Refused (`unknown-recording`, `erased`) if there is none, or no longer."""
    row = register.recording(recording)
    if row.state in (State.ERASING, State.ERASED):
        raise Refused(f"The recording {recording} has been erased, or is being erased.", id="erased")
    return row


def verify_recording(
    register: RecordingBook,
    vault: Vault,
    keys: Sequence[VerifyKey],
    recording: str,
    keeper: Opener | None = None,
) -> Verified:
    """Prove that a container is what was sealed; raises Refused as `require_kept`."""
    row = require_kept(register, recording)
    try:
        verdict = _proven(register, vault, keys, row)
        opened = keeper is not None and verdict.complete
        if keeper is not None and opened:
            _compare(vault, keeper, verdict, recording, keys)
    except (Damaged, UnknownKey) as problem:
        return Verified(recording, ok=False, reason=problem.message)
    return Verified(recording, True, verdict.complete, opened, len(verdict.segments))


def _proven(register: RecordingBook, vault: Vault, keys: Sequence[VerifyKey], row: Recording) -> Verdict:
    size, progress = vault.size(row.id), register.progress(row.id)
    if size is None:
        raise Damaged("Its container is not in the vault.", id="container-missing")
    read = partial(vault.read, row.id)
    verdict = verify(read, size, keys, committed=Committed(progress.size, progress.chain))
    if verdict.header.recording != row.id:
        raise Damaged(f"Its container is that of {verdict.header.recording}.")
    if row.state is State.SEALED and (not verdict.complete or size != progress.size):
        raise Damaged("Its container does not end where it was closed.")
    return verdict


def _compare(
    vault: Vault, keeper: Opener, verdict: Verdict, recording: str, keys: Sequence[VerifyKey]
) -> None:
    read = partial(vault.read, recording)
    scanned = scan(read, verdict.size)
    assert scanned.manifest is not None, "a complete container has its manifest"
    key = keeper.data_key(recording, scanned.manifest.generation)
    manifest = open_manifest(read, scanned, key)
    compare_manifest(verdict, manifest)
    check_derived(manifest, keys)
