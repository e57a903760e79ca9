"""Changed and made-up bytes for everything that a reader of this product takes, by the million.

    python -m tests.seal.fuzz [COUNT] [--processes N] [--seed SEED]

Each input is refused by a `GdprError`, or is taken where nothing says that it was changed; anything else that
a reader does is a finding, and so is memory that grows. The same seed draws the same changes.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import resource
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, partial
from multiprocessing import get_context

import numpy as np

from asterisk_gdpr.core.ledger import Entry, follow
from asterisk_gdpr.core.recording import Codec
from asterisk_gdpr.errors import GdprError
from asterisk_gdpr.seal.derived import check_derived
from asterisk_gdpr.seal.epochs import open_epoch, seal_epoch
from asterisk_gdpr.seal.evidence import sign_document, verify_document
from asterisk_gdpr.seal.framing import FRAME_HEAD, MAGICS
from asterisk_gdpr.seal.keys import VaultPrivateKey, new_data_key
from asterisk_gdpr.seal.manifest import decode_manifest, encode_manifest
from asterisk_gdpr.seal.passphrase import Cost, key_id_of, protect
from asterisk_gdpr.seal.reader import Committed, scan, verify
from asterisk_gdpr.seal.segments import SegmentContext, open_segment, seal_segment
from asterisk_gdpr.seal.token_file import protect_by_token, read_token_file
from asterisk_gdpr.service.listening.sound import survey
from asterisk_gdpr.service.proof.ledger import export, verify_export
from asterisk_gdpr.service.sealing.audio import decode, encode_as
from asterisk_gdpr.service.sealing.peaks import Peaks, drawn_from
from tests.seal.samples import KEYS, SIGNING, reading, sample

MOST = 64 * 1024
"""KiB that a process may grow by, whatever it is given: the decoders' own memory counts too."""

CASES = 20_000
"""Inputs of one task: so many follow from one seed."""


@dataclass
class Report:
    """What came of some inputs: how many of each kind were refused and taken; what went wrong; KiB grown."""

    refused: Counter[str] = field(default_factory=Counter)
    taken: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    grown: int = 0

    def add(self, other: Report) -> None:
        """Take another one's into this one."""
        self.refused += other.refused
        self.taken += other.taken
        self.wrong = (self.wrong + other.wrong)[:20]
        self.grown = max(self.grown, other.grown)

    def __str__(self) -> str:
        rows = [
            f"{kind:22} {self.refused[kind]:>8} refused {self.taken[kind]:>8} taken"
            for kind in sorted({*self.refused, *self.taken})
        ]
        total = self.refused.total() + self.taken.total()
        return "\n".join([*rows, f"{total} inputs, {self.grown // 1024} MiB grown", *self.wrong])


@dataclass(frozen=True)
class Target:
    """Something that is read: what it is when nothing is wrong, how it is read, how often it is drawn.

    `proven` says that no changed byte of it may ever pass, but for the newline at the end of a `line`.
    """

    whole: Sequence[bytes]
    read: Callable[[bytes], object]
    share: int
    proven: bool
    line: bool = False


@cache
def targets() -> dict[str, Target]:
    """Everything that a reader takes, by name; made once in each process."""
    private, data_key = VaultPrivateKey.generate(), new_data_key()
    flac, opus = sample("r1", (0,)), sample("r1", (0,), "opus")
    longer = [sample("r1", (1, 1), codec) for codec in ("flac", "opus")]
    place = SegmentContext("r1", 1, 0, 0, 800)
    leg = (8000 * np.sin(np.arange(800) / 5)).astype("<i2").tobytes()
    payloads = {codec: encode_as(codec, leg, leg[::-1], 8000).payload for codec in Codec}
    sealed = seal_segment(data_key, place, payloads[Codec.FLAC])
    described = encode_manifest(flac.manifest)
    at, entries = datetime(2026, 11, 23, tzinfo=UTC), list[Entry]()
    for number in range(3):
        before = entries[-1] if entries else None
        entries.append(follow(before, at, "listened", bytes([number]) * 16, {"n": number}))
    peaks = Peaks()
    peaks.add(leg, leg)
    document = sign_document("ledger_head", {"seq": 1, "hash": "00" * 32}, SIGNING)
    key_file = protect(private, "x", created_at="2026-11-23T10:00:00Z", cost=Cost(32, 1, 1))
    epoch_file = seal_epoch(private, private.public, created_at="2026-11-23T10:00:00Z")
    token_file = protect_by_token(
        private, data_key, b"wrapped", token="vault", created_at="2026-11-23T10:00:00Z"
    )
    return {
        "container": Target([flac.data], _proven, 30, True),
        "container, opus": Target([opus.data], _proven, 20, True),
        "container, longer": Target([each.data for each in longer], _proven, 2, True),
        "container, leniently": Target([flac.data, opus.data], _leniently, 10, False),
        "container, committed": Target([flac.data, opus.data], _committed, 5, True),
        "sealed segment": Target([sealed], partial(open_segment, data_key, place), 5, True),
        "segment, flac": Target([payloads[Codec.FLAC]], decode, 6, False),
        "segment, opus": Target([payloads[Codec.OPUS]], partial(decode, codec="opus"), 6, False),
        "manifest": Target([described], _manifest, 6, False),
        "signed document": Target([document], partial(_document, "ledger_head"), 3, True),
        "ledger": Target([b"".join(export(entries, at, SIGNING))], _ledger, 3, True),
        "key file": Target([key_file], key_id_of, 2, True, line=True),
        "epoch file": Target([epoch_file], partial(_epoch, private), 1, True, line=True),
        "token file": Target([token_file], read_token_file, 1, True, line=True),
        "waveform": Target([peaks.to_bytes()], drawn_from, 1, False),
    }


