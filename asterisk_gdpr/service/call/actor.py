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
from datetime import datetime
from typing import Any

from asterisk_gdpr.core import call as machine
from asterisk_gdpr.core import connection
from asterisk_gdpr.core.call import effects as do
from asterisk_gdpr.core.call import events
from asterisk_gdpr.core.call.failures import meaning
from asterisk_gdpr.core.call.gate import RUNNING
from asterisk_gdpr.core.call.now import seen
from asterisk_gdpr.core.call.state import Call, Outcome, Part, Phase, Pressed, Verb
from asterisk_gdpr.core.connection import Connection
from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.errors import GdprError
from asterisk_gdpr.ports import CallRow
from asterisk_gdpr.service.call import entries
from asterisk_gdpr.service.call.answers import Answer, Answers
from asterisk_gdpr.service.call.connecting import Between, Connecting
from asterisk_gdpr.service.call.desk import Desk
from asterisk_gdpr.service.call.ears import Ears
from asterisk_gdpr.service.call.noting import note_step
from asterisk_gdpr.service.call.pace import Waiting
from asterisk_gdpr.service.call.shared import Shared, Taken
from asterisk_gdpr.service.call.steering import Steering
from asterisk_gdpr.service.call.telling import Telling
from asterisk_gdpr.service.call.timers import Timers

