"""Whoever else records or listens in: told to a person, kept, and stopped where the line's policy says so.

We cannot know why somebody does it. That a call is recorded by other means is never hidden by our own
recording of it, and it is loudest where the caller has refused. What is stopped is one recorder and no other:
the intent is in the ledger before, and done is what was seen to be gone; else it is tried again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Set
from typing import NoReturn, Protocol

from asterisk_gdpr.core.policy import Others
from asterisk_gdpr.errors import GdprError
from asterisk_gdpr.ports import Recorder, RecorderRow
from asterisk_gdpr.service.call.shared import Shared, Taken
from asterisk_gdpr.service.ids import new_id

OTHER = "other-recorder"
DESPITE = "recorded-despite-refusal"
RUNS_ON = "other-recorder-runs-on"

STEP = 1.0
"""Seconds between looks: a caller may have refused since, and what was to be stopped may run on."""


class Watched(Protocol):
    """A call of ours."""

    @property
    def taken(self) -> Taken: ...  # noqa: D102  # the names say it
    @property
    def must_not_be_recorded(self) -> bool: ...  # noqa: D102
    def alarm(self, id: str) -> None: ...  # noqa: D102


class Alive(Protocol):
    """The calls that are alive."""

    def __iter__(self) -> Iterator[Watched]: ...
    def subject(self, channel: str) -> Watched | None: ...  # noqa: D102


class OtherRecorders:
    """Recorders by the channel or bridge that they record; a call is told of each once, and when it is worse.

    `places` are the channels and bridges that a channel is together with.
    """

    def __init__(
        self,
        shared: Shared,
        calls: Alive,
        places: Callable[[str], Set[str]],
        later: Callable[[Awaitable[None]], None],
    ) -> None:
        self._shared = shared
        self._calls = calls
        self._places = places
        self._later = later
        self._at: dict[str, Set[Recorder]] = {}
        self._told: dict[str, set[str]] = {}
        """Alarms by call."""
        self._kept: dict[tuple[str, Recorder], str] = {}
        """Rows of the register by call and recorder."""
        self._written: set[str] = set()
        self._stopping: set[tuple[str, Recorder]] = set()

    def are(self, at: str, now: Set[Recorder]) -> None:
        """These record a channel or a bridge now."""
        if now:
            self._at[at] = now
        else:
            self._at.pop(at, None)
        for channel in self._places(at):  # of a bridge these are none: the next look finds them
            if call := self._calls.subject(channel):
                self.look_at(call)

    def gone(self, channel: str) -> None:
        """The channel has ended, and what recorded it with it."""
        self._at.pop(channel, None)

    def forget(self, call: str) -> None:
        """The call has ended."""
        self._told.pop(call, None)
        for known in [known for known in self._kept if known[0] == call]:
            self._written.discard(self._kept.pop(known))

    async def run(self) -> NoReturn:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(STEP)
            self.look()

    def look(self) -> None:
        """Look at every call."""
        if self._at:
            for call in self._calls:
                self.look_at(call)

    def look_at(self, call: Watched) -> None:
        """Do about a call what there is to be done."""
        if not self._at:
            return
        found = [one for place in self._places(call.taken.channel) for one in self._at.get(place, ())]
        for recorder in found:
            self._tell(call, DESPITE if call.must_not_be_recorded else OTHER)
            key = (call.taken.id, recorder)
            if key not in self._kept:
                self._kept[key] = new_id("o")
                self._later(self._keep(call, recorder, self._kept[key]))
            elif self._kept[key] in self._written and key not in self._stopping and _must_stop(call):
                self._stopping.add(key)
                self._later(self._stop(call, recorder, self._kept[key]))

    def _tell(self, call: Watched, id: str) -> None:
        told = self._told.setdefault(call.taken.id, set())
        if id not in told:
            told.add(id)
            call.alarm(id)

    async def _keep(self, call: Watched, recorder: Recorder, row: str) -> None:
        """Its file may hold a number: it is sealed, and in no log. What fails is tried at the next look."""
        try:
            await asyncio.to_thread(self._write, call.taken.id, recorder, row)
        except GdprError:
            self._kept.pop((call.taken.id, recorder), None)
            raise
        self._written.add(row)
        self.look_at(call)

    def _write(self, call: str, recorder: Recorder, row: str) -> None:
        shared = self._shared
        kept = RecorderRow(row, call, str(recorder.by), shared.clock.now())
        if recorder.file and shared.seal_file is not None:
            sealed, epoch = shared.seal_file(row, recorder.file)
            kept = RecorderRow(row, call, kept.by, kept.seen_at, sealed, epoch)
        shared.register.add_recorder(kept)

    async def _stop(self, call: Watched, recorder: Recorder, row: str) -> None:
        try:
            if not await self._is_stopped(recorder, row) and recorder in self._at.get(recorder.at, ()):
                self._tell(call, RUNS_ON)
                await asyncio.sleep(STEP)
        finally:
            self._stopping.discard((call.taken.id, recorder))

    async def _is_stopped(self, recorder: Recorder, row: str) -> bool:
        register, clock = self._shared.register, self._shared.clock
        await asyncio.to_thread(register.recorder_stopping, row, clock.now())
        try:
            if not await self._shared.exchange.stop_recorder(recorder):
                return False
        except GdprError:
            return False
        await asyncio.to_thread(register.recorder_stopped, row, clock.now())
        return True


def _must_stop(call: Watched) -> bool:
    match call.taken.rules.other_recorders:
        case Others.STOP:
            return True
        case Others.STOP_REFUSED:
            return call.must_not_be_recorded
    return False
