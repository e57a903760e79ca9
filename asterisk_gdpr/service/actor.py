"""One call, acted out: events into the machine one at a time, its effects carried out in order.

The machine decides and never waits; the actor waits and never decides. An effect that fails comes back
to the machine as an event. Effects of one event are carried out before the next event is looked at,
so what the machine believes and what has been asked for never drift apart by more than one step.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from asterisk_gdpr.core import call as machine
from asterisk_gdpr.core.call_values import (
    Abandon,
    Answer,
    Call,
    CaptureFailed,
    CaptureStarted,
    ChoiceCommitted,
    ChoiceNotCommitted,
    CloseRecording,
    CommitChoice,
    CommitWithdrawal,
    Effect,
    EndCall,
    Event,
    MuteCapture,
    OpenCapture,
    PartiesChanged,
    PassOn,
    Phase,
    Play,
    PrepareRecording,
    PromptEnded,
    RaiseAlarm,
    RecordingNotPrepared,
    RecordingPrepared,
    StartCapture,
    StopCapture,
    StopPlaying,
    WaitEnded,
    WaitForKey,
    Whisper,
    WithdrawalCommitted,
    WithdrawalNotCommitted,
)
from asterisk_gdpr.core.notice import part_id
from asterisk_gdpr.core.policy import LineRules, Policy
from asterisk_gdpr.core.recording import Reason, Tombstone
from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.errors import GdprError, Unreachable
from asterisk_gdpr.ports import Alarm, Clock, Evidence, Exchange, Legs, Register
from asterisk_gdpr.service.erasure import Erasure
from asterisk_gdpr.service.ids import new_id
from asterisk_gdpr.service.sampling import Sampling
from asterisk_gdpr.service.sealing import Sealing

log = logging.getLogger(__name__)

WATCHDOG_MARGIN = 2.0
"""Seconds beyond a prompt or a wait after which the dialplan takes the call back from a silent app."""

RETRY = (0.1, 0.3, 1.0, 3.0)
"""Seconds between tries of what must be written; the last one is repeated until it can be."""

T = TypeVar("T")


class Prompt(Protocol):
    """A prompt that can be played: `path` without its extension, its length, and the hash of its audio."""

    @property
    def path(self) -> str: ...  # noqa: D102  # the class says it
    @property
    def seconds(self) -> float: ...  # noqa: D102
    @property
    def audio_sha256(self) -> str: ...  # noqa: D102


@dataclass(frozen=True)
class House:
    """What every call of a node shares."""

    exchange: Exchange
    register: Register
    sealing: Sealing
    clock: Clock
    prompt: Callable[[str, str, str], Prompt]
    """(line, language, part id) → prompt; Refused when it is missing."""
    erasure: Erasure
    sampling: Sampling


@dataclass(frozen=True)
class Taken:
    """A call as it was taken: which policy holds for it, in which language it is spoken to."""

    id: str
    channel: str
    policy: Policy
    rules: LineRules
    language: str


@dataclass
class _Heard:
    """What was played of the notice, for the evidence."""

    parts: list[dict[str, Any]] = field(default_factory=list)

    def began(self, number: int, part: str, sha256: str, at: datetime) -> None:
        self.parts.append(
            {"playing": number, "id": part, "sha256": sha256, "at": to_text(at), "heard": False}
        )

    def ended(self, number: int, heard: bool) -> None:
        for part in self.parts:
            if part["playing"] == number:
                part["heard"] = heard

    def facts(self) -> list[dict[str, Any]]:
        return [{key: value for key, value in part.items() if key != "playing"} for part in self.parts]


class Actor:
    """The actor of one call; `tell` may be called from the event loop at any time."""

    def __init__(
        self,
        house: House,
        taken: Taken,
        registered: Awaitable[None],
        *,
        recording: str | None = None,
        capture: str | None = None,
    ) -> None:
        """`registered` is done when the call's row is in the register; the notice does not wait for it."""
        self._house = house
        self.taken = taken
        self._registered = asyncio.ensure_future(registered)
        self._call = Call(Phase.STATEMENT)
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._recording = recording
        self._capture = capture
        self._legs: Legs | None = None
        self._heard = _Heard()
        self._waiting: asyncio.TimerHandle | None = None
        self._playback = ""
        self._chores: set[asyncio.Task[None]] = set()

    @property
    def recording(self) -> str | None:
        """The recording that was prepared for this call, if any."""
        return self._recording

    def tell(self, event: Event) -> None:
        """Something happened."""
        self._events.put_nowait(event)

    def playing(self, playback: str) -> int | None:
        """The number of the prompt that Asterisk calls `playback`, if it is one of this call's."""
        call, _, number = playback.rpartition("-")
        return int(number) if call == self.taken.id and number.isdecimal() else None

    async def run(self, start: tuple[Call, tuple[Effect, ...]]) -> None:
        """Act until the call has ended and nothing is left to be done for it."""
        self._call, effects = start
        await self._carry_out(effects)
        while self._call.phase is not Phase.ENDED or not self._events.empty():
            event = await self._events.get()
            if isinstance(event, PromptEnded):
                self._heard.ended(event.playing, event.heard)
            before = self._call
            self._call, effects = machine.step(self.taken.rules, before, event)
            if isinstance(event, PartiesChanged):
                self._note_parties(before, event)
            await self._carry_out(effects)
        if self._waiting:
            self._waiting.cancel()
        if self._chores:
            await asyncio.wait(self._chores)

    async def _carry_out(self, effects: tuple[Effect, ...]) -> None:
        for effect in effects:
            try:
                await self._do(effect)
            except GdprError as error:
                self._failed(effect, error)

    async def _do(self, effect: Effect) -> None:
        exchange, channel = self._house.exchange, self.taken.channel
        match effect:
            case Answer():
                await exchange.answer(channel)
            case Play():
                await self._play(effect)
            case StopPlaying():
                await exchange.stop_playing(self._playback)
            case WaitForKey(playing, seconds):
                await exchange.rearm_watchdog(channel, seconds + WATCHDOG_MARGIN)
                self._wait(playing, seconds)
            case CommitChoice():
                await self._commit_choice(effect)
            case PrepareRecording(purposes):
                await self._prepare(purposes)
            case StartCapture():
                await self._start_capture()
            case OpenCapture():
                await self._mute(False)
            case MuteCapture():
                await self._mute(True)
            case StopCapture():
                await self._stop_capture()
            case PassOn():
                await self._pass_on(effect)
            case CommitWithdrawal():
                await self._commit_withdrawal(effect)
            case Whisper(part):
                await exchange.whisper(channel, self._media(self._prompt(part_id(part, 0))))
            case CloseRecording():
                self._chore(self._close_recording())
            case Abandon():
                await self._abandon()
            case EndCall(ending):
                await self._end(str(ending))
            case RaiseAlarm(id):
                self._chore(self._alarm(id))

    def _failed(self, effect: Effect, error: GdprError) -> None:
        """Tell the machine, where its answer matters; a channel that is gone is told by its hang-up."""
        log.warning("call %s: %s failed: %s", self.taken.id, type(effect).__name__, error.id)
        gone = error.id == "channel-gone"
        match effect:
            case Answer() | Play() if not gone:
                self.tell(PromptEnded(self._call.playing, heard=False))
            case CommitChoice():
                self.tell(ChoiceNotCommitted())
            case PrepareRecording():
                self.tell(RecordingNotPrepared())
            case StartCapture():
                self.tell(CaptureFailed())
            case OpenCapture() | MuteCapture() if not gone:
                self.tell(CaptureFailed())
            case WaitForKey(playing):
                self.tell(WaitEnded(playing))
            case _:
                pass

    # --- the notice ---------------------------------------------------------------------------

    def _prompt(self, part: str) -> Prompt:
        return self._house.prompt(self.taken.rules.line, self.taken.language, part)

    def _media(self, prompt: Prompt) -> str:
        return f"sound:{prompt.path}"

    async def _play(self, effect: Play) -> None:
        part = part_id(effect.part, effect.question)
        prompt = self._prompt(part)
        seconds = prompt.seconds + WATCHDOG_MARGIN
        await self._house.exchange.rearm_watchdog(self.taken.channel, seconds)
        self._playback = f"{self.taken.id}-{effect.playing}"
        self._heard.began(effect.playing, part, prompt.audio_sha256, self._now())
        await self._house.exchange.play(self.taken.channel, self._playback, self._media(prompt))

    def _wait(self, playing: int, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._waiting = loop.call_later(seconds, self.tell, WaitEnded(playing))

    async def _pass_on(self, effect: PassOn) -> None:
        values = {
            "GDPR_CHOICE": str(effect.outcome),
            "GDPR_RECORDING": "on" if effect.recording else "off",
            "GDPR_CALL": self.taken.id,
        }
        await self._house.exchange.set_variables(self.taken.channel, values)
        await self._house.exchange.pass_on(self.taken.channel)

    # --- the choice and the recording ---------------------------------------------------------

    async def _commit_choice(self, effect: CommitChoice) -> None:
        facts = {
            "line": self.taken.rules.line,
            "policy": self.taken.policy.version,
            "language": self.taken.language,
            "notice": self._heard.facts(),
            "said": [str(said) for said in effect.answers],
            "keys": [{"digit": key.digit, "at": to_text(key.at)} for key in effect.keys],
            "purposes": sorted(effect.purposes),
        }
        await asyncio.shield(self._registered)
        evidence = Evidence(self.taken.id, self._now(), str(effect.outcome), facts)
        await asyncio.to_thread(self._house.register.commit_choice, evidence)
        self.tell(ChoiceCommitted())

    async def _prepare(self, purposes: frozenset[str]) -> None:
        self._recording = new_id("r")
        taken = self.taken
        self._legs = await asyncio.to_thread(
            self._house.sealing.prepare,
            self._recording,
            taken.id,
            taken.rules.line,
            taken.policy,
            purposes,
        )
        self.tell(RecordingPrepared())

    async def _start_capture(self) -> None:
        assert self._legs is not None and self._recording is not None
        exchange = self._house.exchange
        self._capture = await exchange.start_muted(self.taken.channel, self._legs.left, self._legs.right)
        at = self._now()
        self._house.sealing.note(self._recording, lambda notes: notes.begin_stretch(1, at))
        await asyncio.to_thread(self._house.register.note_capture, self.taken.id, self._capture)
        self.tell(CaptureStarted())

    async def _mute(self, muted: bool) -> None:
        if self._capture is None:
            return
        await self._house.exchange.set_muted(self.taken.channel, self._capture, muted)
        self._note_change(muted, "parties")

    async def _stop_capture(self) -> None:
        """Stop MixMonitor and, where no purpose remains, the sealer too: whichever of them fails."""
        capture, self._capture = self._capture, None
        if self._recording is not None and not self._call.purposes:
            await asyncio.to_thread(self._house.sealing.let_go, self._recording)
        if capture is not None:
            try:
                await self._house.exchange.stop_capture(self.taken.channel, capture)
            except Unreachable:
                self._chore(self._stop_when_answered(capture))
            at = self._now()
            if self._recording is not None:
                self._house.sealing.note(self._recording, lambda notes: notes.end_stretch(at))
        if self._recording is not None and not self._call.purposes:
            self._chore(self._erase())

    async def _stop_when_answered(self, capture: str) -> None:
        """Asterisk did not answer: nobody seals what it still writes, and it is stopped when it can be."""
        while self._call.phase is not Phase.ENDED:
            await asyncio.sleep(RETRY[-1])
            with contextlib.suppress(Unreachable):
                await self._house.exchange.stop_capture(self.taken.channel, capture)
                return

    async def _close_recording(self) -> None:
        """Seal what is left, for as long as it takes the vault and the register to answer."""
        recording, ended_at = self._recording, self._now()
        if recording is None or not self._house.sealing.holds(recording):
            return
        if not await self._always(self._house.sealing.close, recording, ended_at):
            await self._abandon()

    async def _abandon(self) -> None:
        """A recording that must not exist, or in which nothing was ever captured."""
        if self._recording is None:
            return
        await asyncio.to_thread(self._house.sealing.let_go, self._recording)
        self._chore(self._entomb(self._recording, Reason.ABANDONED, timedelta()))

    # --- the withdrawal -----------------------------------------------------------------------

    async def _commit_withdrawal(self, effect: CommitWithdrawal) -> None:
        """Try once while the machine waits; what fails is tried again beside the call until it is written."""
        if self._recording is None:
            return
        try:
            await asyncio.to_thread(self._write_withdrawal, effect)
        except GdprError:
            self.tell(WithdrawalNotCommitted())
            self._chore(self._persist_withdrawal(effect))
        else:
            self.tell(WithdrawalCommitted())

    async def _persist_withdrawal(self, effect: CommitWithdrawal) -> None:
        await self._always(self._write_withdrawal, effect)
        self.tell(WithdrawalCommitted())
        await self._erase()

    def _write_withdrawal(self, effect: CommitWithdrawal) -> None:
        assert self._recording is not None
        grace = timedelta(seconds=self.taken.rules.withdraw_grace)
        self._house.erasure.withdraw(self._recording, effect.purposes, Reason.WITHDRAWN, grace)

    async def _entomb(self, recording: str, reason: Reason, grace: timedelta) -> None:
        now = self._now()
        mark = Tombstone(recording, reason, now, now + grace)
        await self._always(self._house.register.add_tombstone, mark)
        await self._erase()

    async def _erase(self) -> None:
        with contextlib.suppress(GdprError):  # the ticker tries again, and raises the alarm
            await asyncio.to_thread(self._house.erasure.carry_out)

    async def _end(self, ending: str) -> None:
        """A call that the register never came to know ends without a trace: nothing of it was kept."""
        await asyncio.shield(self._registered)
        await self._always(self._house.register.end_call, self.taken.id, self._now(), ending)

    # --- the rest -----------------------------------------------------------------------------

    def _now(self) -> datetime:
        return self._house.clock.now()

    def _note_change(self, muted: bool, reason: str) -> None:
        at = self._now()
        if self._recording is not None:
            self._house.sealing.note(
                self._recording, lambda notes: notes.change(at, muted=muted, reason=reason)
            )

    def _note_parties(self, before: Call, event: PartiesChanged) -> None:
        """Who joined: their clearance and its rule, never who they are."""
        known = {party.channel for party in before.parties}
        joined = [party for party in event.parties if party.channel not in known]
        if self._recording is not None and joined:
            told = [{"role": "agent", "cleared": p.cleared, "why": p.why or "unknown"} for p in joined]
            self._house.sealing.note(self._recording, lambda notes: notes.parties.extend(told))

    async def _alarm(self, id: str) -> None:
        message = f"Call {self.taken.id} on line {self.taken.rules.line}: {id}."
        alarm = Alarm(id, self.taken.rules.line, self._now(), message)
        with contextlib.suppress(GdprError):  # without a register the log is all there is
            await asyncio.to_thread(self._house.register.raise_alarm, alarm)

    async def _always(self, do: Callable[..., T], *args: Any) -> T:
        """Do what must be done in the end: again and again, more and more slowly, until it works."""
        tries = 0
        while True:
            try:
                return await asyncio.to_thread(do, *args)
            except GdprError as error:
                if error.exit_code != 3:
                    raise
                log.warning("call %s: waiting for what does not answer: %s", self.taken.id, error.id)
                await asyncio.sleep(RETRY[min(tries, len(RETRY) - 1)])
                tries += 1

    def _chore(self, work: Awaitable[None]) -> None:
        """Go on with the call while this is done; `run` ends only when it is."""
        task = asyncio.ensure_future(self._guard(work))
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)

    async def _guard(self, work: Awaitable[None]) -> None:
        try:
            await work
        except GdprError as error:
            log.error("call %s: %s", self.taken.id, error.id)
