"""One call, acted out: events into the machine one at a time, its effects carried out in order.

The machine decides and never waits; the actor waits and never decides. What Asterisk must do is done
here, one effect after the other, and what fails comes back to the machine as an event; what must be
written is handed to the call's desk, which tells the machine what came of it.

A bug (anything that is raised and is no `GdprError`) is told to the machine too: the caller goes on,
capture ends, a person is told, and the traceback is in the log.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Container, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from asterisk_gdpr.core import call as machine
from asterisk_gdpr.core import connection
from asterisk_gdpr.core.call import effects as do
from asterisk_gdpr.core.call import events
from asterisk_gdpr.core.call.now import seen
from asterisk_gdpr.core.call.state import Call, Outcome, Part, Phase, Result, Verb
from asterisk_gdpr.core.connection import Connection
from asterisk_gdpr.core.language import after
from asterisk_gdpr.core.notice import part_id
from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.errors import GdprError
from asterisk_gdpr.ports import CallRow, Evidence
from asterisk_gdpr.service.connecting import Between, Connecting
from asterisk_gdpr.service.desk import Desk
from asterisk_gdpr.service.ears import Ears
from asterisk_gdpr.service.heard import PROVEN, Heard
from asterisk_gdpr.service.shared import Playable, Shared, Taken
from asterisk_gdpr.service.spelling import media, spelled
from asterisk_gdpr.service.steering import Steering

log = logging.getLogger(__name__)

WATCHDOG_MARGIN = 2.0
"""Seconds beyond a prompt or a wait after which the dialplan takes the call back from a silent app."""


class Actor:
    """The actor of one call; `tell` may be called from the event loop at any time."""

    def __init__(
        self,
        shared: Shared,
        taken: Taken,
        arrived: Callable[[], CallRow] | None = None,
        *,
        recording: str | None = None,
        capture: str | None = None,
        to_connect: tuple[Between, Connection] | None = None,
    ) -> None:
        """`arrived` makes the row of a new call; `recording` and `capture` are those of one taken up.

        `to_connect` is what is to be connected here, and not in the dialplan.
        """
        self._shared = shared
        self.taken = taken
        self._call = Call(Phase.STATEMENT)
        self._start: tuple[Call, tuple[do.Effect, ...]] = (self._call, ())
        self._events: asyncio.Queue[Any] = asyncio.Queue()
        self._connecting: Connecting | None = None
        if to_connect is not None:
            self.connect(*to_connect)
        self._desk = Desk(shared, taken, arrived, self.tell, recording)
        self._steering = Steering(shared, taken, self._desk, self.tell, capture)
        self._ears = Ears(shared.exchange, taken.id, shared.signal, self.tell)
        self._heard = Heard()
        self._waiting: asyncio.TimerHandle | None = None
        self._playback = ""
        self._armed = False
        self._told: dict[str, str] = {}
        self._acting = True
        self._pause: asyncio.TimerHandle | None = None
        self._beeping: asyncio.TimerHandle | None = None
        self._reports: dict[int, Callable[[Result], None]] = {}

    @property
    def recording(self) -> str | None:
        """The recording that was begun for this call, if any."""
        return self._desk.recording

    @property
    def in_notice(self) -> bool:
        """Whether the call is in our hands, and not yet (again) in the dialplan's."""
        return self._call.phase not in (Phase.PASSED, Phase.ENDED)

    def now(self) -> dict[str, str]:
        """The call as people see it."""
        light, because = seen(self._call)
        return {"call": self.taken.id, "phase": self._call.phase, "light": light, "because": because}

    @property
    def must_not_be_recorded(self) -> bool:
        """Whether the caller does not want to be recorded, by whomever."""
        return self._call.withdrawn or self._call.outcome in (Outcome.REFUSED, Outcome.NEVER)

    def alarm(self, id: str) -> None:
        """Have a person look at this call."""
        self._desk.alarm(id)

    def _tell_changed(self) -> None:
        """Whoever wants to know of every change is told of it, once."""
        if self._shared.changed is None:
            return
        now = {**self.now(), "line": self.taken.rules.line}
        if self._call.outcome is not None:
            now["outcome"] = self._call.outcome
        if now != self._told:
            self._told = now
            self._shared.changed(now)

    @property
    def settled(self) -> bool:
        """Whether everything that was told has been acted upon, and nothing of it is in doubt."""
        return not self._acting and self._events.empty() and not self._call.doubtful

    @property
    def in_hands(self) -> bool:
        """Whether the channel that the dialplan handed over is not in its hands again."""
        return self.in_notice or (self._connecting is not None and not self._connecting.is_over)

    @property
    def unanswered(self) -> bool:
        """Whether the caller has not heard a word of us yet; whoever is being connected hears ringing."""
        return not self._playback and self.in_notice and self._connecting is None

    @property
    def connects(self) -> bool:
        """Whether a connection was ever to be made here."""
        return self._connecting is not None

    @property
    def caller(self) -> str:
        """The channel that the dialplan handed over to be connected; empty if it was not."""
        return self._connecting.caller if self._connecting is not None else ""

    def connect(self, between: Between, connection: Connection) -> None:
        """From now on whoever the call is to reach is called here."""
        self._connecting = Connecting(
            self._shared.exchange, between, connection, self.tell, self._begin_notice, self._report
        )

    def legs_known(self, channels: Container[str]) -> None:
        """Every living channel: a leg that is not among them has ended unheard."""
        if self._connecting is not None:
            self._connecting.legs_known(channels)

    def tell(self, event: events.Event | connection.Event) -> None:
        """Something happened."""
        self._events.put_nowait(event)

    def command(self, verb: Verb, answer: Callable[[Result], None], endpoint: str = "") -> None:
        """Somebody asks for something of the call; `answer` is told what came of it, once.

        `endpoint` is who is to take over in a swap, which is the connection's to do.
        """
        number = max(self._reports, default=0) + 1
        self._reports[number] = answer
        swaps = verb is Verb.SWAP and self._connecting is not None
        self.tell(connection.Swap(endpoint, number) if swaps else events.Commanded(verb, number))

    def _report(self, number: int, result: Result) -> None:
        if answer := self._reports.pop(number, None):
            answer(result)

    async def run(self, start: tuple[Call, tuple[do.Effect, ...]]) -> None:
        """Act until the call has ended and nothing is left to be done for it, or this process leaves."""
        try:
            async with self._desk.opening():
                self._start = start
                if self._connecting is not None and self._connecting.calls_first:
                    await self._connecting.begin()
                else:
                    await self._begin_notice()
            while (event := await self._next()) is not None:
                await self._take(event)
                if isinstance(event, events.NodeLeaving):
                    return await self._desk.all_done()
        finally:
            for timer in (self._waiting, self._pause, self._beeping):
                if timer:
                    timer.cancel()
            self._steering.drop()
            for answer in self._reports.values():
                answer(Result.NOT_TALKING)
            self._desk.drop()

    async def _next(self) -> Any:
        """The next event; None when the call has ended and nothing is under way that could bring one."""
        while self._call.phase is Phase.ENDED and self._events.empty():
            if not self._desk.busy:
                return None
            await self._desk.some_done()
        self._acting = False
        event = await self._events.get()
        self._acting = True
        return event

    async def _begin_notice(self) -> None:
        """What the call begins with; outbound, when the data subject has answered."""
        self._call, effects = self._start
        self._tell_changed()
        await self._carry_out(effects)

    async def _take(self, event: Any) -> None:
        before = self._call
        if self._connecting is not None and await self._connecting.take(event):
            return
        if isinstance(event, events.PromptEnded):
            if self._heard.cut(event):
                return
            if event.heard and (ended := PROVEN.get(self._heard.part(event.playing))):
                self._desk.over(ended)
        try:
            self._call, effects = machine.step(self.taken.rules, before, event)
        except Exception:
            log.exception("call %s: a bug, at %s", self.taken.id, type(event).__name__)
            self._call, effects = machine.step(self.taken.rules, before, events.WentWrong())
        if isinstance(event, events.PartiesChanged):
            self._note_parties(before, event)
        self._tell_changed()
        await self._carry_out(effects)

    async def _carry_out(self, effects: tuple[do.Effect, ...]) -> None:
        for effect in effects:
            try:
                await self._do(effect)
            except GdprError as error:
                level = logging.INFO if error.id == "channel-gone" else logging.WARNING
                log.log(level, "call %s: %s failed: %s", self.taken.id, type(effect).__name__, error.id)
                self._failed(effect, error.id)
            except Exception:
                log.exception("call %s: a bug, at %s", self.taken.id, type(effect).__name__)
                self.tell(events.WentWrong())

    async def _do(self, effect: do.Effect) -> None:
        exchange, channel, desk = self._shared.exchange, self.taken.channel, self._desk
        match effect:
            case do.Answer():
                await self._answer()
            case do.Play():
                await self._play(effect)
            case do.NextLanguage():
                spoken = self.taken.policy.lines[self.taken.rules.line].languages
                self.taken = replace(self.taken, language=after(spoken, self.taken.language))
            case do.StopPlaying():
                await exchange.stop_playing(self._playback)
            case do.WaitForKey(playing, seconds):
                self._wait(playing, seconds)
                await self._rearm(seconds + WATCHDOG_MARGIN)
            case do.CommitChoice():
                desk.commit_choice(self._evidence(effect))
            case do.PrepareRecording(purposes):
                desk.prepare(purposes)
            case do.StartCapture():
                renewing, in_talk = self._call.renewing, self._call.phase is Phase.PASSED
                await self._steering.start(again=renewing, in_talk=in_talk)
            case do.RenewCapture():
                await self._steering.renew()
            case do.OpenCapture():
                await self._steering.open()
            case do.MuteCapture(reason):
                await self._steering.mute(str(reason))
            case do.Silence():
                desk.condemn()
            case do.StopCapture():
                await self._stop_capture()
            case do.EndPauseAfter(pausing, seconds):
                self._end_pause_after(pausing, seconds)
            case do.Beep():
                self._ears.beep([self.taken.channel, *(party.channel for party in self._call.parties)])
            case do.BeepAfter(beeping, seconds):
                self._beep_after(beeping, seconds)
            case do.TellParty(party):
                self._ears.tell_party(party, media(self._prompt(part_id(Part.STATEMENT))))
            case do.GiveSignal(signal):
                self._ears.signal([party.channel for party in self._call.parties], signal)
            case do.Report(number, result):
                self._report(number, result)
            case do.PassOn():
                await self._pass_on(effect)
            case do.CommitWithdrawal():
                desk.withdraw(effect)
            case do.Whisper(part):
                self._ears.whisper(channel, part, media(self._prompt(part_id(part, 0))))
            case do.CloseRecording(in_doubt):
                desk.condemn(ended=True) if in_doubt else desk.settle()
                desk.close(self._now())
            case do.Abandon():
                desk.abandon()
            case do.EndCall(ending):
                desk.end(self._now(), str(ending))
            case do.RaiseAlarm(id):
                desk.alarm(id)

    def _failed(self, effect: do.Effect, why: str) -> None:
        """Tell the machine what Asterisk's no means to it."""
        match effect, why:
            case ((do.Answer() | do.Play() | do.WaitForKey() | do.PassOn()), "channel-gone"):
                self.tell(events.HungUp())  # its event may have come before the call's arrival
            case ((do.Answer() | do.Play() | do.WaitForKey()), "channel-elsewhere"):
                self.tell(events.LeftNotice())
            case ((do.Answer() | do.Play()), _):
                self.tell(events.PromptEnded(self._call.playing, heard=False))
            case do.StartCapture(), _:
                self.tell(events.CaptureFailed())
            case do.PassOn(recording=True), _:
                self.tell(events.CaptureFailed())  # the dialplan goes on believing that nothing is recorded
            case ((do.OpenCapture() | do.MuteCapture()), _) if why != "channel-gone":
                self.tell(events.CaptureFailed())
            case _:
                pass  # a wait ends by itself or by the watchdog; the rest changes nothing

    # --- the notice ---------------------------------------------------------------------------

    def _prompt(self, part: str) -> Playable:
        prompt = self.taken.prompt or self._shared.prompt
        return prompt(self.taken.rules.line, self.taken.language, part)

    async def _answer(self) -> None:
        """A round trip before the first sound is a silence: the statement's watchdog goes along."""
        statement = self._prompt(part_id(Part.STATEMENT))
        seconds = statement.seconds + WATCHDOG_MARGIN
        await self._shared.exchange.answer(self.taken.channel, seconds)
        await self._keep_waiting(seconds)
        self._armed = True

    async def _rearm(self, seconds: float) -> None:
        await self._shared.exchange.rearm_watchdog(self.taken.channel, seconds)
        await self._keep_waiting(seconds)

    async def _keep_waiting(self, seconds: float) -> None:
        """Outbound somebody waits for the one who hears the notice."""
        if self._connecting is not None and self._connecting.outbound:
            await self._shared.exchange.rearm_watchdog(self._connecting.caller, seconds + WATCHDOG_MARGIN)

    async def _play(self, effect: do.Play) -> None:
        part = part_id(effect.part, effect.question)
        prompt = self._prompt(part)
        if effect.part is Part.RECEIPT:
            prompt = await spelled(self._shared, self.taken, prompt)
        exchange, channel = self._shared.exchange, self.taken.channel
        if not self._armed:
            await self._rearm(prompt.seconds + WATCHDOG_MARGIN)
        self._playback = f"{self.taken.id}-{effect.playing}"
        self._heard.began(effect.playing, part, prompt, self._now())
        await exchange.play(channel, self._playback, media(prompt))
        if self._armed:
            await exchange.follow(channel)
        self._armed = False

    def _wait(self, playing: int, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._waiting = loop.call_later(seconds, self.tell, events.WaitEnded(playing))

    async def _pass_on(self, effect: do.PassOn) -> None:
        """The call goes on even where the dialplan cannot be told why."""
        values = {
            "GDPR_CHOICE": str(effect.outcome),
            "GDPR_RECORDING": "on" if effect.recording else "off",
            "GDPR_CALL": self.taken.id,
        }
        exchange, connecting = self._shared.exchange, self._connecting
        try:
            await exchange.set_variables(connecting.caller if connecting else self.taken.channel, values)
        finally:
            if connecting is None:
                await exchange.pass_on(self.taken.channel)
            else:
                self.tell(connection.Ready())

    def _evidence(self, effect: do.CommitChoice) -> Evidence:
        facts = {
            "line": self.taken.rules.line,
            "policy": self.taken.policy.version,
            "language": self.taken.language,
            "notice": self._heard.facts(),
            "said": [str(said) for said in effect.answers],
            "keys": [{"digit": key.digit, "at": to_text(key.at)} for key in effect.keys],
            "purposes": sorted(effect.purposes),
        }
        return Evidence(self.taken.id, self._now(), str(effect.outcome), facts)

    # --- the capture --------------------------------------------------------------------------

    async def _stop_capture(self) -> None:
        """Stop MixMonitor and, where no purpose remains, the sealer too: whichever of them fails."""
        try:
            await self._steering.stop()
        finally:
            if not self._call.purposes:
                self._desk.let_go()

    def _beep_after(self, beeping: int, seconds: float) -> None:
        if self._beeping:
            self._beeping.cancel()
        self._beeping = asyncio.get_running_loop().call_later(seconds, self.tell, events.BeepDue(beeping))

    def _end_pause_after(self, pausing: int, seconds: float) -> None:
        if self._pause:
            self._pause.cancel()
        loop = asyncio.get_running_loop()
        self._pause = loop.call_later(seconds, self.tell, events.PauseEnded(pausing))

    # --- who is there ------------------------------------------------------------------------

    def took_part(self, endpoints: Iterable[str]) -> None:
        """Agents who were in the talk and cleared; only where an agreement allows to keep that."""
        self._desk.took_part(endpoints)

    def _note_parties(self, before: Call, event: events.PartiesChanged) -> None:
        """Who joined: their clearance and its rule, never who they are."""
        known = {party.channel for party in before.parties}
        joined = [party for party in event.parties if party.channel not in known]
        if joined:
            told = [{"role": "agent", "cleared": p.cleared, "why": p.why or "unknown"} for p in joined]
            self._desk.note(lambda notes: notes.parties.extend(told))

    def _now(self) -> datetime:
        return self._shared.clock.now()
