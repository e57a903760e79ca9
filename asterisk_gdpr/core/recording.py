"""A recording and what belongs to it, as values: the words of the register."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from asterisk_gdpr.core.policy import Audio, Basis, Period, Purpose


class State(StrEnum):
    """The life of a recording; each step is committed before it is acted on."""

    PREPARED = "prepared"
    """Its data key is committed; no audio has been sealed yet."""
    CAPTURING = "capturing"
    """Segments are being appended."""
    SEALED = "sealed"
    """The signed manifest closes the container."""
    ERASING = "erasing"
    """A tombstone stands; whatever is left of it goes."""
    ERASED = "erased"
    """Keys absent, container absent, verified, certificate signed."""


class Codec(StrEnum):
    """How a recording's sound is encoded before it is sealed."""

    FLAC = "flac"
    """Without loss."""
    OPUS = "opus"
    """Smaller, for purposes that do without the last bit."""


def codec_for(purposes: Iterable[Purpose]) -> Codec:
    """How a recording for these purposes is encoded: without loss, unless all of them do without."""
    needs = {purpose.audio for purpose in purposes}
    return Codec.OPUS if needs == {Audio.OPUS} else Codec.FLAC


@dataclass(frozen=True)
class Recording:
    """One recording as the register knows it: UTC times, `frames` samples a channel at `rate` Hz."""

    id: str
    call: str
    line: str
    state: State
    policy: str
    node: str
    rate: int
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    frames: int = 0
    restricted: bool = False
    codec: Codec = Codec.FLAC


@dataclass(frozen=True)
class Progress:
    """How far a recording is sealed: what a restarted sealer needs to go on, and a reader to trust a stump.

    `size` and `chain` are the container's committed length in bytes and hash chain,
    `generation` the number of the current data key, `consumed` the bytes taken from each leg of
    the current stretch, `frames` the samples per channel sealed so far.
    """

    recording: str
    size: int
    chain: bytes
    segments: int
    generation: int
    stretch: int
    consumed: int
    frames: int


@dataclass(frozen=True)
class WrappedKey:
    """A data key that only the vault's private key opens; it lies in the register and nowhere else."""

    recording: str
    generation: int
    epoch: str
    wrapped: bytes


@dataclass(frozen=True)
class DestroyedKey:
    """What remains of a wrapped key once it is destroyed: which one it was, and its SHA-256 in hex."""

    recording: str
    generation: int
    epoch: str
    sha256: str


@dataclass(frozen=True)
class Term:
    """Why a recording exists: one purpose, and when it ends (None while the call is alive)."""

    recording: str
    purpose: str
    basis: Basis
    keep: Period
    expires_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str = ""


class Reason(StrEnum):
    """Why a recording is erased (the code in its tombstone, its certificate and the ledger)."""

    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    OBJECTED = "objected"
    REQUESTED = "requested"
    UNLAWFUL = "unlawful"
    ABANDONED = "abandoned"
    TEST = "test"
    REDACTED = "redacted"


class Occasion(StrEnum):
    """Why a person listens."""

    QUALITY_REVIEW = "quality-review"
    COMPLAINT = "complaint"
    DISPUTE = "dispute"
    TRAINING = "training"
    ACCESS_REQUEST = "access-request"
    INCIDENT = "incident"


@dataclass(frozen=True)
class Tombstone:
    """The durable mark that a recording must be erased, from `due_at` on (UTC)."""

    recording: str
    reason: Reason
    created_at: datetime
    due_at: datetime
    done_at: datetime | None = None


class DerivedAs(StrEnum):
    """How a recording is made of another one."""

    REDACTED = "redacted"
    """Ranges are silence now; it takes the place of the other, which is destroyed."""
    PART = "part"
    """One range by itself, for a purpose of its own; the other lives on to its own end."""


@dataclass(frozen=True)
class Derivation:
    """That a recording is being made, or was made, of another one; `recording` is the new one.

    `record` is the signed account of what was done, by whom and why; it goes with the new one's keys.
    """

    recording: str
    of: str
    kind: DerivedAs
    begun_at: datetime
    done_at: datetime | None = None
    record: bytes | None = None
