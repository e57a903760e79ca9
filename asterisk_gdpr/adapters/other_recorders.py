"""Recorders that are not ours, as AMI tells of them: noticed, looked at, stopped.

Asterisk names no MixMonitor in the event of its start, so ours are counted: what is told beyond those was
asked for by somebody else (the dialplan, a queue, a key), and a list of the channel's MixMonitors says which
and into which file. After a connect everybody is looked at: what began before was told to nobody.
A conference is recorded by a channel that is in no list (`CBRec/NAME-...`), for everybody in its bridge.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable

from asterisk_gdpr.adapters.ami import AmiClient
from asterisk_gdpr.adapters.ami_wire import Message
from asterisk_gdpr.adapters.monitor_list import Monitor, monitors
from asterisk_gdpr.adapters.refusals import AmiError
from asterisk_gdpr.ports import By, Recorder, Reports

log = logging.getLogger(__name__)

FILE = "MIXMONITOR_FILENAME"
"""Where a channel's newest mixed file is named, for whoever may not ask for the list."""

SPIES = ("ChanSpy", "ExtenSpy")
AGAIN, TRIES = 0.1, 10
"""Seconds between looks at whether what was stopped is gone, and how many."""


class Ours:
    """Which starts and ends of recorders were asked for by us; no I/O."""

    def __init__(self) -> None:
        self._starts: Counter[str] = Counter()
        self._ends: Counter[str] = Counter()
        self._running: set[str] = set()

    def start(self, channel: str) -> None:
        """We are about to ask for a MixMonitor on a channel."""
        self._starts[channel] += 1

    def end(self, channel: str) -> None:
        """We are about to ask for the end of one."""
        self._ends[channel] += 1
        self._running.discard(channel)

    def runs(self, channel: str) -> None:
        """Ours has been started."""
        self._running.add(channel)

    def is_running(self, channel: str) -> bool:
        """Whether ours must be there, as far as we have a hand in it."""
        return channel in self._running

    def start_refused(self, channel: str) -> None:
        """Asterisk said no: no start will be told."""
        self._starts[channel] -= 1

    def end_refused(self, channel: str) -> None:
        """The same for an end."""
        self._ends[channel] -= 1

    def gone(self, channel: str) -> None:
        """The channel has ended."""
        self._starts.pop(channel, None)
        self._ends.pop(channel, None)
        self._running.discard(channel)

    def lost(self) -> None:
        """What was asked for may have been told to nobody."""
        self._starts.clear()
        self._ends.clear()

    def is_told(self, channel: str, *, start: bool) -> bool:
        """A start or an end was told: whether it is one that we asked for."""
        asked = self._starts if start else self._ends
        if asked[channel] <= 0:
            return False
        asked[channel] -= 1
        return True


