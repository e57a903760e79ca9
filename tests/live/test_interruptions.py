"""The daemon absent, frozen, killed and started again: calls go on, and what was captured ends sealed."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest

from asterisk_gdpr.core.recording import Reason
from asterisk_gdpr.rig.debian import Programs
from asterisk_gdpr.rig.phone_call import PhoneCall
from asterisk_gdpr.rig.sound import seconds_of
from tests.live.house import House, within
from tests.live.listening import listen, overlap

pytestmark = pytest.mark.live

WATCHDOG = 3.0
"""The bound that the dialplan states."""

HELD_BACK = 2.05 + 0.5
"""Seconds before an absence that nobody can vouch for: what Asterisk had not written, and half a second."""

MARGIN = 2.0
"""What the app adds to the length of a prompt when it re-arms the watchdog."""


AROUND = 8.0
"""What the dialplan around allows a call, in seconds."""

_TELL = "${CALLERID(num)} at $[${STRFTIME(,,%s.%q)} - ${BEGAN}] choice ${GDPR_CHOICE} end"
DIALPLAN = f"""
exten => around,1,Goto(around,s,1)
[around]
exten => s,1,Set(TIMEOUT(absolute)={AROUND:g})
 same => n,Set(BEGAN=${{STRFTIME(,,%s.%q)}})
 same => n,Gosub(asterisk-gdpr,notice,1(support))
 same => n,Dial(PJSIP/anna,25)
exten => T,1,Log(NOTICE,around T of {_TELL})
 same => n,Hangup()
exten => h,1,Log(NOTICE,around h of {_TELL})
"""
"""A dialplan that has a timeout, a `T` and an `h` of its own around the notice and the talk."""


@pytest.fixture(scope="module")
def house(programs: Programs) -> Iterator[House]:
    """A house with the dialplan above."""
    with House(programs, extra=DIALPLAN) as house:
        yield house


@pytest.fixture(autouse=True)
def _running(house: House) -> Iterator[None]:
    """Each test begins and ends with a daemon that serves."""
    yield
    house.stop("run")
    house.start("run")


def _call(house: House, number: str, script: str, line: str = "support") -> tuple[PhoneCall, PhoneCall]:
    anna = house.phones.agent("anna", tone=1000, answer_after=0.2)
    count = len(anna.calls) + 1
    call = house.phones.call(line, number=number, script=script)
    return call, anna.wait_call(20, count=count)


def _rang_after(call: PhoneCall, agent: PhoneCall) -> float:
    assert call.started_at is not None and agent.started_at is not None
    return agent.started_at - call.started_at


def test_without_a_daemon_a_call_goes_on_at_once(house: House) -> None:
    """With the daemon not running the agent's phone rings as if the line of dialplan were not there."""
    house.stop("run")
    call, agent = _call(house, "+4915112345101", "tone 400; wait 2; hangup")
    call.wait_ended()

    assert _rang_after(call, agent) < 0.3


def test_a_frozen_daemon_costs_the_watchdog_and_no_more(house: House) -> None:
    """A call that arrives at a frozen daemon is with the agent after the watchdog's three seconds."""
    house.freeze("run")
    call, agent = _call(house, "+4915112345102", "tone 400; wait 6; hangup")
    call.wait_ended()
    house.thaw("run")

    assert _rang_after(call, agent) == pytest.approx(WATCHDOG, abs=0.4)


def test_a_daemon_frozen_in_the_notice_costs_a_prompt_and_a_little_more(house: House) -> None:
    """A daemon frozen in the middle of a prompt keeps the caller for that prompt and the stated margin."""
    anna = house.phones.agent("anna", tone=1000, answer_after=0.2)
    count = len(anna.calls) + 1
    call = house.phones.call("support", number="+4915112345103", script="tone 400; wait 8; hangup")
    time.sleep(0.5)
    house.freeze("run")
    agent = anna.wait_call(20, count=count)
    call.wait_ended()
    house.thaw("run")
    told = house.wait_ended(house.last_call())

    assert _rang_after(call, agent) < 1.0 + MARGIN + 0.5
    assert (told["choice"], told["recording"]) == (None, None)


def test_a_daemon_killed_in_the_notice_is_missed_for_a_prompt_at_most(house: House) -> None:
    """A daemon killed in the notice and not started again costs no more than one that froze."""
    anna = house.phones.agent("anna", tone=1000, answer_after=0.2)
    count = len(anna.calls) + 1
    call = house.phones.call("support", number="+4915112345104", script="tone 400; wait 7; hangup")
    time.sleep(0.5)
    house.kill("run")
    agent = anna.wait_call(20, count=count)
    call.wait_ended()
    house.start("run")

    assert _rang_after(call, agent) < 1.0 + MARGIN + 0.5
    assert house.wait_ended(house.last_call())["recording"] is None


def test_a_daemon_killed_in_the_talk_takes_the_call_up_again(house: House) -> None:
    """What was watched before and after the absence of a killed daemon ends sealed, in order and in time."""
    call, agent = _call(house, "+4915112345105", "tone 400; wait 18; hangup")
    agent.wait_answered()
    time.sleep(3)
    killed_at = time.monotonic()
    house.kill("run")
    time.sleep(1)
    house.start("run")
    absent = time.monotonic() - killed_at
    call.wait_ended()
    agent.wait_ended()
    told = house.wait_sealed(house.last_call())

    left, right = listen(house, told["recording"])
    assert told["ending"] == "ended_after_talk"
    talk = overlap(call, agent)
    assert len(left) / 8000 == pytest.approx(talk, abs=0.5)
    for side, hz in ((left, 400), (right, 1000)):
        assert talk - 2 * HELD_BACK - absent - 1.5 < seconds_of(side, hz) < talk
        assert seconds_of(side[-2 * 8000 :], hz) > 1.5
    assert max(key.generation for key in house.register.keys(told["recording"])) == 2
    assert "signed and whole" in house.command("recordings", "verify", told["recording"])


