"""The daemon ends and is back while a crowd is in the notice, ringing, talking, paused: each where it was."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Literal

import pytest

from asterisk_gdpr.core.recording import State
from asterisk_gdpr.ports import CallRow
from asterisk_gdpr.rig.debian import Programs
from asterisk_gdpr.rig.phone_call import Agent, PhoneCall
from asterisk_gdpr.rig.sound import Samples, seconds_of, tone
from tests.live.house import House, within
from tests.live.listening import is_mute, listen, overlap

pytestmark = pytest.mark.live

CALLER_HZ, AGENT_HZ = 400, 1000
DOUBT = 2.05 + 0.5
"""Seconds before an absence that nobody can vouch for; what Asterisk may hold back is as much behind it."""
PLACES = {"talking": ("sales", "1"), "refused": ("sales", "2"), "ringing": ("sales", "1")}
"""Phase → the line that is dialled, and the key that is pressed in its notice; elsewhere none is pressed."""
NODE = "pbx1"

_numbers = count(4915112345500)


@pytest.fixture(scope="module")
def house(programs: Programs) -> Iterator[House]:
    """A house that nothing else has called."""
    with House(programs) as house:
        yield house


@dataclass
class One:
    """One caller of the crowd, in the phase in which the daemon ended."""

    phase: str
    number: str
    phone: PhoneCall
    channel: str = ""
    before: CallRow | None = None
    """What the register knew of the call when the daemon ended."""


class Crowd:
    """So many callers in each phase."""

    def __init__(self, house: House, each: int) -> None:
        self.house = house
        self._each = each
        self._anna: Agent = house.phones.agent("anna", tone=AGENT_HZ, answer_after=0.2)
        self.all: list[One] = []
        self.rate: object = None
        """At which pace the daemon that ended had found that callers can be asked."""

    def of(self, phase: str) -> list[One]:
        """Those who were in this phase."""
        return [one for one in self.all if one.phase == phase]

    def agent(self, one: One) -> PhoneCall:
        """The agent's end of a call, as soon as it rings."""
        return within(
            lambda: next((call for call in self._anna.calls if call.number == one.number), None), 30
        )

    def row(self, one: One) -> CallRow:
        """The newest call of a caller's channel."""
        row = self.house.register.call_by_channel(one.channel)
        assert row is not None
        return row

    def gather(self) -> None:
        """Everybody is where they are to be; who is in the notice has just come there."""
        apart = 0.25 if self._each > 2 else 0.0  # a node that has just begun is asked no faster
        for phase in ("talking", "refused", "paused"):
            self._dial(phase, apart)
        for one in self.all:
            self.agent(one).wait_answered(30)
        self.house.phones.agent("anna", script="ring 600")
        self._dial("ringing", apart)
        for one in self.of("ringing"):
            self.agent(one)
        self.house.phones.agent("anna", tone=AGENT_HZ, answer_after=0.2)
        for one in self.of("paused"):
            self.agent(one).press("*7")
        time.sleep(0.3)
        self._dial("notice")
        time.sleep(0.6)
        channels = self._channels()
        for one in self.all:
            one.channel = channels[one.number]
            one.before = self.row(one)

    def answer(self) -> None:
        """Agents whose phones ring answer now."""
        for one in self.of("ringing"):
            self.agent(one).say(tone(AGENT_HZ, 1.0))
            self.agent(one).answer()

    def over(self) -> None:
        """Everybody hangs up, and what was captured is sealed."""
        register = self.house.register
        for one in self.all:
            one.phone.hangup()
        within(lambda: not (register.calls_alive(NODE) or register.unfinished(NODE)) or None, 60)

    def _dial(self, phase: str, apart: float = 0.0) -> None:
        line, key = PLACES.get(phase, ("support", ""))
        pressing = f"wait 1.3; key {key}; " if key else ""
        for _ in range(self._each):
            number = f"+{next(_numbers)}"
            script = f"tone {CALLER_HZ}; {pressing}wait 600; hangup"
            self.all.append(One(phase, number, self.house.phones.call(line, number=number, script=script)))
            time.sleep(apart)

    def _channels(self) -> dict[str, str]:
        """Number of a caller → channel id."""
        shown = [line.split("!") for line in self.house.pbx.rx("core show channels concise").splitlines()]
        return {fields[7]: fields[-1] for fields in shown if fields[0].startswith("PJSIP/trunk")}


