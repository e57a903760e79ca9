"""What is written down of one call: in the order in which it happened, and never in the call's way.

A register that is locked for seconds, a disk that is slow: none of it may keep a prompt, a key or the
passing on of a call waiting. So the actor does at once what Asterisk must do, and hands everything that
is written to the desk, which does one piece after the other in worker threads. Where the machine waits
for what came of it (the order of capture), it is told so as an event.

What must be written in the end (the end of a call, a withdrawal, a tombstone, the rest of a recording)
is tried until it can be (`service.call.turns`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial

from asterisk_gdpr.core.alarms import About, kind_of
from asterisk_gdpr.core.call import effects as do
from asterisk_gdpr.core.call import events
from asterisk_gdpr.core.call.state import Word
from asterisk_gdpr.core.recording import Reason, Tombstone
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import CallRow, Evidence, Legs
from asterisk_gdpr.service.call.shared import Shared, Taken
from asterisk_gdpr.service.call.turns import Turns
from asterisk_gdpr.service.ids import new_id
from asterisk_gdpr.service.rights.references import VARIABLE
from asterisk_gdpr.service.sealing.notes import Notes
from asterisk_gdpr.service.sealing.vouching import SAMPLE

log = logging.getLogger(__name__)


class Desk:
    """The desk of one call; `tell` takes what came of a piece of writing."""

    def __init__(
        self,
        shared: Shared,
        taken: Taken,
        arrived: Callable[[], CallRow] | None,
        tell: Callable[[events.Event], None],
        recording: str | None = None,
    ) -> None:
        """`arrived` makes the call's row, in a worker thread; None when it is in the register already."""
        self._shared = shared
        self._taken = taken
        self._arrived = arrived
        self._tell = tell
        self.recording = recording
        """The recording that was begun for this call, if any."""
        self.legs: Legs | None = None
        """Where MixMonitor writes, once that is prepared."""
        self._stretch = 1
        self._participants: set[str] = set()
        self.turns = Turns(taken.id, lambda: self.alarm("call-failed"))
        """What is still to be written, and in which order."""

    @asynccontextmanager
    async def opening(self) -> AsyncIterator[None]:
        """Begin with the call's row, and with nothing before the block ends: the caller comes first."""
        async with self.turns.nobody_before():
            if self._arrived is not None:
                self.turns.in_turn(self._add_call)
            yield

    # --- the choice ---------------------------------------------------------------------------

    def commit_choice(self, evidence: Evidence) -> None:
        """Write a choice and what proves it."""

        async def work() -> None:
            await self._add_call()
            await self._shared.scribe.write(self._shared.register.commit_choice, evidence)
            self._tell(events.ChoiceCommitted())
            self.over("choice-not-committed", "taken-back")

        self.turns.in_turn(work, partial(self._tell, events.ChoiceNotCommitted()))

    # --- the recording ------------------------------------------------------------------------

    def prepare(self, purposes: frozenset[str]) -> None:
        """Commit a data key for these purposes, and make the legs, for what the channel speaks."""
        recording = self.recording = new_id("r")
        self._stretch = 1

        async def work() -> None:
            try:
                self.legs = await self._sealing_prepares(recording, purposes)
            except Exception:
                self.turns.beside(
                    lambda: self._entomb(recording)
                )  # it may be in the register, and never grows
                raise
            self._tell(events.RecordingPrepared())
            self.turns.beside(self._note_reference)
            self.over("recording-not-prepared")

        self.turns.in_turn(work, partial(self._tell, events.RecordingNotPrepared()))

    def note_capture(self, capture: str, at: datetime, *, again: bool) -> None:
        """Write which MixMonitor runs, so that the next life of this process finds it.

        Another stretch does not wait for that: its recording exists, and somebody is talking.
        """
        stretch = self._stretch
        self.note(lambda notes: notes.begin_stretch(stretch, at))
        if again:
            self._tell(events.CaptureStarted())
            self.turns.in_turn(
                lambda: self.turns.always(self._shared.register.note_capture, self._taken.id, capture)
            )
            return

        async def work() -> None:
            await self._shared.scribe.write(self._shared.register.note_capture, self._taken.id, capture)
            self._tell(events.CaptureStarted())
            self.over("capture-failed")

        self.turns.in_turn(work, partial(self._tell, events.CaptureFailed()))

    def note(self, what: Callable[[Notes], None]) -> None:
        """Note something for the recording's manifest."""
        if (recording := self.recording) is not None:
            self.turns.in_turn(lambda: asyncio.to_thread(self._shared.sealing.note, recording, what))

    async def begin_stretch(self) -> None:
        """Make the legs of another stretch: memory alone, whatever else waits to be written."""
        if self.recording is None:
            raise Refused("There is no recording.", id="no-recording")
        sealing = self._shared.sealing
        self._stretch, self.legs = await asyncio.to_thread(sealing.begin_stretch, self.recording)

    # What is noted here at once is memory alone, and must not wait behind what was handed in before.

    def note_now(self, what: Callable[[Notes], None]) -> None:
        """Note something that a killed process must not forget."""
        if self.recording is not None:
            self._shared.sealing.note(self.recording, what)

    def opened(self) -> None:
        """Capture is about to be opened. Raises Refused where that cannot be noted."""
        if self.recording is not None:
            self._shared.sealing.opened(self.recording)

    def silence_first(self, seconds: float) -> None:
        """The first moment of the stretch that begins is silence."""
        if self.recording is not None:
            stretch = self._stretch

            def silence(notes: Notes) -> None:
                notes.silence(stretch, 0, round(seconds * notes.rate) * SAMPLE)

            self._shared.sealing.note(self.recording, silence)

    def muted(self) -> None:
        """Capture is muted."""
        if self.recording is not None:
            self._shared.sealing.muted(self.recording)

    def condemn(self, *, ended: bool = False) -> None:
        """What nobody vouched for by now is silence."""
        if self.recording is not None:
            self._shared.sealing.condemn(self.recording, ended=ended)

    def settle(self) -> None:
        """Who was in the call is known to its end."""
        if self.recording is not None:
            self._shared.sealing.settle(self.recording)

    def took_part(self, endpoints: Iterable[str]) -> None:
        """Remember agents until the recording is closed: then the register is told, and not before."""
        self._participants |= set(endpoints)

    def let_go(self) -> None:
        """Seal no more of the recording, and erase it if a tombstone says so."""
        if (recording := self.recording) is not None:
            self.turns.in_turn(lambda: asyncio.to_thread(self._let_go, recording))
            self.turns.begin_in_turn(self._erase)

    def close(self, ended_at: datetime) -> None:
        """Seal what is left of the recording, for as long as vault and register take to answer."""
        if (recording := self.recording) is not None:
            self.turns.begin_in_turn(lambda: self._close(recording, ended_at))

    def abandon(self) -> None:
        """Erase a recording that must not exist, or in which nothing was ever captured."""
        if (recording := self.recording) is not None:
            self.turns.begin_in_turn(lambda: self._abandon(recording))

    # --- the withdrawal and the end -----------------------------------------------------------

    def withdraw(self, effect: do.CommitWithdrawal) -> None:
        """End purposes: tried once while the machine waits, then beside the call until it is written."""
        grace = timedelta(seconds=self._taken.rules.withdraw_grace)
        reason = Reason.REQUESTED if effect.word is Word.AGENT else Reason.WITHDRAWN
        reached = {left.recording: left.optional for left in self._taken.earlier.left if left.optional}
        if (recording := self.recording) is not None:
            reached[recording] = effect.purposes
        if not reached:
            return
        for one, purposes in reached.items():
            self._shared.sealing.withdrawing(one, purposes, str(reason), grace.total_seconds())

        def write() -> bool:
            for one, purposes in reached.items():
                self._shared.erasure.withdraw(one, purposes, reason, grace)
            return any(self._shared.register.holds_of(one) for one in reached)

        async def again() -> None:
            self._tell(events.WithdrawalCommitted(held=await self.turns.always(write)))
            self.over("withdrawal-not-committed")
            await self._erase()

        async def work() -> None:
            try:
                held = await asyncio.to_thread(write)
            except Exception:
                self.turns.beside(again)
                raise
            self._tell(events.WithdrawalCommitted(held))

        self.turns.in_turn(work, partial(self._tell, events.WithdrawalNotCommitted()))
        if recording is None or effect.remaining:  # no capture is stopped, after which it would be erased
            self.turns.begin_in_turn(self._erase)

    def end(self, at: datetime, ending: str) -> None:
        """Write how the call ended; one that the register never came to know leaves no trace."""

        async def work() -> None:
            if self._arrived is None:
                act, by = self._shared.register.end_call, self._shared.scribe.write
                await self.turns.always(act, self._taken.id, at, ending, by=by)

        self.turns.begin_in_turn(work)

    def alarm(self, id: str) -> None:
        """Have a person look at it; without a register the log is all there is."""
        log.error("call %s: %s", self._taken.id, id)
        kind = kind_of(id)
        message = f"Call {self._taken.id} on line {self._taken.rules.line}: {kind.means if kind else id}."

        async def work() -> None:
            try:
                await asyncio.to_thread(self._shared.alarms.raise_, id, self._about(id), message)
            except Exception as error:
                log.error("call %s: the alarm is only here: %r", self._taken.id, error)

        self.turns.beside(work)

    def over(self, *ids: str) -> None:
        """What these alarms told of is over, as this call shows."""
        standing = [id for id in ids if self._about(id) in self._shared.alarms.about(id)]
        for id in standing:
            self.turns.beside(partial(asyncio.to_thread, self._shared.alarms.over, id, self._about(id)))

    def _about(self, id: str) -> str:
        kind = kind_of(id)
        return self._taken.id if kind and kind.about is About.CALL else self._taken.rules.line

    # --- inside -------------------------------------------------------------------------------

    async def _add_call(self) -> None:
        """Once; what failed at the arrival is tried again before the choice."""
        if self._arrived is not None:
            row = await asyncio.to_thread(self._arrived)
            await self._shared.scribe.write(self._shared.register.add_call, row)
            self._arrived = None

    async def _note_reference(self) -> None:
        """What another system calls this call, if the dialplan has said it: nobody waits for that."""
        if (references := self._shared.references) is None:
            return
        said = await self._shared.exchange.variable(self._taken.channel, VARIABLE)
        if said.strip():
            await self.turns.always(references.set, self._taken.id, said)

    def refer(self, said: str) -> None:
        """What another system calls this call, when the dialplan says so only later."""
        if (references := self._shared.references) is not None and self.recording is not None and said:
            self.turns.beside(lambda: self.turns.always(references.set, self._taken.id, said))

    async def _sealing_prepares(self, recording: str, purposes: frozenset[str]) -> Legs:
        taken, shared = self._taken, self._shared
        rate = await shared.exchange.rate(taken.channel)
        return await asyncio.to_thread(
            shared.sealing.prepare, recording, taken.id, taken.rules.line, taken.policy, purposes, rate
        )

    def _let_go(self, recording: str) -> None:
        """What a hold keeps is sealed to its end; anything else is not sealed any further. Blocks."""
        if self._shared.register.holds_of(recording):
            self._shared.sealing.close(recording, self._shared.clock.now())
        else:
            self._shared.sealing.let_go(recording)

    async def _close(self, recording: str, ended_at: datetime) -> None:
        captured = await self.turns.always(self._shared.sealing.close, recording, ended_at)
        if captured and self._participants:
            noted = frozenset(self._participants)
            await self.turns.always(self._shared.register.note_participants, recording, noted, ended_at)
        if not captured:
            await self._abandon(recording)

    async def _abandon(self, recording: str) -> None:
        await asyncio.to_thread(self._shared.sealing.let_go, recording)
        await self._entomb(recording)

    async def _entomb(self, recording: str) -> None:
        now = self._shared.clock.now()
        try:
            await self.turns.always(
                self._shared.register.add_tombstone, Tombstone(recording, Reason.ABANDONED, now, now)
            )
        except Refused:
            return  # the register never came to know it
        await self._erase()

    async def _erase(self) -> None:
        """What fails here is tried again by the ticker, which raises the alarm too."""
        await self._shared.sweeps.sweep()
