"""Certificates of erasure: what was destroyed, how that was verified, and what remains elsewhere.

A certificate names no person: the recording, the keys by their SHA-256, the container by name and size.
It is signed and verifies offline; `docs/register.md` explains its fields.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from asterisk_gdpr.core.epoch import Epoch
from asterisk_gdpr.core.recording import DestroyedKey, Recording, Tombstone
from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.seal.errors import WrongKind
from asterisk_gdpr.seal.evidence import sign_document, verify_document
from asterisk_gdpr.seal.signing import SigningKey, VerifyKey
from asterisk_gdpr.service.proof.choice_evidence import read_choice
from asterisk_gdpr.service.proof.derivation_records import read_derivation

_kind = "erasure_certificate"
_epoch_kind = "epoch_certificate"

_verified = [
    "no wrapped key of the recording is in the register",
    "no audio of the recording is in the spool",
]
_emptied = "the register's journal was emptied after it was overwritten"
_not_wiped = "and overwritten rows and the journal of its PostgreSQL database until their space is used anew"
_no_number = "the caller's number of its call is not in the register"
_no_container = "the vault has no container of its name"


def certify(
    recording: Recording,
    tombstone: Tombstone,
    keys: Sequence[DestroyedKey],
    container_size: int,
    at: datetime,
    signer: SigningKey,
    *,
    epochs: Sequence[Epoch] = (),
    life: timedelta | None = None,
    locked_until: datetime | None = None,
    number_kept_for: Sequence[str] = (),
    copies: int = 0,
    wipes: bool = True,
) -> bytes:
    """The signed certificate of an erasure that has been verified; `container_size` in bytes.

    `epochs` are all that ever were, and `life` how long one lives: with them it says when what remains ends.
    A container that a bucket keeps against everybody is told of, with the date before which it stays,
    and so are the recordings of the same call that its number is kept for, and how many `copies`
    of it were taken out. `wipes` is the register's.
    """
    body: dict[str, object] = {
        "recording": recording.id,
        "call": recording.call,
        "line": recording.line,
        "node": recording.node,
        "policy": recording.policy,
        "created_at": to_text(recording.created_at),
        "frames": recording.frames,
        "rate": recording.rate,
        "reason": str(tombstone.reason),
        "ordered_at": to_text(tombstone.created_at),
        "due_at": to_text(tombstone.due_at),
        "erased_at": to_text(at),
        "keys": [{"generation": key.generation, "epoch": key.epoch, "sha256": key.sha256} for key in keys],
        "container": {"name": recording.id, "size": container_size},
        "verified": [
            *_verified,
            *([_emptied] if wipes else []),
            *([] if number_kept_for else [_no_number]),
            *([] if locked_until else [_no_container]),
        ],
        "remains": [
            *_locked(locked_until),
            *_number(number_kept_for),
            *_handed_out(copies),
            *_remains(keys, epochs, life, wipes=wipes),
        ],
    }
    return sign_document(_kind, body, signer)


def certify_epoch(
    epoch: Epoch, files: Sequence[str], at: datetime, signer: SigningKey, *, wipes: bool = True
) -> bytes:
    """The signed certificate that an epoch's private key is destroyed; `files` are those that held it."""
    assert epoch.ended_at is not None, "an epoch that is certified has ended"
    body: dict[str, object] = {
        "epoch": epoch.id,
        "algorithm": epoch.algorithm,
        "began_at": to_text(epoch.began_at),
        "ended_at": to_text(epoch.ended_at),
        "destroyed_at": to_text(at),
        "files": list(files),
        "verified": [
            "nothing in the register is sealed to it, and nothing can be any more",
            *(["the register's journal was emptied after everything was sealed anew"] if wipes else []),
            "no file of its private key is in the folders of the page and of escrow",
        ],
        "remains": [
            {
                "what": "copies of the files that held its private key",
                "where": "copies of those folders made before (backups of a whole disk, snapshots, copies "
                "that were carried elsewhere), and blocks of the disks that held them",
                "until": "they are destroyed; each opens only with the private key of its recipient",
            }
        ],
    }
    return sign_document(_epoch_kind, body, signer)


def read_epoch_certificate(data: bytes, keys: Iterable[VerifyKey]) -> dict[str, object]:
    """The body of a certificate of an epoch's end that one of `keys` signed."""
    return verify_document(_epoch_kind, data, keys)


def read_certificate(data: bytes, keys: Iterable[VerifyKey]) -> dict[str, object]:
    """The body of a certificate that one of `keys` signed; raises Damaged or Refused otherwise."""
    return verify_document(_kind, data, keys)


def read_any_certificate(data: bytes, keys: Sequence[VerifyKey]) -> dict[str, object]:
    """The body of a certificate of any kind, or of the evidence of a choice."""
    for read in (read_certificate, read_epoch_certificate):
        with contextlib.suppress(WrongKind):
            return read(data, keys)
    with contextlib.suppress(WrongKind):
        return read_derivation(data, keys)
    return read_choice(data, keys)


def _locked(until: datetime | None) -> list[dict[str, object]]:
    """What a bucket's Object Lock keeps, and until when at the least."""
    if until is None:
        return []
    return [
        {
            "what": "the container, which no key opens once the wrapped keys are gone",
            "where": "the vault's bucket, which lets nobody delete it before a date (Object Lock)",
            "until": "that date has come, and it is deleted then",
            "not_before": to_text(until),
        }
    ]


def _number(recordings: Sequence[str]) -> list[dict[str, object]]:
    """The number of the call, where recordings that were made of this one still need it."""
    if not recordings:
        return []
    return [
        {
            "what": "the caller's sealed number",
            "where": "the register, for recordings that were made of this one",
            "recordings": list(recordings),
            "until": "those are erased",
        }
    ]


def _handed_out(copies: int) -> list[dict[str, object]]:
    """What people took out, which nothing here reaches."""
    if not copies:
        return []
    return [
        {
            "what": "copies of the sound that were handed out",
            "where": "with those who took or were given them; recipients must be told (Art. 19 GDPR)",
            "copies": copies,
            "until": "they erase them",
        }
    ]


def _remains(
    keys: Sequence[DestroyedKey], epochs: Sequence[Epoch], life: timedelta | None, *, wipes: bool
) -> list[dict[str, object]]:
    """What an erasure here cannot reach, and what ends it.

    An older copy may hold the key as it was wrapped in any epoch whose private key is not destroyed yet.
    """
    living = [epoch for epoch in epochs if epoch.destroyed_at is None]
    named = {key.epoch for key in keys} - {epoch.id for epoch in epochs if epoch.destroyed_at is not None}
    expected = max((epoch.began_at for epoch in living), default=None)
    return [
        {
            "what": "wrapped keys and the caller's sealed number",
            "where": "copies of the register made before the erasure (backups, replicas, snapshots), "
            + ("and blocks of the disk that once held its journal" if wipes else _not_wiped),
            "until": "the private keys of these epochs are destroyed",
            "epochs": sorted(named | {epoch.id for epoch in living}),
            "expected_by": None if expected is None or life is None else to_text(expected + life),
        },
        {
            "what": "the container, which no key opens once the wrapped keys are gone",
            "where": "copies of the vault made before the erasure, and blocks of the disk that held it",
            "until": "they are overwritten",
        },
        {
            "what": "the evidence of the choice, the ledger's entries and this certificate, without a number",
            "where": "the register",
            "until": "their own periods end",
        },
    ]
