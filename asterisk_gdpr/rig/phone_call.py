"""A call as one phone sees it, and a phone that is called.

Instants are seconds since the epoch, told by the phones' Asterisk, and `None` until they come.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import quote

from asterisk_gdpr.errors import Misuse, Unreachable
from asterisk_gdpr.rig.ami import Ami
from asterisk_gdpr.rig.headset import Headset
from asterisk_gdpr.rig.script import Move
from asterisk_gdpr.rig.sound import Samples, tone

_KEY_SECONDS = 0.1
Found = TypeVar("Found")


class Watch:
    """Where those who wait for something on the phones are told that something has changed."""

    def __init__(self) -> None:
        self._changed = threading.Condition()

    def change(self, act: Callable[[], None]) -> None:
        """Carry out a change, and let everybody who waits look again."""
        with self._changed:
            act()
            self._changed.notify_all()

    def within(self, look: Callable[[], Found | None], seconds: float) -> Found | None:
        """What `look` finds, as soon as it finds something; nothing if it does not within so many seconds."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while (found := look()) is None and (left := deadline - time.monotonic()) > 0:
                self._changed.wait(left)
            return found

    def wait(self, look: Callable[[], Found | None], seconds: float, what: str) -> Found:
        """The same, but finding nothing is an error."""
        found = self.within(look, seconds)
        if found is None:
            raise Unreachable(f"Waited {seconds:g} s in vain for {what}.", id="phone-timeout")
        return found