class OtherRecorders:
    """What else records; `later` runs what nobody waits for, `spool` is the folder of our own legs."""

    def __init__(
        self,
        ami: AmiClient,
        reports: Callable[[], Reports],
        later: Callable[[Coroutine[None, None, None]], None],
        spool: str,
    ) -> None:
        self.ours = Ours()
        self._ami = ami
        self._reports = reports
        self._later = later
        self._spool = spool
        self._found: dict[str, frozenset[Recorder]] = {}
        self._names: dict[str, str] = {}
        self._looking: dict[str, asyncio.Lock] = {}

    def gone(self, channel: str) -> None:
        """The channel has ended, and what records it with it."""
        self.ours.gone(channel)
        self._looking.pop(channel, None)
        self._names.pop(channel, None)
        self._found.pop(channel, None)

    # --- noticing -----------------------------------------------------------------------------

    def told(self, message: Message) -> None:
        """An event that may be about a recorder."""
        match message.event:
            case "MixMonitorStart" | "MixMonitorStop":
                channel, start = message["Uniqueid"], message.event == "MixMonitorStart"
                if not self.ours.is_told(channel, start=start):
                    self._later(self._look(channel, message["Channel"], started=start))
            case "ConfbridgeRecord":
                self._later(self._look_at_conference(message["BridgeUniqueid"], message["Conference"]))
            case "ConfbridgeStopRecord":
                self._drop(message["BridgeUniqueid"], By.CONFBRIDGE)
            case "MonitorStart":
                at = message["Uniqueid"]
                self._add(Recorder(at, By.MONITOR, at))
            case "MonitorStop":
                self._drop(message["Uniqueid"], By.MONITOR)
            case "ChanSpyStart" if spied := message.get("SpyeeUniqueid", ""):
                self._add(Recorder(spied, By.CHANSPY, message["SpyerUniqueid"]))
            case "ChanSpyStop" if spied := message.get("SpyeeUniqueid", ""):
                self._drop(spied, By.CHANSPY, message["SpyerUniqueid"])

    def look_around(self, channels: Iterable[Message]) -> None:
        """Every channel, after a connect, by the list of them."""
        self._found.clear()
        self._later(self._look_at_all(list(channels)))

    async def _look_at_all(self, channels: list[Message]) -> None:
        conferences: dict[str, str] = {}
        for row in channels:
            await self._look(row["Uniqueid"], row["Channel"])
            application, data = row.get("Application", ""), row.get("ApplicationData", "").split(",")[0]
            if application in SPIES:
                for spied in channels:  # it may change from one to another: whoever can be meant is told of
                    if application == "ChanSpy" and spied is not row and spied["Channel"].startswith(data):
                        self._add(Recorder(spied["Uniqueid"], By.CHANSPY, row["Uniqueid"]))
            elif application == "ConfBridge" and row.get("BridgeId"):
                conferences[row["BridgeId"]] = data
        for bridge, conference in conferences.items():
            await self._look_at_conference(bridge, conference)

    async def _look(self, channel: str, name: str, started: bool | None = None) -> None:
        """What MixMonitors a channel has that are not ours; `started` is what was told of one, if any."""
        self._names[channel] = name
        async with self._looking.setdefault(channel, asyncio.Lock()):
            listed = await self._list(name)
            if listed is None:
                await self._guess(channel, started)
                return
            others = {
                Recorder(channel, By.MIXMONITOR, one.id, one.files)
                for one in listed
                if not one.is_ours(self._spool)
            }
            self._replace(channel, By.MIXMONITOR, others)
            if started is False and len(others) == len(listed) and self.ours.is_running(channel):
                self._reports().capture_ended(channel)

    async def _guess(self, channel: str, started: bool | None) -> None:
        """Without the right to ask, an event and a variable are all that there is."""
        known = self._of(channel, By.MIXMONITOR)
        if started is False:
            self._replace(channel, By.MIXMONITOR, set())
            if not known and self.ours.is_running(channel):
                self._reports().capture_ended(channel)
            return
        try:
            file = (await self._ami.action("Getvar", Channel=channel, Variable=FILE)).get("value", "")
        except AmiError:
            return  # the channel is gone
        if started or file:
            self._add(Recorder(channel, By.MIXMONITOR, "", file))

    async def _look_at_conference(self, bridge: str, conference: str) -> None:
        listed = await self._list(_taker_of(conference))
        if listed is None:
            self._add(Recorder(bridge, By.CONFBRIDGE, conference))
        elif listed:
            files = " ".join(one.files for one in listed)
            self._replace(bridge, By.CONFBRIDGE, {Recorder(bridge, By.CONFBRIDGE, conference, files)})

    async def _list(self, channel: str) -> list[Monitor] | None:
        """The MixMonitors of a channel, by its name; None where we may not ask.

        One that has only just begun is listed without its files for a moment.
        """
        for _ in range(TRIES if channel else 0):
            try:
                answer = await self._ami.action("Command", Command=f"mixmonitor list {channel}")
            except AmiError:
                return None
            listed = monitors(answer.get("Output", ""))
            if all(one.files for one in listed):
                return listed
            await asyncio.sleep(AGAIN)
        return [one for one in listed if one.files] if channel else []

    # --- what is known ------------------------------------------------------------------------

    def _of(self, at: str, by: By) -> set[Recorder]:
        return {one for one in self._found.get(at, ()) if one.by is by}

    def _add(self, recorder: Recorder) -> None:
        self._is(recorder.at, {*self._found.get(recorder.at, ()), recorder})

    def _replace(self, at: str, by: By, now: set[Recorder]) -> None:
        self._is(at, {one for one in self._found.get(at, ()) if one.by is not by} | now)

    def _drop(self, at: str, by: By, name: str = "") -> None:
        gone = {one for one in self._of(at, by) if not name or one.name == name}
        self._is(at, set(self._found.get(at, ())) - gone)

    def _is(self, at: str, now: set[Recorder]) -> None:
        before = self._found.get(at, frozenset())
        if now == before:
            return
        if now:
            self._found[at] = frozenset(now)
        else:
            del self._found[at]
        self._reports().other_recorders(at, frozenset(now))

    # --- stopping -----------------------------------------------------------------------------

    async def stop(self, recorder: Recorder) -> bool:
        """Stop this one, and no other; whether it is gone."""
        try:
            match recorder.by:
                case By.MIXMONITOR:
                    return await self._stop_mixmonitor(recorder)
                case By.CONFBRIDGE:
                    await self._ami.action("ConfbridgeStopRecord", Conference=recorder.name)
                    return await self._until_gone(lambda: self._is_unlisted(_taker_of(recorder.name)))
                case By.CHANSPY:
                    await self._ami.action("Hangup", Channel=recorder.name)
                    return await self._until_gone(lambda: self._is_no_channel(recorder.name))
                case By.MONITOR:
                    await self._ami.action("StopMonitor", Channel=recorder.at)
                    return True  # Asterisk's own word: there is nothing else to be asked
        except AmiError:  # its words may name a channel
            log.warning("a %s that is not ours was not stopped: Asterisk says no", recorder.by)
        return False

    async def _stop_mixmonitor(self, recorder: Recorder) -> bool:
        """Looked at once more before: an id that Asterisk has given to another is never stopped."""

        async def there() -> bool | None:
            listed = await self._list(self._names.get(recorder.at, ""))
            if listed is None or not recorder.name:
                return None
            ours = {one.id for one in listed if one.is_ours(self._spool)}
            return any(one.id == recorder.name and one.files == recorder.file for one in listed) and (
                recorder.name not in ours
            )

        async def gone() -> bool:
            return await there() is False

        if await there():
            self.ours.end(recorder.at)
            try:
                await self._ami.action("StopMixMonitor", Channel=recorder.at, MixMonitorID=recorder.name)
            except AmiError:
                self.ours.end_refused(recorder.at)
        if not await self._until_gone(gone):
            return False
        self._drop(recorder.at, recorder.by, recorder.name)
        return True

    async def _is_unlisted(self, channel: str) -> bool:
        return await self._list(channel) == []

    async def _is_no_channel(self, channel: str) -> bool:
        try:
            await self._ami.action("Getvar", Channel=channel, Variable=FILE)
        except AmiError:
            return True
        return False

    async def _until_gone(self, gone: Callable[[], Coroutine[None, None, bool]]) -> bool:
        for _ in range(TRIES):
            if await gone():
                return True
            await asyncio.sleep(AGAIN)
        return False


def _taker_of(conference: str) -> str:
    """The beginning of the name of the channel that records a conference."""
    return f"CBRec/{conference}-"