log = logging.getLogger(__name__)


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
        self.agrees_anew: Callable[[tuple[Pressed, ...]], None] | None = None
        """What is done where the caller agrees after a withdrawal; nothing where it cannot be."""
        self._call = Call(Phase.STATEMENT)
        self._start: tuple[Call, tuple[do.Effect, ...]] = (self._call, ())
        self._events: asyncio.Queue[Any] = asyncio.Queue()
        self._answers = Answers()
        self._connecting: Connecting | None = None
        if to_connect is not None:
            self.connect(*to_connect)
        self._desk = Desk(shared, taken, arrived, self.tell, recording)
        self._steering = Steering(shared, taken, self._desk, self.tell, capture)
        self._ears = Ears(shared.exchange, taken.id, shared.signal, self.tell)
        self._timers = Timers(self.tell)
        self._notice = Telling(shared, taken, self._timers, self._who_waits)
        self._told: dict[str, str] = {}
        self._acting = True
        self._waiting = Waiting(shared.pace)
        self._goes_on_elsewhere = False

    @property
    def taken(self) -> Taken:
        """What is settled of this call."""
        return self._notice.taken

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
        return not self._notice.begun and self.in_notice and self._connecting is None

    @property
    def waits_to_be_recorded(self) -> float:
        """For how many seconds this call has chosen and waits for its capture, which waits to be written."""
        return self._waiting.seconds

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
            self._shared.exchange, between, connection, self.tell, self._begin_notice, self._answers.give
        )

    @property
    def legs(self) -> str:
        """The call by whose id the channels are named that we called for it, which may be an earlier one."""
        return self._connecting.between.call if self._connecting is not None else self.taken.id

    def goes_on_as(self, other: Actor) -> None:
        """Whom it connects, and who waits for what comes of a command, are another call's from now on."""
        other._answers, self._goes_on_elsewhere = self._answers, True
        if (connecting := self._connecting) is not None:
            other._connecting = connecting
            connecting.serve(other.tell, other._begin_notice)

    def legs_known(self, channels: Container[str]) -> None:
        """Every living channel: a leg that is not among them has ended unheard."""
        if self._connecting is not None:
            self._connecting.legs_known(channels)

    def tell(self, event: events.Event | connection.Event) -> None:
        """Something happened."""
        self._events.put_nowait(event)

    def then(self, act: Callable[[], None]) -> None:
        """Do this when everything that has happened until now has been acted upon."""
        self._events.put_nowait(act)

    @property
    def until_now(self) -> entries.Earlier:
        """What was told and answered, for a caller who comes to another line."""
        return entries.until_now(self.taken, self._call, self._notice.heard, self.recording)

    def stays(self, policy: Policy, line: str) -> bool:
        """Whether nothing changes for the caller who comes to a line of this policy."""
        return entries.stays(self.taken, self._call, policy, line)

    def command(self, verb: Verb, answer: Answer, endpoint: str = "") -> None:
        """Somebody asks for something of the call; `answer` is told what came of it, once.

        `endpoint` is who is to take over in a swap, which is the connection's to do.
        """
        number = self._answers.owe(answer)
        swaps = verb is Verb.SWAP and self._connecting is not None
        self.tell(connection.Swap(endpoint, number) if swaps else events.Commanded(verb, number))

    def begin_with(self, start: tuple[Call, tuple[do.Effect, ...]]) -> None:
        """What the call is when `run` begins, and what is done for it then."""
        self._start = start
        if self._connecting is None or not self._connecting.calls_first:
            self._call = start[0]

    async def run(self) -> None:
        """Act until the call has ended and nothing is left to be done for it, or this process leaves."""
        try:
            async with self._desk.opening():
                if self._connecting is not None and self._connecting.calls_first:
                    await self._connecting.begin()
                else:
                    await self._begin_notice()
            while (event := await self._next()) is not None:
                await self._take(event)
                if isinstance(event, events.NodeLeaving):
                    return await self._desk.turns.all_done()
        finally:
            self._waiting.note(waits=False, served=False)
            self._timers.drop()
            self._steering.drop()
            if not self._goes_on_elsewhere:
                self._answers.end()
            self._desk.turns.drop()

    async def _next(self) -> Any:
        """The next event; None when the call has ended and nothing is under way that could bring one."""
        while self._call.phase is Phase.ENDED and self._events.empty():
            if not self._desk.turns.busy:
                return None
            await self._desk.turns.some_done()
        self._acting = False
        event = await self._events.get()
        self._acting = True
        return event

    async def _begin_notice(self) -> None:
        """What the call begins with; outbound, when the data subject has answered."""
        self._call, effects = self._start
        self._note_waiting()
        self._tell_changed()
        await self._carry_out(effects)

    async def _take(self, event: Any) -> None:
        before = self._call
        if callable(event):
            event()
            return
        if self._connecting is not None and await self._connecting.take(event):
            return
        if isinstance(event, events.PromptEnded):
            if self._notice.cut(event):
                return
            if ended := self._notice.proven(event):
                self._desk.over(ended)
        try:
            self._call, effects = machine.step(self.taken.rules, before, event)
        except Exception:
            log.exception("call %s: a bug, at %s", self.taken.id, type(event).__name__)
            self._call, effects = machine.step(self.taken.rules, before, events.WentWrong())
        note_step(self._desk, before, self._call, self._now())
        self._note_waiting()
        self._tell_changed()
        await self._carry_out(effects)

    def _note_waiting(self) -> None:
        self._waiting.note(waits=self._call.awaits_capture, served=self._call.capture in RUNNING)

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
        desk = self._desk
        match effect:
            case do.Answer() | do.TakeUp():
                self._notice.begin(effect)
            case do.Play():
                await self._notice.play(effect)
            case do.NextLanguage():
                self._notice.next_language()
            case do.StopPlaying():
                await self._notice.stop()
            case do.WaitForKey(playing, seconds):
                await self._notice.wait(playing, seconds)
            case do.CommitChoice():
                desk.commit_choice(self._notice.evidence(effect))
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
                self._timers.start(events.PauseEnded(pausing), seconds)
            case do.Beep():
                self._ears.beep([self.taken.channel, *(party.channel for party in self._call.parties)])
            case do.BeepAfter(beeping, seconds):
                self._timers.start(events.BeepDue(beeping), seconds)
            case do.TellParty(party):
                self._ears.tell_party(party, self._notice.media(Part.STATEMENT))
            case do.WhisperToParty(party, part):
                self._ears.whisper_to_party(party, self._notice.media(part))
            case do.GiveSignal(signal):
                self._ears.signal([party.channel for party in self._call.parties], signal)
            case do.Report(number, result):
                self._answers.give(number, result)
            case do.PassOn(outcome):
                if outcome is Outcome.REFUSED:
                    self._shared.pace.refused()
                await self._pass_on(effect)
            case do.CommitWithdrawal():
                desk.withdraw(effect)
            case do.KeepHearing():
                await self._ears.keep_hearing(self.taken.channel)
            case do.AgreeAnew(keys):
                if self.agrees_anew is not None:
                    self.agrees_anew(keys)
            case do.Whisper(part):
                self._ears.whisper(self.taken.channel, part, self._notice.media(part))
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
        if (meant := meaning(effect, why, self._call.playing)) is not None:
            self.tell(meant)

    # --- the notice ---------------------------------------------------------------------------

    def _who_waits(self) -> str:
        """Outbound somebody waits for the one who hears the notice."""
        return self._connecting.caller if self._connecting is not None and self._connecting.outbound else ""

    async def _pass_on(self, effect: do.PassOn) -> None:
        """The call goes on even where the dialplan cannot be told why."""
        values = {
            "GDPR_CHOICE": str(effect.outcome),
            "GDPR_RECORDING": "on" if effect.recording else "off",
            "GDPR_CALL": self.taken.id,
        }
        exchange, connecting = self._shared.exchange, self._connecting
        if connecting is None:
            return await exchange.pass_on(self.taken.channel, values)
        try:
            await exchange.set_variables(connecting.caller, values)
        finally:
            self.tell(connection.Ready())

    # --- the capture --------------------------------------------------------------------------

    async def _stop_capture(self) -> None:
        """Stop MixMonitor and, where no purpose remains, the sealer too: whichever of them fails."""
        try:
            await self._steering.stop()
        finally:
            if not self._call.purposes:
                self._desk.let_go()

    # --- who is there ------------------------------------------------------------------------

    def refer(self, reference: str) -> None:
        """What another system calls this call, said when the notice was over."""
        self._desk.refer(reference)

    def took_part(self, endpoints: Iterable[str]) -> None:
        """Agents who were in the talk and cleared; only where an agreement allows to keep that."""
        self._desk.took_part(endpoints)

    def _now(self) -> datetime:
        return self._shared.clock.now()
