"""A withdrawal in the talk: from the key as Asterisk recognised it to the end of capture and of the keys."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial

from asterisk_gdpr.errors import Unreachable
from asterisk_gdpr.ports import Register
from asterisk_gdpr.rig.ami import Ami, Message
from asterisk_gdpr.rig.pbx import USER
from bench.figure import Line, Run, Target, median, milliseconds
from bench.house import STATEMENT, live_house, product_of
from bench.softphones import Call, Softphones
from bench.voices import voices

TITLE = "withdrawal"
RIVAL = "none: nothing else does this"

_TALK = 7.0
"""Seconds of talk before the first withdrawal, so that something has been sealed."""
_APART = 0.7
"""Seconds between two withdrawals."""
_LOOK = 0.002
"""Seconds between looks into the register: the keys are gone at most so much earlier than was seen."""


@dataclass
class Witness:
    """What Asterisk's manager tells, by its own clock: when the last key came, when a capture ended."""

    pressed: dict[str, float] = field(default_factory=dict)
    stopped: dict[str, float] = field(default_factory=dict)

    def hear(self, event: Message) -> None:
        """Note an event that matters."""
        at = float(event.get("timestamp", 0))
        if event["event"] == "DTMFEnd" and event["direction"] == "Received" and event["digit"] == "9":
            self.pressed[event["uniqueid"]] = at
        elif event["event"] == "MixMonitorStop":
            self.stopped[event["uniqueid"]] = at


def measure(run: Run) -> Iterable[Line]:
    """Callers who agree, talk, and withdraw one after the other."""
    witness, gone = Witness(), {}
    count = run.pick(30, 8)
    with live_house() as (house, phones):
        voice, phones.agent_voice = voices(house.programs)
        register = product_of(house).register()
        with Ami(house.pbx.address.ami, USER, house.pbx.address.secret, witness.hear):
            for call in _talking(phones, count, voice):
                before = set(witness.pressed)
                phones.press(call, "*9")
                channel = _channel(witness, before)
                gone[channel] = _destroyed_at(register, channel)
                time.sleep(_APART)
                phones.hang_up(call)
        register.close()
    stop = [witness.stopped[channel] - witness.pressed[channel] for channel in gone]
    destroyed = [at - witness.pressed[channel] for channel, at in gone.items()]
    yield Line(
        f"{TITLE}: key recognised to capture stopped",
        milliseconds(stop),
        "-",
        1000 * median(stop),
        Target(20, unit="ms"),
    )
    yield Line(
        f"{TITLE}: key recognised to keys destroyed",
        milliseconds(destroyed),
        "-",
        1000 * median(destroyed),
        Target(250, unit="ms"),
    )


def _talking(phones: Softphones, count: int, voice: bytes) -> list[Call]:
    calls = []
    for _ in range(count):
        call = phones.call("talk", voice=voice)
        phones.later(STATEMENT + 0.3, partial(phones.press, call, "1"))
        calls.append(call)
        time.sleep(0.2)
    phones.wait(lambda: len(phones.answered()) == count, 15, "everybody to talk")
    time.sleep(_TALK)
    return calls


def _channel(witness: Witness, before: set[str]) -> str:
    """The channel whose key has just been recognised."""
    deadline = time.monotonic() + 5
    while not (new := set(witness.pressed) - before):
        if time.monotonic() > deadline:
            raise Unreachable("Asterisk did not recognise the keys.", id="no-keys")
        time.sleep(_LOOK)
    return new.pop()


def _destroyed_at(register: Register, channel: str) -> float:
    """When the register no longer had the wrapped keys of this channel's recording."""
    call = register.call_by_channel(channel)
    if call is None or call.recording is None:
        raise Unreachable("The call that withdraws has no recording.", id="no-recording")
    deadline = time.monotonic() + 10
    while register.keys(call.recording):
        if time.monotonic() > deadline:
            raise Unreachable("The keys were not destroyed within 10 s.", id="keys-remain")
        time.sleep(_LOOK)
    return time.time()
