"""A house with sealed recordings, all made up: real keys and containers, register and vault in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from asterisk_gdpr.core.evaluation import Form, Item
from asterisk_gdpr.core.policy import Approval, Asking, Basis, Controller, Line, Period, Policy, Purpose, Unit
from asterisk_gdpr.core.recording import Codec, Progress, Recording, State, Term, WrappedKey, codec_for
from asterisk_gdpr.ports import CallRow, Evidence
from asterisk_gdpr.seal.blind import IndexKey
from asterisk_gdpr.seal.container import Header, Writer
from asterisk_gdpr.seal.keys import VaultPrivateKey, data_key_info, new_data_key
from asterisk_gdpr.seal.passphrase import Cost, protect
from asterisk_gdpr.service.keys.keeper import Keeper, seal_number
from asterisk_gdpr.service.listening.playback import Listening
from asterisk_gdpr.service.sealing.audio import encode_as
from tests.fakes.register import MemoryRegister
from tests.fakes.vault import MemoryVault
from tests.seal.samples import ENDED, SIGNING, manifest

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
RATE = 8000
PASSPHRASE = "a horse of another colour"
NUMBER = "+4930901820"
PRIVATE = VaultPrivateKey.generate()
INDEX = IndexKey.generate()
DOCUMENT = protect(
    PRIVATE, PASSPHRASE, created_at="2026-11-23T10:00:00Z", cost=Cost(memory_kib=32, iterations=1, lanes=1)
)


def _purpose(name: str, basis: Basis, choice: Asking, listeners: set[str], en: str, de: str) -> Purpose:
    return Purpose(name, basis, choice, Period(90, Unit.DAYS), frozenset(listeners), {"en": en, "de": de})


POLICY = Policy(
    controller=Controller("Example Energy", "privacy@example.com", "https://example.com/calls"),
    pack="eu",
    approval=Approval("Example Person", date(2026, 11, 1)),
    purposes={
        purpose.name: purpose
        for purpose in (
            _purpose(
                "quality",
                Basis.CONSENT,
                Asking.OPT_IN,
                {"quality", "supervisor"},
                "check our service",
                "unseren Service zu prüfen",
            ),
            _purpose(
                "disputes", Basis.CONSENT, Asking.OPT_IN, {"manager"}, "settle disputes", "Streit zu klären"
            ),
            _purpose(
                "orders",
                Basis.LEGAL_OBLIGATION,
                Asking.NONE,
                {"compliance", "admin"},
                "document orders",
                "Aufträge zu belegen",
            ),
        )
    },
    lines={
        "sales": Line("sales", ("quality", "disputes")),
        "support": Line("support", ("quality",)),
        "trading": Line("trading", ("orders",)),
    },
    evaluations={
        "service": Form(
            "service",
            {"en": "Service", "de": "Service"},
            "quality",
            {
                "greeting": Item({"en": "Greeting", "de": "Begrüßung"}),
                "solution": Item({"en": "Solution", "de": "Lösung"}, weight=3),
            },
        )
    },
    version="5f6c" * 16,
)


@dataclass
class HandClock:
    """A clock that stands until it is moved."""

    time: datetime = NOON

    def now(self) -> datetime:
        return self.time

    def pass_by(self, **span: float) -> None:
        self.time += timedelta(**span)


def tone(frequency: float, frames: int, rate: int = RATE) -> bytes:
    """A mono leg with a tone in it."""
    wave = 8000 * np.sin(2 * np.pi * frequency * np.arange(frames) / rate)
    samples: bytes = wave.astype("<i2").tobytes()
    return samples


@dataclass
class World:
    """The house."""

    clock: HandClock = field(default_factory=HandClock)
    register: MemoryRegister = field(default_factory=lambda: MemoryRegister(ZoneInfo("Europe/Berlin")))
    vault: MemoryVault = field(default_factory=MemoryVault)
    policy: Policy = POLICY
    closing: dict[str, int] = field(default_factory=dict)
    """How many bytes of each container come after its sound."""

    def __post_init__(self) -> None:
        self.keeper = Keeper(self.register, lambda: [DOCUMENT], self.clock)
        self.listening = Listening(self.register, self.vault, self.keeper, lambda: self.policy, self.clock)

    def say(self, frames: int) -> tuple[bytes, bytes]:
        """What both sides say in the next frames: the caller 440 Hz, the others 880."""
        return tone(440, frames), tone(880, frames)

    def unlock(self) -> None:
        self.keeper.unlock(PASSPHRASE, by="officer")

    def seal(
        self,
        id: str,
        *,
        purposes: Sequence[str] = ("quality",),
        line: str = "sales",
        number: str | None = NUMBER,
        choice: str = "agreed",
        at: datetime | None = None,
        plan: Sequence[Sequence[int]] = ((4000, 4000, 1000),),
    ) -> bytes:
        """Record and seal a call; returns what was said as interleaved frames.

        `plan` holds, for each generation of the data key, the frames of each segment.
        """
        at = at or self.clock.now()
        call, recording = f"c{id}", f"r{id}"
        self.register.add_call(
            CallRow(
                id=call,
                channel=f"{id}.1",
                linkedid=f"{id}.1",
                line=line,
                language="en",
                node="pbx-1",
                policy=self.policy.version,
                arrived_at=at,
                caller_sealed=seal_number(PRIVATE.public, call, number) if number else None,
                caller_index=INDEX.blind("calls.caller", number) if number else None,
                caller_epoch=PRIVATE.public.id if number else None,
            )
        )
        self.register.commit_choice(Evidence(call, at, choice, {"keys": []}))
        terms = [
            Term(recording, name, self.policy.purposes[name].basis, self.policy.purposes[name].keep)
            for name in purposes
        ]
        codec = codec_for(self.policy.purposes[name] for name in purposes)
        header = Header(
            recording, at.strftime("%Y-%m-%dT%H:%M:%SZ"), RATE, PRIVATE.public.id, codec=codec.value
        )
        data, writer = Writer.start(header)
        sound, frames, entries = [], 0, []
        for number_of_key, segments in enumerate(plan, start=1):
            data_key = new_data_key()
            wrapped = PRIVATE.public.wrap(data_key, data_key_info(recording, number_of_key))
            key = WrappedKey(recording, number_of_key, PRIVATE.public.id, wrapped)
            now = self._progress(writer, number_of_key)
            if number_of_key == 1:
                row = Recording(recording, call, line, State.PREPARED, self.policy.version, "pbx-1", RATE, at)
                self.register.add_recording(replace(row, codec=codec), key, terms, now)
            else:
                self.register.add_key(key, now)
            step, writer = writer.begin_generation(number_of_key, data_key)
            data += step
            for count in segments:
                left, right = self.say(count)
                step, writer, entry = writer.segment(count, *encode_as(codec, left, right, RATE))
                entries.append(entry)
                data += step
                sound.append(np.column_stack([np.frombuffer(leg, "<i2") for leg in (left, right)]).tobytes())
                frames += count
        described = manifest(recording, entries)
        if codec is not Codec.FLAC:
            described["codec"] = codec.value
        step, writer = writer.finish(described, SIGNING, ENDED)
        data += step
        self.closing[recording] = len(step)
        self.vault.append(recording, 0, data)
        done = self._progress(writer, len(plan))
        self.register.commit_progress([(done, at)])
        self.register.seal_recording(done, at + timedelta(seconds=frames / RATE))
        return b"".join(sound)

    def kinds(self) -> list[str]:
        """The kinds of the ledger's entries, in order."""
        return [entry.kind for entry in self.register.entries()]

    def told(self, kind: str) -> list[dict[str, object]]:
        """What the ledger's entries of a kind tell."""
        return [dict(entry.payload or {}) for entry in self.register.entries() if entry.kind == kind]

    @staticmethod
    def _progress(writer: Writer, generation: int) -> Progress:
        return Progress(
            writer.recording, writer.size, writer.chain, writer.segments, generation, 1, 0, writer.frames
        )
