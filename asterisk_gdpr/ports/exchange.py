"""The telephone exchange: what a call asks of it, and what it reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from asterisk_gdpr.ports.recorders import Recorder


class Exchange(Protocol):
    """What a call needs done by Asterisk, whichever of its interfaces does it.

    `channel` is always Asterisk's unique id, which is ARI's channel id too.
    Raises `Refused` with id `channel-gone` when the channel has hung up, and with id `channel-elsewhere`
    when it lives but is in the dialplan, where it cannot be played to or passed on.
    """

    async def begin(
        self, channel: str, watchdog: float, playback: str, media: str, *, answer: bool = True
    ) -> None:
        """Answer, rearm the watchdog, start a prompt, follow: all at once, since the caller waits for it.

        One that is up stays up; without `answer` one that is not hears the prompt in early media.
        """
        ...

    async def follow(self, channel: str) -> None:
        """Keep hearing of a channel when it is in the dialplan; without this it is heard of only here."""
        ...

    async def rearm_watchdog(self, channel: str, seconds: float) -> None:
        """Let the dialplan take the call back after so many seconds without a word from us."""
        ...

    async def play(self, channel: str, playback: str, media: str, watchdog: float | None = None) -> None:
        """Start a prompt, or several joined by commas; the end comes as an event that names `playback`.

        `watchdog` rearms it before.
        """
        ...

    async def stop_playing(self, playback: str) -> None:
        """Stop a prompt at once; one that has ended already is no error."""
        ...

    async def set_variables(self, channel: str, values: Mapping[str, str]) -> None:
        """Set channel variables, inherited by channels that this one gives rise to.

        Never while a prompt plays: it would wait for the prompt's end.
        """
        ...

    async def variable(self, channel: str, name: str) -> str:
        """What a variable of a living channel says, wherever the channel is; empty where it says nothing."""
        ...

    async def pass_on(self, channel: str, values: Mapping[str, str] | None = None) -> None:
        """Let the call continue in the dialplan, with these variables set; without them where that fails."""
        ...

    async def rate(self, channel: str) -> int:
        """How many samples a second a recording of this channel is to have: 8000, or 16000 for wideband."""
        ...

    async def start_muted(self, channel: str, left: str, right: str) -> str:
        """Start MixMonitor into the two leg files, of the rate that their names say, and mute it at once.

        Returns its id. `left` receives what the channel sends, `right` what it is sent. After a failure
        nothing is left running: what cannot be stopped now is stopped as soon as it can be.
        """
        ...

    async def set_muted(self, channel: str, capture: str, muted: bool) -> None:
        """Mute or open a running capture, both directions."""
        ...

    async def stop_capture(self, channel: str, capture: str) -> None:
        """End a capture; one that has ended is no error, one that cannot be reached is ended when it can."""
        ...

    async def stop_recorder(self, recorder: Recorder) -> bool:
        """Stop a recorder or a listener that is not ours, and no other; whether it is gone.

        Who listens in is stopped by ending their call.
        """
        ...

    async def catch_up(self) -> None:
        """Return when everything that happened in bridges until now has been told.

        Raises Unreachable when it is not told any more.
        """
        ...

    async def whisper(self, channel: str, media: Sequence[str]) -> bool:
        """Play prompts for this channel alone; whether they were played to their end, and heard.

        Returns when they have ended, however that was. A whisper is mixed into what goes to the phone, music
        and ringing included: where nothing goes there, nobody hears it.
        """
        ...

    async def keep_hearing(self, channel: str) -> None:
        """Tell the keys of a talk that is captured no more, too, until it ends or is captured again."""
        ...

    # --- the connect mode: the caller is a channel in our hands, a leg one that we have called

    async def ring(self, channel: str, watchdog: float) -> None:
        """Let a caller hear that it rings, and rearm the watchdog."""
        ...

    async def dial(self, channel: str, leg: str, endpoint: str, seconds: int) -> None:
        """Call an endpoint for a caller, whose number it is shown; `leg` is the new channel's id.

        Comes back as `leg_answered`, or as `hung_up` with the cause. Raises Refused where there is no such
        endpoint.
        """
        ...

    async def bring_together(self, bridge: str, channel: str, leg: str) -> None:
        """Put a caller and a leg into one bridge (made when it is not there): they talk.

        No watchdog of ours runs in a talk; the dialplan's own timeout does. From here on each of them ends
        with the other, whether we live or not.
        """
        ...

    async def hand_back(self, channel: str, status: str) -> None:
        """Let the dialplan go on with a caller, and know what became of the connecting."""
        ...

    async def end_channel(self, channel: str) -> None:
        """End a channel; one that has ended is no error."""
        ...

    async def dissolve(self, bridge: str) -> None:
        """Remove a bridge, and end whoever is still in it."""
        ...


class Way(StrEnum):
    """What the dialplan hands a channel over for."""

    NOTICE = "notice"
    """Tell and ask the caller, and give the call back."""
    AGAIN = "again"
    """The same for a caller who was asked on another line of the same call."""
    CONNECT = "connect"
    """The same, and connect the call with an endpoint."""
    CALLED = "called"
    """Tell and ask the one who was called by a Dial() that goes on when we are done."""
    PRIVACY = "privacy"
    """Let the caller do by phone what they may do about recordings, and give the call back."""


@dataclass(frozen=True)
class Arrival:
    """A call that the dialplan has handed to us; `number` is as the network gave it.

    `language` is CHANNEL(language), `chosen_language` what the caller chose in an IVR (empty: nothing);
    `linkedid` is what all channels of one call share (empty: not told); `dialled` is what was dialled to
    reach the line, `way` what we are asked to do. `asked` says that this call has been asked before.
    `name` is the channel's, as Asterisk has made it of its endpoint.
    """

    channel: str
    line: str
    number: str
    language: str
    chosen_language: str = ""
    linkedid: str = ""
    dialled: str = ""
    way: Way = Way.NOTICE
    endpoint: str = ""
    seconds: int = 0
    asked: bool = False
    name: str = ""


class Reports(Protocol):
    """What the exchange tells, in the order in which it happened; none of these may block."""

    def call_arrived(self, arrival: Arrival) -> None: ...
    def prompt_ended(self, playback: str, heard: bool) -> None: ...
    def key_pressed(self, channel: str, digit: str) -> None: ...
    def left_notice(self, channel: str) -> None: ...
    def fax_heard(self, channel: str) -> None:
        """The caller is a fax machine, and the dialplan has taken the channel; `left_notice` follows."""
        ...

    def reference_said(self, channel: str, reference: str) -> None:
        """The dialplan says what another system calls the call of this channel."""
        ...

    def leg_answered(self, leg: str) -> None: ...
    def hung_up(self, channel: str, cause: int = 0) -> None:
        """A channel is gone; `cause` is Q.850's, 0 when it is not known."""
        ...

    def entered_bridge(self, channel: str, name: str, bridge: str) -> None: ...
    def left_bridge(self, channel: str) -> None: ...
    def hold_changed(self, channel: str, held: bool) -> None: ...
    def other_recorders(self, at: str, now: Set[Recorder]) -> None:
        """Everybody else who records a channel or a bridge now, or listens in; nobody, when they ended."""
        ...

    def capture_ended(self, channel: str) -> None:
        """Somebody else has ended our capture."""
        ...

    def sight_lost(self) -> None:
        """Nothing of bridges, hold and keys is told from now on, until `bridges_known`."""
        ...

    def bridges_known(self, members: Sequence[tuple[str, str, str]]) -> None:
        """Every channel in a bridge: (unique id, name, bridge id); replaces what was known."""
        ...

    def channels_known(self, channels: Mapping[str, Arrival | None]) -> None:
        """Every living channel after a (re)connect; those in our hands come with their arrival."""
        ...