def both_sides(crowd: Crowd, one: One, choice: str) -> tuple[Samples, Samples]:
    """The recording of a call that kept its choice and was taken up as the same call."""
    row = crowd.row(one)
    assert one.before is not None and row.id == one.before.id
    assert (row.choice, row.ending) == (choice, "ended_after_talk")
    assert row.recording is not None
    assert crowd.house.recording(row.recording)["state"] == State.SEALED
    return listen(crowd.house, row.recording)


def as_it_was(crowd: Crowd, absent: float, leaves: Literal["killed", "stopped"]) -> None:
    """Everybody of the crowd was taken up where they were, with their choice."""
    for one in crowd.of("talking"):
        talk = overlap(one.phone, crowd.agent(one))
        for side, hz in zip(both_sides(crowd, one, "agreed"), (CALLER_HZ, AGENT_HZ), strict=True):
            assert talk - 2 * DOUBT - absent - 1 < seconds_of(side, hz) < talk
            assert seconds_of(side[-2 * 8000 :], hz) > 1.5
    for one in crowd.of("refused"):
        row = crowd.row(one)
        assert one.before is not None and row.id == one.before.id
        assert (row.choice, row.recording) == ("refused", None)
    for one in crowd.of("paused"):
        left, right = both_sides(crowd, one, "not_objected")
        assert is_mute(left[-4 * 8000 :]) and is_mute(right[-4 * 8000 :]), "nobody has ended the pause"
        assert seconds_of(left, CALLER_HZ) > 1
    for one in crowd.of("ringing"):
        talk = overlap(one.phone, crowd.agent(one))
        for side, hz in zip(both_sides(crowd, one, "agreed"), (CALLER_HZ, AGENT_HZ), strict=True):
            assert seconds_of(side, hz) == pytest.approx(talk, abs=0.5)
    for one in crowd.of("notice"):
        row, agent = crowd.row(one), crowd.agent(one)
        assert one.before is not None and one.before.choice is None
        assert agent.answered_at is not None, "whatever came of it, the call has reached somebody"
        if leaves == "killed" and row.id != one.before.id:  # told anew, unless the watchdog was first
            assert row.choice == "not_objected"
            left, _ = listen(crowd.house, str(row.recording))
            assert seconds_of(left, CALLER_HZ) == pytest.approx(overlap(one.phone, agent), abs=0.5)
        else:
            assert (row.choice, row.recording) == (None, None)


def restart(crowd: Crowd, leaves: Literal["killed", "stopped"]) -> float:
    """End the daemon and start it again; for how many seconds it was away."""
    began = time.monotonic()
    crowd.house.kill("run") if leaves == "killed" else crowd.house.stop("run")
    crowd.rate = crowd.house.register.beats()[NODE][1]["rate"]
    crowd.house.start("run")
    return time.monotonic() - began


@pytest.mark.parametrize("leaves", ["killed", "stopped"])
def test_a_crowd_is_taken_up_where_it_was(house: House, leaves: Literal["killed", "stopped"]) -> None:
    """Ten calls, two in each phase, outlive a daemon that is killed or upgraded, each with its choice."""
    crowd = Crowd(house, 2)
    crowd.gather()
    absent = restart(crowd, leaves)
    crowd.answer()
    time.sleep(4.5)
    crowd.over()

    as_it_was(crowd, absent, leaves)
    assert house.register.beats()[NODE][1]["rate"] == crowd.rate is not None, "it asks no slower than before"


@pytest.mark.slow
@pytest.mark.parametrize("leaves", ["killed", "stopped"])
def test_fifty_calls_are_taken_up_where_they_were(house: House, leaves: Literal["killed", "stopped"]) -> None:
    """Fifty calls, ten in each phase, outlive it in the same way."""
    crowd = Crowd(house, 10)
    crowd.gather()
    absent = restart(crowd, leaves)
    crowd.answer()
    time.sleep(6)
    crowd.over()

    as_it_was(crowd, absent, leaves)
