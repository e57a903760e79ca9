"""A node on a stage: real actors, desks and sealer; Asterisk, register and vault in memory; time made up.

What is done in worker threads is done at once, or after `delay` seconds of the made-up time, so that a
story always takes the same course.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from asterisk_gdpr.adapters.spool import FileSpool
from asterisk_gdpr.core.policy import (
    Approval,
    Asking,
    Basis,
    Controller,
    Line,
    Mode,
    Others,
    Period,
    Permission,
    Policy,
    Purpose,
    Unit,
)
from asterisk_gdpr.core.recording import Recording
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import CallRow, RecorderRow
from asterisk_gdpr.seal.keys import VaultPrivateKey, data_key_info
from asterisk_gdpr.seal.manifest import Manifest
from asterisk_gdpr.seal.reader import open_manifest, open_segment_at, scan
from asterisk_gdpr.seal.signing import SigningKey
from asterisk_gdpr.service.alarms import Alarms
from asterisk_gdpr.service.call.calls import Calls
from asterisk_gdpr.service.call.in_force import InForce
from asterisk_gdpr.service.call.reconciliation import Reconciliation
from asterisk_gdpr.service.call.sampling import Sampling
from asterisk_gdpr.service.call.scribe import Scribe
from asterisk_gdpr.service.call.shared import Shared
from asterisk_gdpr.service.erasing.destruction import Destruction
from asterisk_gdpr.service.erasing.erasure import Erasure
from asterisk_gdpr.service.keys.keeper import SealedNumber, open_file, seal_file
from asterisk_gdpr.service.rights.references import References
from asterisk_gdpr.service.sealing.audio import decode
from asterisk_gdpr.service.sealing.manifests import describe
from asterisk_gdpr.service.sealing.sealing import Sealing
from tests.fakes.exchange import Channel, FakeExchange
from tests.fakes.register import MemoryRegister
from tests.fakes.vault import MemoryVault

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NODE = "pbx1"
PRIVATE, SIGNING = VaultPrivateKey.generate(), SigningKey.generate()
SECONDS = {"statement": 6.0, "question-1": 4.0, "details": 8.0, "agreed": 1.5, "kept_by_law": 2.0}
SILENCE = 3.0


def _purpose(name: str, basis: Basis, choice: Asking) -> Purpose:
    return Purpose(name, basis, choice, Period(90, Unit.DAYS), frozenset({"quality"}), {"en": name})


def _line(name: str, *purposes: str, **values: Any) -> Line:
    permission = values.pop("permission", Permission.ALL_CONSENT)
    return Line(name, purposes, permission=permission, languages=("en", "de"), **values)


POLICY = Policy(
    controller=Controller("Example Energy", "privacy@example.com", "https://example.com/calls"),
    pack="eu",
    approval=Approval("Example Person", date(2026, 11, 1)),
    purposes={
        "quality": _purpose("quality", Basis.CONSENT, Asking.OPT_IN),
        "disputes": _purpose("disputes", Basis.LEGITIMATE_INTERESTS, Asking.OPT_OUT),
        "training": _purpose("training", Basis.CONSENT, Asking.OPT_IN),
        "orders": _purpose("orders", Basis.LEGAL_OBLIGATION, Asking.NONE),
    },
    lines={
        "sales": _line("sales", "quality"),
        "support": _line("support", "disputes"),
        "told": _line("told", "disputes", permission=Permission.ALL_INFORMED, tell_joiners=True),
        "asked": _line("asked", "disputes", ask_joiners=True),
        "guarded": _line("guarded", "quality", other_recorders=Others.STOP_REFUSED),
        "alone": _line("alone", "disputes", other_recorders=Others.STOP),
        "slow": _line("slow", "disputes", withdraw_grace=60),
        "trading": _line("trading", "orders", "quality"),
        "overflow": _line("overflow", "quality"),
        "early": _line("early", "quality", early_media=True),
        "academy": _line("academy", "quality", "training"),
        "outage": _line("outage", exempt=True),
        "shadow": _line("shadow", "quality", mode=Mode.SHADOW),
    },
    version="5f6c" * 16,
)

ANNA, BEN = "PJSIP/anna", "PJSIP/ben"
STANDINGS = {ANNA: "consented", BEN: "informed"}


class Threads:
    """Worker threads without threads: what is handed to them is done here, after `delay` seconds.

    With `slow` seconds there is but one of them, and each piece of work takes it so long.
    """

    def __init__(self) -> None:
        self.delay = 0.0
        self.slow = 0.0
        self._free_at = 0.0
        # The loop's own method waits for real threads in real time.
        setattr(asyncio.get_running_loop(), "run_in_executor", self._run)  # noqa: B010  mypy forbids the other

    def _run(self, _executor: object, work: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        loop = asyncio.get_running_loop()
        done = loop.create_future()

        def act() -> None:
            if done.cancelled():
                return
            try:
                done.set_result(work(*args))
            except Exception as error:
                done.set_exception(error)

        if self.slow:
            self._free_at = max(self._free_at, loop.time()) + self.slow
            loop.call_at(self._free_at, act)
        elif self.delay:
            loop.call_later(self.delay, act)
        else:
            act()
        return done


class LoopClock:
    """The made-up time as a date."""

    def now(self) -> datetime:
        return NOON + timedelta(seconds=asyncio.get_running_loop().time())


@dataclass(frozen=True)
class Tone:
    """A prompt of the stage; its path is its name."""

    path: str
    seconds: float
    audio_sha256: str
    text: str


class Stage:
    """One node; `restart` gives it another life with the same register, vault, spool and Asterisk."""

    def __init__(self, spool: Path) -> None:
        self.threads = Threads()
        self.clock = LoopClock()
        self.register = MemoryRegister()
        self.vault = MemoryVault()
        self.spool = FileSpool(spool)
        self.missing: set[str] = set()
        self.policy = POLICY
        self.watching: asyncio.Future[Any] | None = None
        self.asterisk = FakeExchange(lambda: self.calls, self._seconds)
        self._live()
        self.calls.bridges_known([])

    def _live(self) -> None:
        describing = partial(describe, self.register)
        self.sealing = Sealing(
            self.register, self.vault, self.spool, PRIVATE.public, SIGNING, describing, self.clock, NODE
        )
        destruction = Destruction(self.register, self.vault, self.spool, SIGNING, self.clock, self._hand_over)
        self.erasure = Erasure(self.register, destruction, self.clock)
        self.shared = Shared(
            exchange=self.asterisk,
            register=self.register,
            sealing=self.sealing,
            clock=self.clock,
            prompt=self.prompt,
            signal="sound:signal",
            erasure=self.erasure,
            sampling=Sampling(lambda text: text.encode(), self.register, self.clock, NODE),
            alarms=Alarms(self.register, self.clock),
            scribe=Scribe(self.register),
            references=References(self.register, str.encode, self.clock),
            seal_file=lambda row, file: (seal_file(PRIVATE.public, row, file), PRIVATE.public.id),
        )
        self.calls = Calls(self.shared, InForce(self.policy, standings=STANDINGS), _seal_number, NODE)

    def restart(self, policy: Policy | None = POLICY) -> None:
        """Kill the process and start it again; `policy` is what it can still read of the old one."""
        self.kill()
        self.start(policy)

    def kill(self) -> None:
        """Nothing of the process goes on."""
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    def start(self, policy: Policy | None = POLICY) -> None:
        """Its next life; `policy` is what it can still read of the old one."""
        self._live()
        self.watch()
        start = Reconciliation(self.register, self.sealing, self.erasure, self.clock, NODE).start
        self.calls.adopt(start(lambda _: policy))
        self.asterisk.reconnect()

    def in_force(self, standings: Mapping[str, str]) -> InForce:
        """The same policy with other agents."""
        return replace(self.calls.in_force, standings=standings)

    def spool_notes(self) -> str:
        """Everything that lies noted in the spool."""
        return "".join((self.spool.notes(one) or b"").decode() for one in self.spool.recordings())

    def watch(self) -> None:
        """Watch over the calls, as the daemon does; to be begun in made-up time, which a fixture is not."""
        self.watching = asyncio.ensure_future(self.calls.watch())

    def prompt(self, line: str, language: str, part: str) -> Tone:
        """A part of the notice."""
        if part in self.missing:
            raise Refused("The prompt is missing.", id="prompt-missing")
        said = f"What {line} says in {language}: {part}."
        return Tone(part, SECONDS.get(part, 1.0), hashlib.sha256(part.encode()).hexdigest(), said)

    def _seconds(self, media: str) -> float:
        return SECONDS.get(media.removeprefix("sound:"), 1.0)

    def _hand_over(self, recording: Recording) -> bool:
        self.sealing.let_go(recording.id)
        self.calls.erasure_ordered(recording.id)
        return True

    # --- what a story is told with

    def row(self) -> CallRow:
        """The newest call."""
        return self.register.calls()[0]

    def recording(self) -> Recording:
        """The newest call's recording."""
        recording = self.row().recording
        assert recording is not None
        return self.register.recording(recording)

    def said(self) -> list[str]:
        """What the newest call's evidence says that the caller said."""
        evidence = self.register.evidence(self.row().id)
        assert evidence is not None
        said: list[str] = evidence.facts["said"]
        return said

    def alarms(self) -> list[str]:
        return [alarm.id for alarm in self.register.alarms()]

    def opened_file(self, row: RecorderRow) -> str | None:
        """What whoever has the vault's private key sees of another recorder."""
        return open_file(PRIVATE, row)

    def legs(self) -> bytes:
        """Every byte in the spool's legs."""
        return b"".join(
            Path(leg).read_bytes()
            for recording in self.spool.recordings()
            for _, legs in self.spool.find(recording)
            for leg in (legs.left, legs.right)
        )

    def opened(self) -> tuple[list[tuple[float, float]], Manifest]:
        """Of the newest recording, sealed: where there is sound on its left, in seconds; its manifest."""
        name = self.recording().id
        read = partial(self.vault.read, name)
        found = scan(read, self.vault.size(name) or 0)
        keys = {
            key.generation: PRIVATE.unwrap(key.wrapped, data_key_info(name, key.generation))
            for key in self.register.keys(name)
        }
        assert found.manifest is not None
        manifest = open_manifest(read, found, keys[found.manifest.generation])
        sound = b"".join(
            decode(open_segment_at(read, found, at, keys[at.generation]))[0] for at in found.segments
        )
        tenth = 4 * manifest["rate"] // 10
        spans: list[tuple[float, float]] = []
        for at in range(0, len(sound), tenth):
            start, end = at / tenth / 10, (at / tenth + 1) / 10
            if any(sound[at : at + tenth]):
                joined = bool(spans) and abs(spans[-1][1] - start) < 0.01
                spans[-1:] = [(spans[-1][0], end)] if joined else [*spans[-1:], (start, end)]
        return spans, manifest

    async def agreed(self, line: str = "sales") -> Channel:
        """A caller who agreed (or, on an opt-out line, did not object) and has been passed on."""
        if self.watching is None:
            self.watch()
        here = self.asterisk.arrive(line)
        await asyncio.sleep(SECONDS["statement"] + SECONDS["question-1"] + 0.5)
        if POLICY.purposes[POLICY.lines[line].purposes[-1]].choice is Asking.OPT_IN:
            self.asterisk.press(here, "1")
        await asyncio.sleep(SILENCE)
        assert not here.in_stasis
        return here

    async def talking(self, line: str = "sales", name: str = ANNA) -> tuple[Channel, Channel]:
        """The same, and an agent has answered."""
        here = await self.agreed(line)
        agent = self.asterisk.agent(name)
        self.asterisk.join("bridge-1", agent, here)
        await asyncio.sleep(0.1)
        return here, agent

    async def over(self, here: Channel) -> None:
        """Everybody hangs up, the caller first, and everything that follows from it has been done."""
        self.asterisk.hang_up(here)
        for other in [one for one in self.asterisk.channels.values() if one.bridge]:
            self.asterisk.hang_up(other)
        await asyncio.sleep(10)


def _seal_number(call: str, number: str) -> SealedNumber | None:
    return SealedNumber(f"sealed {call}".encode(), b"index", "epoch1") if number else None
