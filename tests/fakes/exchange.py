"""An Asterisk in memory, for calls that are acted out in virtual time.

Its dialplan is the product's own: `Stasis(notice)` under a watchdog of three seconds, then whatever the
test has the agents do. What it answers and tells is what a real one was seen to: `tests/calls` holds both
to one contract. `ari_away` and `ami_away` make the interfaces unreachable, one by one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

from asterisk_gdpr.errors import Refused, Unreachable
from asterisk_gdpr.ports import Arrival, Recorder, Reports, Way

WATCHDOG = 3.0
RATE = 8000
LOUD = b"\x11\x11"
"""A sample of somebody speaking; silence is zeroes."""


@dataclass
class Capture:
    """One MixMonitor: it writes while its channel is in a bridge, silence while it is muted."""

    left: Path
    right: Path
    muted: bool = False
    running: bool = True
    opened: list[frozenset[str]] = field(default_factory=list)
    """With whom it was opened."""


@dataclass
class Channel:
    """One channel; `dialplan` is what the watchdog of the dialplan has set for it."""

    id: str
    name: str
    arrival: Arrival | None = None
    up: bool = False
    in_stasis: bool = False
    alive: bool = True
    followed: bool = False
    bridge: str = ""
    variables: dict[str, str] = field(default_factory=dict)
    playing: str = ""
    played: list[str] = field(default_factory=list)
    """Media, in the order in which they were begun."""
    whispered: list[str] = field(default_factory=list)
    heard: bool = False
    """Whether its keys are told though nothing is captured."""
    silent: bool = False
    """Whether nothing goes to its phone, so that no whisper is heard."""
    quiet: asyncio.Event = field(default_factory=asyncio.Event)
    watchdog: asyncio.TimerHandle | None = None
    passed_at: float | None = None
    captures: dict[str, Capture] = field(default_factory=dict)
    writing_since: float = 0.0
    rate: int = RATE
    rings: bool = False
    holds: bool = False
    leg_of: str = ""
    """The caller for whom we called this one."""


class FakeExchange:
    """Plays `ports.Exchange` and tells `Reports`; `seconds` says how long a medium is, 0 if it fails."""

    def __init__(self, reports: Callable[[], Reports], seconds: Callable[[str], float]) -> None:
        self._to = reports
        self._seconds = seconds
        self._ids = count(1)
        self.channels: dict[str, Channel] = {}
        self.ari_away = False
        self.ami_away = False
        self.mute_refused = False
        self.says_who_holds = True
        """Whether it can be asked who holds, as of PJSIP's channels, and of no others."""
        self.recorders: set[Recorder] = set()
        self.unstoppable: set[Recorder] = set()
        self.asked_to_stop: list[Recorder] = []
        self.stop_later: list[tuple[str, str]] = []
        self.endpoints: dict[str, float | str | None] = {}
        """What who is called does: answers after so many seconds, is `busy`, or (None) lets it ring."""

    # --- ports.Exchange

    async def begin(
        self, channel: str, watchdog: float, playback: str, media: str, *, answer: bool = True
    ) -> None:
        here = self._in_stasis(channel)
        await self.rearm_watchdog(channel, watchdog)
        here.up = here.up or answer
        await self.play(channel, playback, media)
        await self.follow(channel)

    async def follow(self, channel: str) -> None:
        self._alive(channel).followed = True

    async def rearm_watchdog(self, channel: str, seconds: float) -> None:
        here = await self._settable(channel)
        self._watch(here, seconds)

    async def play(self, channel: str, playback: str, media: str, watchdog: float | None = None) -> None:
        if watchdog is not None:
            await self.rearm_watchdog(channel, watchdog)
        here = self._in_stasis(channel)
        here.playing = playback
        here.played.append(media)
        here.quiet.clear()
        lengths = [self._seconds(each) for each in media.split(",")]
        seconds = sum(lengths) if all(lengths) else 0.0
        _later(seconds, lambda: self._playback_over(here, playback, heard=seconds > 0))

    async def stop_playing(self, playback: str) -> None:
        self._ari()
        for here in self.channels.values():
            if here.playing == playback:
                self._playback_over(here, playback, heard=True)

    async def set_variables(self, channel: str, values: Mapping[str, str]) -> None:
        (await self._settable(channel)).variables.update(values)

    async def variable(self, channel: str, name: str) -> str:
        here = self._monitored(channel)
        said = here.arrival
        knows = {"CALLERID(num)": said.number, "CALLERID(dnid)": said.dialled} if said else {}
        return {**knows, **here.variables}.get(name, "")

    async def pass_on(self, channel: str, values: Mapping[str, str] | None = None) -> None:
        try:
            if values:
                await self.set_variables(channel, values)
        finally:
            self._leave_stasis(self._in_stasis(channel))

    async def rate(self, channel: str) -> int:
        return self._monitored(channel).rate

    async def start_muted(self, channel: str, left: str, right: str) -> str:
        here = self._monitored(channel)
        number = f"0x{next(self._ids):x}"
        if self.mute_refused:
            raise Refused("AMI answered.", id="ami-refused")
        here.captures[number] = Capture(Path(left), Path(right), muted=True)
        return number

    async def set_muted(self, channel: str, capture: str, muted: bool) -> None:
        here = self._monitored(channel)
        self._write(here)
        one = here.captures.get(capture)
        if one is None or not one.running:
            raise Refused("AMI answered.", id="ami-refused")
        one.muted = muted
        if not muted:
            one.opened.append(frozenset(self._with(here)))

    async def stop_capture(self, channel: str, capture: str) -> None:
        if self.ami_away:
            self.stop_later.append((channel, capture))
            return
        here = self.channels[channel]
        self._write(here)
        if one := here.captures.get(capture):
            one.running = False

    async def stop_recorder(self, recorder: Recorder) -> bool:
        """One that was told by `record` ends; one that runs on whatever is asked is in `unstoppable`."""
        if self.ami_away:
            raise Unreachable("AMI does not answer.")
        self.asked_to_stop.append(recorder)
        if recorder in self.unstoppable:
            return False
        self.recorders.discard(recorder)
        self._tell_recorders(recorder.at)
        return True

    async def catch_up(self) -> None:
        if self.ami_away:
            raise Unreachable("AMI does not answer.")
        for here in self.channels.values():
            self._write(here)

    async def whisper(self, channel: str, media: Sequence[str]) -> bool:
        self._ari()
        here = self._alive(channel)
        here.whispered += media
        await asyncio.sleep(sum(self._seconds(one) for one in media))
        return here.alive and not self.ari_away and not here.silent

    async def keep_hearing(self, channel: str) -> None:
        self._ari()
        self._alive(channel).heard = True

    # --- the connect mode

    async def ring(self, channel: str, watchdog: float) -> None:
        self._in_stasis(channel).rings = True
        await self.rearm_watchdog(channel, watchdog)

    async def dial(self, channel: str, leg: str, endpoint: str, seconds: int) -> None:
        caller = self._in_stasis(channel)
        if endpoint not in self.endpoints:
            raise Refused("ARI answered 500.", id="ari-refused")
        number = next(self._ids)
        here = self.channels[leg] = Channel(leg, f"{endpoint}-{number:08x}", followed=True, leg_of=caller.id)
        here.quiet.set()
        if caller.variables.get("GDPR_DIALSTATUS") != "ANSWER":
            caller.variables["GDPR_LEG"] = here.name
        here.watchdog = _later(seconds, lambda: None if here.up else self.hang_up(here, 19))
        behaves = self.endpoints[endpoint]
        if behaves == "busy":
            self.hang_up(here, 17)
        elif behaves is not None:
            _later(float(behaves), lambda: self._take_leg(here))

    async def bring_together(self, bridge: str, channel: str, leg: str) -> None:
        caller, called = self._in_stasis(channel), self._in_stasis(leg)
        caller.up, caller.rings = True, False
        caller.variables |= {"GDPR_DIALSTATUS": "ANSWER", "GDPR_LEG": called.name}
        for here in (caller, called):
            if here.watchdog:
                here.watchdog.cancel()
        self.join(bridge, *(one for one in (called, caller) if one.bridge != bridge))

    async def hand_back(self, channel: str, status: str) -> None:
        here = self._in_stasis(channel)
        here.rings = False
        here.variables |= {"GDPR_LEG": "", "GDPR_DIALSTATUS": status}
        self._leave_stasis(here)

    async def end_channel(self, channel: str) -> None:
        if channel in self.channels and self.channels[channel].alive:
            self.hang_up(self.channels[channel])

    async def dissolve(self, bridge: str) -> None:
        for here in list(self.channels.values()):
            if bridge and here.bridge == bridge:
                self.hang_up(here)

    def _take_leg(self, here: Channel) -> None:
        if here.alive:
            here.up = here.in_stasis = True
            self._to().leg_answered(here.id)

    # --- what people and the dialplan do

    def arrive(
        self, line: str, *, number: str = "+4915112345678", language: str = "en", **values: Any
    ) -> Channel:
        """A call comes in and runs into `Stasis()`; the watchdog is armed."""
        here = self._new("PJSIP/trunk")
        here.in_stasis = True
        here.variables = {"GDPR_CHOICE": "unavailable", "GDPR_RECORDING": "off"}
        here.arrival = Arrival(here.id, line, number, language, linkedid=here.id, **values)
        self._watch(here, WATCHDOG)
        self._to().call_arrived(here.arrival)
        return here

    def arrive_again(self, here: Channel, line: str, way: Way = Way.AGAIN, **values: Any) -> None:
        """The same channel runs into `Stasis()` once more, for another line."""
        assert here.alive and here.arrival is not None
        if here.bridge:
            self.leave(here)
        here.in_stasis = True
        here.passed_at = None
        here.arrival = replace(here.arrival, line=line, way=way, **values)
        self._watch(here, WATCHDOG)
        self._to().call_arrived(here.arrival)

    def press(self, here: Channel, digits: str) -> None:
        """The caller presses keys."""
        for digit in digits:
            self._to().key_pressed(here.id, digit)

    def fax(self, here: Channel) -> None:
        """The caller's channel sends the tone of a fax machine, and the dialplan takes it."""
        if not here.in_stasis:
            return
        here.in_stasis, here.playing = False, ""
        here.quiet.set()
        if here.watchdog:
            here.watchdog.cancel()
        here.variables["GDPR_CHOICE"] = "fax"
        _later(0, lambda: self._to().fax_heard(here.id))
        _later(0.1, lambda: self._to().left_notice(here.id))

    def refer(self, here: Channel, reference: str) -> None:
        """The dialplan of the caller's channel says what another system calls the call."""
        if here.alive and here.followed:
            self._to().reference_said(here.id, reference)

    def hang_up(self, here: Channel, cause: int = 16) -> None:
        """A channel goes: its prompt ends, its captures, its place in a bridge; AMI and ARI both tell.

        Who was joined with it by us goes too, by the dialplan's own doing, unless somebody took its place.
        """
        if not here.alive:
            return
        self._write(here)
        talked = here.bridge
        here.alive = here.in_stasis = False
        if here.watchdog:
            here.watchdog.cancel()
        here.playing = ""  # Asterisk tells no end of a prompt that a hang-up cut
        here.quiet.set()
        for capture in here.captures.values():
            capture.running = False
        self.leave(here)
        for tells in (not self.ami_away, here.followed and not self.ari_away):
            if tells:
                _later(0.002, lambda: self._to().hung_up(here.id, cause))
        for other in list(self.channels.values()):
            joined = other.leg_of == here.id or (
                here.leg_of == other.id and other.variables.get("GDPR_LEG") == here.name
            )
            if joined and talked and other.bridge == talked:
                self.hang_up(other)

    def record(self, *recorders: Recorder) -> None:
        """Somebody else begins to record, or to listen in."""
        self.recorders |= set(recorders)
        for recorder in recorders:
            self._tell_recorders(recorder.at)

    def _tell_recorders(self, at: str) -> None:
        self._to().other_recorders(at, {one for one in self.recorders if one.at == at})

    def join(self, bridge: str, *members: Channel) -> None:
        """Channels enter a bridge, one after the other."""
        for here in members:
            self._write(here)
            here.bridge = bridge
            here.writing_since = _now()
            if not self.ami_away:
                self._to().entered_bridge(here.id, here.name, bridge)

    def leave(self, here: Channel) -> None:
        """A channel leaves its bridge."""
        self._write(here)
        here.bridge = ""
        if not self.ami_away:
            self._to().left_bridge(here.id)

    def agent(self, name: str) -> Channel:
        """A channel of somebody who can be talked to, named as Asterisk names it."""
        return self._new(name)

    def hold(self, here: Channel, held: bool) -> None:
        """Somebody presses the hold key."""
        here.holds = held
        if not self.ami_away:
            self._to().hold_changed(here.id, held)

    def lose_ami(self) -> None:
        """AMI goes away, and that is noticed."""
        self.ami_away = True
        self._to().sight_lost()

    def reconnect(self) -> None:
        """Both interfaces come back, and what they do not repeat is asked for."""
        self.ari_away = self.ami_away = False
        there = [here for here in self.channels.values() if here.alive]
        for here in there:
            if here.bridge and self.says_who_holds:
                self._to().hold_changed(here.id, here.holds)
        self._to().bridges_known([(here.id, here.name, here.bridge) for here in there if here.bridge])
        self._to().channels_known({here.id: here.arrival if here.in_stasis else None for here in there})

    # --- inside

    def _new(self, name: str) -> Channel:
        number = next(self._ids)
        here = self.channels[f"pbx-{number}"] = Channel(f"pbx-{number}", f"{name}-{number:08x}")
        here.quiet.set()
        return here

    def _ari(self) -> None:
        if self.ari_away:
            raise Unreachable("ARI does not answer.")

    def _alive(self, channel: str) -> Channel:
        self._ari()
        if channel not in self.channels or not self.channels[channel].alive:
            raise Refused("The channel has hung up.", id="channel-gone")
        return self.channels[channel]

    def _in_stasis(self, channel: str) -> Channel:
        here = self._alive(channel)
        if not here.in_stasis:
            raise Refused("The channel is not in Stasis.", id="channel-elsewhere")
        return here

    def _monitored(self, channel: str) -> Channel:
        if self.ami_away:
            raise Unreachable("AMI does not answer.")
        if channel not in self.channels or not self.channels[channel].alive:
            raise Refused("The channel has hung up.", id="channel-gone")
        return self.channels[channel]

    async def _settable(self, channel: str) -> Channel:
        """Asterisk sets a variable when the prompt that plays is over."""
        await self._in_stasis(channel).quiet.wait()
        return self._in_stasis(channel)

    def _watch(self, here: Channel, seconds: float) -> None:
        if here.watchdog:
            here.watchdog.cancel()
        here.watchdog = _later(seconds, lambda: self._leave_stasis(here))

    def take_out(self, here: Channel) -> None:
        """Somebody leads a channel out of our hands, as AMI's `Redirect` does."""
        self._leave_stasis(here)

    def _leave_stasis(self, here: Channel) -> None:
        if not here.in_stasis:
            return
        here.in_stasis = False
        here.passed_at = _now()
        if here.watchdog:
            here.watchdog.cancel()
        here.playing = ""  # of a prompt that it has cut nothing is told but the leaving
        here.quiet.set()
        if not self.ari_away:
            _later(0, lambda: self._to().left_notice(here.id))

    def _playback_over(self, here: Channel, playback: str, *, heard: bool) -> None:
        """Asterisk says `done` of one that was stopped, too."""
        if here.playing != playback:
            return
        here.playing = ""
        here.quiet.set()
        if not self.ari_away:
            _later(0, lambda: self._to().prompt_ended(playback, heard))

    def _with(self, here: Channel) -> Sequence[str]:
        return [other.name for other in self.channels.values() if other is not here and other.bridge]

    def _write(self, here: Channel) -> None:
        """What MixMonitor has written until now."""
        frames = round((_now() - here.writing_since) * here.rate) if here.bridge else 0
        here.writing_since = _now()
        for capture in here.captures.values():
            if capture.running and frames:
                sample = b"\0\0" if capture.muted else LOUD
                for leg in (capture.left, capture.right):
                    if leg.exists():  # a real one goes on writing to a file that nobody can open any more
                        with leg.open("ab") as file:
                            file.write(sample * frames)


def _now() -> float:
    return asyncio.get_running_loop().time()


def _later(seconds: float, act: Callable[[], None]) -> asyncio.TimerHandle:
    return asyncio.get_running_loop().call_later(seconds, act)