def test_a_call_that_ends_while_the_daemon_is_away_ends_sealed(house: House) -> None:
    """A call that ended with nobody watching is sealed by the next start, with silence where nobody was."""
    call, agent = _call(house, "+4915112345106", "tone 400; wait 12; hangup")
    agent.wait_answered()
    time.sleep(5)
    house.kill("run")
    call.wait_ended()
    agent.wait_ended()
    house.start("run")
    told = house.wait_sealed(house.last_call())

    left, _ = listen(house, told["recording"])
    assert told["ending"] == "ended_after_talk"
    assert len(left) / 8000 == pytest.approx(overlap(call, agent), abs=0.5)
    assert 5 - HELD_BACK - 0.5 < seconds_of(left, 400) < 5.5


def test_a_daemon_frozen_in_the_talk_loses_nothing(house: House) -> None:
    """A daemon that stands still for some seconds of a talk catches up with all of it."""
    call, agent = _call(house, "+4915112345107", "tone 400; wait 14; hangup")
    agent.wait_answered()
    time.sleep(1)
    house.freeze("run")
    time.sleep(5)
    house.thaw("run")
    call.wait_ended()
    agent.wait_ended()
    told = house.wait_sealed(house.last_call())

    left, _ = listen(house, told["recording"])
    assert seconds_of(left, 400) == pytest.approx(overlap(call, agent), abs=0.3)


def _around(house: House, extension: str, number: str) -> tuple[float, str]:
    """When, from its begin, a call came to an extension of the dialplan around, and with which choice."""
    told = re.compile(rf"around {extension} of {re.escape(number)} at (\S+) choice (\w+) end")
    found = within(lambda: told.search(house.pbx.log()), 5)
    return float(found[1]), found[2]


@pytest.mark.parametrize(
    ("state", "number"),
    [
        ("up", "+4915112345109"),
        ("frozen in the talk", "+4915112345110"),
        ("killed in the notice", "+4915112345111"),
    ],
)
def test_the_dialplan_around_works_as_before(house: House, state: str, number: str) -> None:
    """Whatever the daemon does, the timeout around the notice fires at its time, in its own `T` and `h`."""
    anna = house.phones.agent("anna", tone=1000, answer_after=0.2)
    count = len(anna.calls) + 1
    call = house.phones.call("around", number=number, script="tone 400; wait 20; hangup")
    if state == "killed in the notice":
        time.sleep(0.5)
        house.kill("run")
    agent = anna.wait_call(count=count).wait_answered()
    if state == "frozen in the talk":
        time.sleep(1)  # the capture is opened only once the agent is seen in the bridge
        house.freeze("run")
    call.wait_ended()
    agent.wait_ended()

    choice = "unavailable" if state == "killed in the notice" else "not_objected"
    for extension in ("T", "h"):
        at, chosen = _around(house, extension, number)
        assert (at, chosen) == (pytest.approx(AROUND, abs=0.3), choice)
    if state == "frozen in the talk":
        house.thaw("run")
    if choice == "not_objected":
        told = house.wait_sealed(house.last_call())
        left, _ = listen(house, told["recording"])
        assert len(left) / 8000 == pytest.approx(overlap(call, agent), abs=0.5)
        if state == "up":
            assert seconds_of(left, 400) == pytest.approx(overlap(call, agent), abs=0.5)


def test_hanging_up_in_the_talk_runs_the_h_around(house: House) -> None:
    """A caller who hangs up in the talk runs the `h` of the dialplan around, and not its `T`."""
    number = "+4915112345112"
    anna = house.phones.agent("anna", tone=1000, answer_after=0.2)
    count = len(anna.calls) + 1
    call = house.phones.call("around", number=number, script="tone 400; wait 20; hangup")
    anna.wait_call(count=count).wait_answered()
    call.hangup()
    call.wait_ended()

    assert _around(house, "h", number)[0] < AROUND - 1
    assert f"around T of {number}" not in house.pbx.log()


def test_a_kill_in_the_middle_of_a_withdrawal_never_seals_the_caller_anew(house: House) -> None:
    """From the tombstone on, whenever the daemon is killed, the recording ends erased."""
    call, agent = _call(house, "+4915112345108", "tone 400; wait 20; hangup")
    agent.wait_answered()
    time.sleep(1)
    recording = house.register.call(house.last_call()).recording
    assert recording is not None
    call.press("*9")
    within(lambda: house.register.tombstone(recording), 5)
    house.kill("run")
    house.start("run")
    call.hangup()
    call.wait_ended()
    told = house.wait_ended(house.last_call())

    assert house.wait_state(told["recording"], "erased")
    mark = house.register.tombstone(recording)
    assert mark is not None and mark.reason is Reason.WITHDRAWN
    assert house.register.keys(recording) == []
    assert house.vault.size(recording) is None
    assert not list(house.spool_folder.glob(f"{recording}*"))