def _proven(data: bytes) -> object:
    return verify(reading(data), len(data), KEYS)


def _leniently(data: bytes) -> object:
    read = reading(data)
    try:
        scan(read, len(data))
    finally:
        survey(read, len(data))
    return None


def _committed(data: bytes) -> object:
    """As a sealer reads what an earlier life left: no whole container has the chain that it is told."""
    return verify(reading(data), len(data), KEYS, committed=Committed(len(data), bytes(32)))


def _manifest(data: bytes) -> object:
    read = decode_manifest(data)
    check_derived(read, KEYS)
    return read


def _document(kind: str, data: bytes) -> object:
    return verify_document(kind, data, KEYS)


def _ledger(data: bytes) -> object:
    verdict = verify_export(io.BytesIO(data), KEYS)
    if not verdict.ok:
        raise GdprError(verdict.reason)
    return verdict


def _epoch(private: VaultPrivateKey, data: bytes) -> object:
    return open_epoch(data, private)


def changed(whole: bytes, chance: random.Random) -> bytes:
    """The bytes with one to four changes: a bit, a few bytes more or less, a length of all ones, a cut."""
    data = bytearray(whole)
    for _ in range(chance.randint(1, 4)):
        if not data:
            break
        place = chance.randrange(len(data))
        match chance.randrange(6):
            case 0:
                data[place] ^= 1 << chance.randrange(8)
            case 1:
                del data[place : place + chance.randint(1, 9)]
            case 2:
                data[place:place] = chance.randbytes(chance.randint(1, 9))
            case 3:
                data[place : place + 4] = b"\xff\xff\xff\xff"
            case 4:
                data[place] = chance.randrange(256)
            case _ if chance.random() < 0.2:
                del data[place:]
            case _:
                data[place] = chance.choice(b'0123456789abcdef"{}[],:')
    return bytes(data)


def made_up(chance: random.Random) -> bytes:
    """Frames of a container that were never one, or no frames at all."""
    if chance.random() < 0.3:
        return chance.randbytes(chance.randrange(200))
    frames = b"".join(
        FRAME_HEAD.pack(chance.choice(b"HGSMEx"), length if chance.random() < 0.9 else 2**32 - 1)
        + chance.randbytes(length)
        for length in (chance.randrange(12) for _ in range(chance.randrange(7)))
    )
    return chance.choice([*MAGICS.values()]) + frames


def task(seed: int, count: int) -> Report:
    """So many inputs that follow from a seed."""
    chance, report, known = random.Random(seed), Report(), targets()
    names, shares = [*known], [each.share for each in known.values()]
    for name, target in known.items():  # each is read as it is; what no reader takes would prove nothing
        for whole in target.whole:
            if name != "container, committed":
                target.read(whole)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for name in chance.choices(names, shares, k=count):
        target = known[name]
        whole = chance.choice(target.whole)
        data = made_up(chance) if chance.random() < 0.05 else changed(whole, chance)
        try:
            target.read(data)
        except GdprError:
            report.refused[name] += 1
        except Exception:  # whatever else a reader raises is what this looks for
            report.wrong.append(f"{name}: {data.hex()}\n{traceback.format_exc()}")
        else:
            report.taken[name] += 1
            if target.proven and data != whole and not (target.line and data + b"\n" == whole):
                report.wrong.append(f"{name}: taken though it was changed: {data.hex()}")
    report.grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    if report.grown > MOST:
        report.wrong.append(f"it grew by {report.grown} KiB (seed {seed})")
    return report


def fuzz(count: int, processes: int, seed: int, tell: Callable[[str], None] = lambda _: None) -> Report:
    """So many inputs, by so many processes at once; what is drawn does not depend on how many those are."""
    sizes = [min(CASES, count - first) for first in range(0, count, CASES)]
    seeds = [seed + number for number in range(len(sizes))]
    whole, began = Report(), time.monotonic()
    with ProcessPoolExecutor(processes, get_context("spawn")) as workers:
        for done, report in enumerate(workers.map(task, seeds, sizes), start=1):
            whole.add(report)
            tell(f"{min(done * CASES, count)} after {time.monotonic() - began:.0f} s")
    return whole


def main(arguments: Sequence[str]) -> int:
    """Run it, and say what came of it; 1 if there is anything that should not be."""
    parser = argparse.ArgumentParser(prog="python -m tests.seal.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("count", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", type=int, default=20261123)
    chosen = parser.parse_args(arguments)
    report = fuzz(
        chosen.count, chosen.processes, chosen.seed, lambda said: print(said, file=sys.stderr, flush=True)
    )
    print(report)
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