@dataclass
class PhoneCall:
    """One call, as a caller placed it or as a called phone got it."""

    id: str
    line: str
    """What was dialled, or the name of the called phone."""
    number: str
    """The caller's number: as sent by a caller, as shown to a called phone."""
    headset: Headset = field(repr=False)
    connect: Callable[[], Ami] = field(repr=False)
    ami: Ami = field(repr=False)
    watch: Watch = field(repr=False)
    channel: str = ""
    started_at: float | None = None
    """The INVITE was about to be sent, or has arrived."""
    answered_at: float | None = None
    ended_at: float | None = None
    cause: int | None = None
    """Why it ended, by Q.850: 16 hung up, 17 busy, 19 no answer, 21 rejected, 127 something else."""

    def wait_started(self, seconds: float = 5) -> PhoneCall:
        """Wait until the phone has a channel for it."""
        self.watch.wait(lambda: self.started_at, seconds, f"the call to {self.line} to start")
        return self

    def wait_answered(self, seconds: float = 10) -> PhoneCall:
        """Wait until it is answered."""
        self.watch.wait(lambda: self.answered_at, seconds, f"the call to {self.line} to be answered")
        return self

    def wait_ended(self, seconds: float = 20) -> PhoneCall:
        """Wait until it is over."""
        self.watch.wait(lambda: self.ended_at, seconds, f"the call to {self.line} to end")
        return self

    def press(self, keys: str) -> None:
        """Press keys now, each for 100 ms and with as long a pause after it; returns after the last."""
        # A connection of its own, since the manager does nothing else while a key is down.
        with self.connect() as manager:
            for key in keys:
                self._act(manager, "PlayDTMF", ("Digit", key), ("Duration", str(round(1000 * _KEY_SECONDS))))
                time.sleep(_KEY_SECONDS)

    def say(self, samples: Samples) -> None:
        """Send this sound from now on, over and over."""
        self.headset.mouth.say(samples)

    def answer(self) -> None:
        """Answer now."""
        extension = f"talk-{self.headset.port}"
        self._act(self.ami, "Redirect", ("Context", "act"), ("Exten", extension), ("Priority", "1"))
        if self.headset.straight:
            self.watch.wait(lambda: self.answered_at, 3, "an answer of its own")
            self._talk_straight()

    def hangup(self, cause: int = 16) -> None:
        """Hang up now, or reject (17: busy) what was not answered."""
        if self.ended_at is None:
            self._act(self.ami, "Hangup", ("Cause", str(cause)))

    def hold(self, held: bool) -> None:
        """Put the other side on hold, as a phone does by a re-INVITE, or take it back."""
        extension = "hold" if held else f"back-{self.headset.port}"
        self._act(self.ami, "Redirect", ("Context", "act"), ("Exten", extension), ("Priority", "1"))

    def refer(self, extension: str) -> None:
        """Transfer the other side to an extension, blindly, as a phone does by a REFER."""
        self._act(
            self.ami, "Redirect", ("Context", "act"), ("Exten", f"refer-{extension}"), ("Priority", "1")
        )

    def hand_over_to(self, other: PhoneCall) -> None:
        """Join the other side with that of another call of this phone, by a REFER with Replaces."""
        dialog = [
            self._asked(other, f"CHANNEL(pjsip,{part})") for part in ("call-id", "remote_tag", "local_tag")
        ]
        call, to_tag, from_tag = (quote(part, safe="") for part in dialog)
        replaces = f"{call}%3Bto-tag%3D{to_tag}%3Bfrom-tag%3D{from_tag}"
        self._act(self.ami, "Setvar", ("Variable", "REPLACES"), ("Value", replaces))
        extension = f"replace-{other.line}"
        self._act(self.ami, "Redirect", ("Context", "act"), ("Exten", extension), ("Priority", "1"))

    def heard(self) -> Samples:
        """What this phone's user heard from `started_at` until it ended or now, 8000 samples a second.

        Ask for it while the phones run: G.722 is decoded by their Asterisk.
        """
        if self.started_at is None:
            raise Misuse(f"The call to {self.line} has not started.")
        return self.headset.ear.between(self.started_at, self.ended_at or time.time())

    def carry_out(self, script: tuple[Move, ...], sounds: Mapping[str, Samples]) -> None:
        """Do the moves, one after the other, until the last or until the call is over."""
        self.wait_started()
        for move in script:
            if self.ended_at is not None:
                return
            self._do(move, sounds)

    def _do(self, move: Move, sounds: Mapping[str, Samples]) -> None:
        match move.verb:
            case "answered":
                self.watch.wait(lambda: self.answered_at or self.ended_at, 3600, "an answer")
            case "tone":
                self.say(tone(int(move.argument), 1.0))
            case "play":
                self.say(sounds[move.argument])
            case "silence":
                self.say(tone(0, 1.0))
            case "key":
                self.press(move.argument)
            case "wait" | "ring":
                # Not beyond the end of the call.
                self.watch.within(lambda: self.ended_at, float(move.argument))
            case "answer":
                self.answer()
            case "busy":
                self.hangup(17)
            case "hangup":
                self.hangup()

    def _talk_straight(self) -> None:
        """Speak to where the other side listens, once that is agreed."""
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline and self.ended_at is None:
            _, _, port = self._asked(self, "CHANNEL(rtp,dest)").rpartition(":")
            if port.isdecimal() and int(port):
                self.headset.connect(int(port))
                return
            time.sleep(0.02)

    def _asked(self, call: PhoneCall, variable: str) -> str:
        """What the phones' Asterisk says of a call's channel."""
        answer = self.ami.action("Getvar", ("Channel", call.channel), ("Variable", variable))
        return answer.get("value", "")

    def _act(self, manager: Ami, action: str, *fields: tuple[str, str]) -> None:
        """Have the phones' Asterisk do something with this call, unless the other side has just ended it."""
        try:
            manager.action(action, ("Channel", self.channel), *fields)
        except Misuse:
            if self.watch.within(lambda: self.ended_at, 1) is None:
                raise


class Agent:
    """A phone that is called; `calls` are those that arrived, answered or not, in their order."""

    def __init__(self, name: str, watch: Watch) -> None:
        self.name = name
        self.script: tuple[Move, ...] = ()
        self.sequence: int | None = None
        self.calls: list[PhoneCall] = []
        self.before = 0
        """How many calls there had been when it was last said what this phone does."""
        self._watch = watch

    def last_call(self) -> PhoneCall:
        """The newest call."""
        return self.calls[-1]

    def wait_new(self, seconds: float = 10) -> PhoneCall:
        """Wait for the first call since it was last said what this phone does, however early it arrived."""
        return self.wait_call(seconds, count=self.before + 1)

    def wait_call(self, seconds: float = 10, *, count: int = 1) -> PhoneCall:
        """Wait until so many calls have arrived here in all; the last of them."""

        def arrived() -> PhoneCall | None:
            return self.calls[count - 1] if len(self.calls) >= count else None

        return self._watch.wait(arrived, seconds, f"call {count} to {self.name}")
