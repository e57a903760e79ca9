"""A recording made of another one: ranges silenced (a card number read aloud), or a part that lives longer.

Changing a container under its old key would erase nothing in older copies of it; so what stays is sealed
anew, under a new key and a new name, and of a redaction the old key is destroyed. The order:

    intent committed → new container written, read back and proven → new recording, its key, its purposes and
    the signed account committed, of a redaction together with the old one's tombstone → the old one destroyed

Killed before the commit, nothing has changed, and what was written is swept up (`sweep_up`); killed after
it, the tombstone is carried out like any other. The sound is in the clear in memory alone.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta, tzinfo
from functools import partial
from typing import Protocol

from asterisk_gdpr.core.policy import Asking, Basis, Policy
from asterisk_gdpr.core.recording import (
    Codec,
    Derivation,
    DerivedAs,
    Progress,
    Reason,
    State,
    Term,
    Tombstone,
    WrappedKey,
    codec_for,
)
from asterisk_gdpr.core.retention import living, start_clocks
from asterisk_gdpr.core.times import from_text, to_text
from asterisk_gdpr.errors import Damaged, GdprError, Refused
from asterisk_gdpr.ports import (
    CallBook,
    Clock,
    DerivationBook,
    ErasureBook,
    Found,
    HoldBook,
    LedgerBook,
    RecordingBook,
    RightsBook,
    Vault,
)
from asterisk_gdpr.seal import derived
from asterisk_gdpr.seal.container import Header, Writer
from asterisk_gdpr.seal.framing import End
from asterisk_gdpr.seal.keys import VaultPublicKey, data_key_info, new_data_key
from asterisk_gdpr.seal.layout import Scan
from asterisk_gdpr.seal.manifest import Manifest, SegmentEntry
from asterisk_gdpr.seal.reader import Committed, open_manifest, scan, verify
from asterisk_gdpr.seal.signing import SigningKey
from asterisk_gdpr.service.ids import new_id
from asterisk_gdpr.service.keys.keeper import Keeper
from asterisk_gdpr.service.proof.derivation_records import sign_derivation
from asterisk_gdpr.service.sealing.cutting import pieces

GIVEN_UP = timedelta(hours=6)
"""Whoever began to make one and has not ended it after so long was killed."""


class Book(
    CallBook,
    RecordingBook,
    DerivationBook,
    ErasureBook,
    HoldBook,
    RightsBook,
    LedgerBook,
    Protocol,
):
    """What making a recording of another one needs of the register."""

    def transaction(self) -> AbstractContextManager[None]:
        """Make several calls one transaction."""
        ...


@dataclass(frozen=True)
class Made:
    """What was made: the new recording, the signed account, and what the destruction of the old waits for."""

    recording: str
    record: bytes
    waits_for: str = ""


@dataclass(frozen=True)
class _Source:
    """The recording that is made something of, opened."""

    found: Found
    scan: Scan
    end: End
    manifest: Manifest
    keys: dict[int, bytes]


class Deriving:
    """Makes recordings of others; the vault must be unlocked."""

    def __init__(
        self,
        register: Book,
        vault: Vault,
        keeper: Keeper,
        signer: SigningKey,
        public_key: Callable[[], VaultPublicKey],
        destroy: Callable[[str], str],
        policy: Callable[[], Policy],
        clock: Clock,
        zone: tzinfo,
    ) -> None:
        """`destroy` carries out the tombstone of a recording, and says what that waits for, if anything."""
        self._register = register
        self._vault = vault
        self._keeper = keeper
        self._signer = signer
        self._public_key = public_key
        self._destroy = destroy
        self._policy = policy
        self._clock = clock
        self._zone = zone

    def check_redact(self, recording: str, spans: Sequence[tuple[float, float]]) -> None:
        """Raise Refused as `redact` does, as far as it can be known while the vault is locked."""
        found = self._ready(recording)
        _frames_of(found, spans)
        self._terms_left(found)

    def check_part(self, recording: str, span: tuple[float, float], purpose: str) -> None:
        """Raise Refused as `mark_part` does, as far as it can be known while the vault is locked."""
        found = self._ready(recording)
        self._terms_of_part(found, purpose)
        _frames_of(found, [span])

    def redact(self, recording: str, spans: Sequence[tuple[float, float]], by: str, why: str) -> Made:
        """Silence these spans (seconds), on both sides; the recording lives on under a new id and a new key.

        Raises Refused: `bad-span`, `not-sealed`, `erased`, `restricted`, `held`, `call-alive`,
        `vault-locked`, `container-missing`; Damaged when it does not open whole. Nothing has changed then.
        """
        source = self._open(recording)
        frames, terms = _frames_of(source.found, spans), self._terms_left(source.found)
        made = self._make(DerivedAs.REDACTED, source, frames, terms, by, why)
        return replace(made, waits_for=self._destroy(recording))

    def mark_part(self, recording: str, span: tuple[float, float], purpose: str, by: str, why: str) -> Made:
        """Let a part live by itself, for a purpose of the policy; the recording goes on to its own end.

        The caller's choice cannot be widened: a purpose that asks must be one that the recording exists for.
        Raises Refused as `redact`, or `unknown-purpose`, `not-chosen`, `purpose-ended`.
        """
        source = self._open(recording)
        terms, frames = self._terms_of_part(source.found, purpose), _frames_of(source.found, [span])
        return self._make(DerivedAs.PART, source, frames, terms, by, why)

    def _terms_left(self, found: Found) -> list[Term]:
        terms = list(living(found.terms, self._clock.now()))
        if not terms:
            raise Refused("No purpose of this recording lives any more.", id="purpose-ended")
        return terms

    def _terms_of_part(self, found: Found, purpose: str) -> list[Term]:
        row, now = found.recording, self._clock.now()
        known = self._policy().purposes.get(purpose)
        if known is None:
            raise Refused(f"The policy has no purpose {purpose}.", id="unknown-purpose")
        has = {term.purpose for term in living(found.terms, now)}
        if purpose not in has and (known.choice is not Asking.NONE or known.basis is Basis.CONSENT):
            raise Refused(
                "The caller has not agreed to this purpose, and a part of it does not change that.",
                id="not-chosen",
            )
        assert row.ended_at is not None
        terms = list(start_clocks([Term(row.id, purpose, known.basis, known.keep)], row.ended_at, self._zone))
        if not living(terms, now):
            raise Refused("The period of this purpose is over for this recording.", id="purpose-ended")
        return terms

    def _make(
        self,
        kind: DerivedAs,
        source: _Source,
        spans: list[tuple[int, int]],
        terms: Sequence[Term],
        by: str,
        why: str,
    ) -> Made:
        old, now, id = source.found.recording, self._clock.now(), new_id("r")
        self._register.begin_derivation(Derivation(id, old.id, kind, now))
        try:
            key, public = new_data_key(), self._public_key()
            names = [term.purpose for term in terms]
            manifest, progress = self._write(kind, source, spans, id, key, public.id, names, to_text(now))
            wrapped = WrappedKey(id, 1, public.id, public.wrap(key, data_key_info(id, 1)))
            row = replace(
                old,
                id=id,
                state=State.SEALED,
                started_at=from_text(manifest["started_at"]) if kind is DerivedAs.PART else old.started_at,
                frames=manifest["frames"],
                codec=Codec(manifest.get("codec", Codec.FLAC)),
            )
            record = self._account(kind, source, spans, manifest, progress, by, why, to_text(now))
            with self._register.transaction():
                theirs = [replace(term, recording=id) for term in terms]
                self._register.finish_derivation(row, wrapped, theirs, progress, record, now)
                self._carry_remarks(old.id, id)
                if kind is DerivedAs.REDACTED:
                    self._register.tell_recipients(old.id, "redacted", now)
                    self._register.add_tombstone(Tombstone(old.id, Reason.REDACTED, now, now))
        except GdprError:
            self._give_up(id)
            raise
        self._vault.close(id)
        return Made(id, record)

    def _give_up(self, id: str) -> None:
        """Nothing has come of it, unless the register took what it could not confirm: then it stands."""
        with contextlib.suppress(GdprError):  # it is swept up later
            self._register.drop_derivation(id)
            if not self._register.derivations(id):
                self._vault.delete(id)

    def _write(
        self,
        kind: DerivedAs,
        source: _Source,
        spans: list[tuple[int, int]],
        id: str,
        key: bytes,
        vault_key: str,
        purposes: Sequence[str],
        at: str,
    ) -> tuple[Manifest, Progress]:
        """Write the new container, and prove what was written by reading it back."""
        rate, codec = source.scan.header.rate, self._codec(kind, source, purposes)
        data, writer = Writer.start(Header(id, at, rate, vault_key, codec=codec.value))
        entries: list[SegmentEntry] = []
        begun, writer = writer.begin_generation(1, key)
        data += begun
        read = partial(self._vault.read, source.found.recording.id)
        for frames, encoded in pieces(read, source.scan, source.keys, kind, spans, codec):
            size = writer.size - len(data)
            segment, writer, entry = writer.segment(frames, *encoded)
            self._vault.append(id, size, data + segment)
            entries.append(entry)
            data = b""
        make = (
            partial(derived.redacted, spans=spans)
            if kind is DerivedAs.REDACTED
            else partial(derived.part, span=spans[0])
        )
        manifest = make(source.manifest, source.end, id, entries=entries, purposes=purposes, at=at)
        if codec is not Codec.FLAC:
            manifest["codec"] = codec.value
        size = writer.size
        end, writer = writer.finish(manifest, self._signer, source.end.ended_at)
        self._vault.append(id, size, end)
        read = partial(self._vault.read, id)
        verify(read, writer.size, [self._signer.verify_key], committed=Committed(writer.size, writer.chain))
        return manifest, Progress(id, writer.size, writer.chain, writer.segments, 1, 1, 0, writer.frames)

    def _codec(self, kind: DerivedAs, source: _Source, purposes: Sequence[str]) -> Codec:
        """A redaction keeps it; a part is Opus where its purpose does without the last bit."""
        has = Codec(source.scan.header.codec)
        known = self._policy().purposes
        if kind is DerivedAs.REDACTED or has is Codec.OPUS:
            return has
        return codec_for(known[name] for name in purposes)

    def _ready(self, recording: str) -> Found:
        """The recording, if anything may be made of it now."""
        found = self._register.found(recording)
        row = found.recording
        if row.state in (State.ERASING, State.ERASED) or self._register.tombstone(recording):
            raise Refused("This recording has been erased, or is being erased.", id="erased")
        if row.state is not State.SEALED or found.call.ended_at is None:
            raise Refused("The call is still going on, or its recording is not closed yet.", id="not-sealed")
        if row.restricted:
            raise Refused("This recording is restricted: nothing may be done with it now.", id="restricted")
        if self._register.holds_of(recording):
            raise Refused(
                "A hold stands over this recording: it must stay as it is.", hint="Lift it first.", id="held"
            )
        return found

    def _open(self, recording: str) -> _Source:
        found = self._ready(recording)
        size = self._vault.size(recording)
        if size is None:
            raise Refused("The recording's container is not in the vault.", id="container-missing")
        read = partial(self._vault.read, recording)
        scanned = scan(read, size)
        if scanned.manifest is None or scanned.end is None:
            raise Damaged("Its container does not end where it was closed.")
        numbers = {place.generation for place in scanned.segments} | {scanned.manifest.generation}
        keys = {number: self._keeper.data_key(recording, number) for number in sorted(numbers)}
        manifest = open_manifest(read, scanned, keys[scanned.manifest.generation])
        if (scanned.header.rate, manifest["frames"]) != (found.recording.rate, found.recording.frames):
            raise Damaged("Its container is not as long as the register has it.")
        return _Source(found, scanned, scanned.end, manifest, keys)

    def _account(
        self,
        kind: DerivedAs,
        source: _Source,
        spans: list[tuple[int, int]],
        manifest: Manifest,
        progress: Progress,
        by: str,
        why: str,
        at: str,
    ) -> bytes:
        """The signed account of what was done, by whom and why."""
        old = source.found.recording
        body: dict[str, object] = {
            "recording": progress.recording,
            "of": old.id,
            "call": old.call,
            "kind": str(kind),
            "spans": [list(span) for span in spans],
            "rate": old.rate,
            "purposes": manifest["purposes"],
            "by": by,
            "why": why,
            "at": at,
            "manifest_sha256": derived.digest(manifest),
            "of_manifest_sha256": derived.digest(source.manifest),
            "of_chain": source.end.chain,
            "container": {"size": progress.size, "chain": progress.chain.hex()},
        }
        return sign_derivation(body, self._signer)

    def _carry_remarks(self, old: str, new: str) -> None:
        """What was corrected beside the sound stands beside what is made of it."""
        for remark in self._register.remarks(old):
            self._register.add_remark(replace(remark, id=new_id("k"), recording=new))


def sweep_up(register: DerivationBook, vault: Vault, clock: Clock) -> None:
    """Delete what somebody began to make and was killed over; nothing else has come of it."""
    for begun in register.derivations_begun(clock.now() - GIVEN_UP):
        vault.delete(begun.recording)
        register.drop_derivation(begun.recording)


def _frames_of(found: Found, spans: Sequence[tuple[float, float]]) -> list[tuple[int, int]]:
    """Spans of seconds as frames that hold all of them; Refused when one is none, or not in it."""
    rate, frames = found.recording.rate, found.recording.frames
    cuts = []
    for start, end in spans:
        first, last = int(start * rate), min(frames, -int(-end * rate // 1))
        if not 0 <= start < end or first >= frames or end > frames / rate + 1:
            raise Refused(
                f"From {start:g} s to {end:g} s is no span of a recording of {frames / rate:.1f} s.",
                id="bad-span",
            )
        cuts.append((first, last))
    if not cuts:
        raise Refused("Which span is meant?", id="bad-span")
    return sorted(cuts)
