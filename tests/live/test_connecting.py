"""The connect mode on a real Asterisk: who is called, who hears what, what is recorded, and who is let go."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from asterisk_gdpr.rig.debian import Programs
from asterisk_gdpr.rig.pbx import RINGBACK_HZ
from asterisk_gdpr.rig.phone_call import PhoneCall
from asterisk_gdpr.rig.sound import seconds_of, spans
from tests.live.house import VOICES as PROMPTS
from tests.live.house import House, within
from tests.live.listening import listen, overlap

pytestmark = pytest.mark.live

VOICES = {part: hz for part, (hz, _) in PROMPTS.items()}
CALLER_HZ, AGENT_HZ, BEN_HZ = 400, 1000, 1250
SAY = "Log(NOTICE,{name} came back with ${{GDPR_DIALSTATUS}} and ${{GDPR_CHOICE}})"


def connecting(name: str, line: str, endpoint: str, seconds: int = 8, *after: str) -> str:
    """An extension whose calls we connect, and which tells what it came to."""
    steps = [
        f"Gosub(asterisk-gdpr,connect,1({line},{endpoint},{seconds}))",
        SAY.format(name=name),
        *after,
        "Hangup()",
    ]
    return f"exten => {name},1," + "\n same => n,".join(steps) + "\n"


AGAIN = ("Gosub(asterisk-gdpr,connect,1(support,PJSIP/anna,8))", SAY.format(name="again"))
EXTRA = f"""[from-trunk]
{connecting("conn", "support", "PJSIP/anna")}
{connecting("conn-ben", "support", "PJSIP/ben", 2)}
{connecting("conn-nobody", "support", "PJSIP/nobody")}
{connecting("conn-told", "told", "PJSIP/anna")}
{connecting("conn-next", "support", "PJSIP/ben", 8, *AGAIN)}
exten => h,1,Log(NOTICE,the outer h ran after ${{GDPR_DIALSTATUS}})
[from-agents]
{connecting("out", "survey", "PJSIP/carla")}
exten => 03099887766,1,Dial(PJSIP/carla,20,U(asterisk-gdpr-called^survey))
"""


@pytest.fixture(scope="module")
def house(programs: Programs) -> Iterator[House]:
    """A house whose dialplan has its calls connected by the daemon."""
    with House(programs, EXTRA) as house:
        yield house


def calls(house: House, extension: str, number: str, script: str, **values: str) -> PhoneCall:
    """Somebody calls."""
    return house.phones.call(extension, number=number, script=script, **values)


def wait_log(house: House, text: str) -> None:
    """Until the dialplan has told this."""
    within(lambda: True if text in house.pbx.log() else None, 10)


def test_the_daemon_connects_and_records(house: House) -> None:
    """The caller hears ringing and the agent; both are recorded from the talk on; each end ends the other."""
    anna = house.phones.agent("anna", tone=AGENT_HZ, answer_after=1.0, hang_up_after=4.0)
    call = calls(house, "conn", "+4915112345101", "tone 400")
    agent = anna.wait_call(count=len(anna.calls) + 1).wait_ended()
    call.wait_ended()
    told = house.wait_sealed(house.last_call())

    assert call.ended_at is not None and agent.ended_at is not None
    assert call.ended_at - agent.ended_at < 0.5
    assert told["choice"] == "not_objected" and agent.number == "+4915112345101"
    assert seconds_of(call.heard(), RINGBACK_HZ) > 0.5 and seconds_of(call.heard(), AGENT_HZ) > 3
    left, right = listen(house, told["recording"])
    talk = overlap(call, agent)
    assert seconds_of(left, CALLER_HZ) == pytest.approx(talk, abs=0.3)
    assert seconds_of(right, AGENT_HZ) == pytest.approx(talk, abs=0.3)
    assert seconds_of(left, AGENT_HZ) == seconds_of(right, CALLER_HZ) == 0
    assert seconds_of(right, RINGBACK_HZ) == 0
    wait_log(house, "the outer h ran after ANSWER")
    assert " conn came back" not in house.pbx.log()


def test_a_withdrawal_is_heard_in_a_bridge_of_ours(house: House) -> None:
    """Where the daemon connects `*9` erases the recording, `*4` begins another, and both end together."""
    anna = house.phones.agent("anna", tone=AGENT_HZ, answer_after=0.2)
    call = calls(house, "conn", "+4915112345102", "tone 400")
    agent = anna.wait_call(count=len(anna.calls) + 1).wait_answered()
    within(lambda: True if seconds_of(call.heard(), AGENT_HZ) > 0.5 else None, 5)
    call.press("*9")
    first = house.last_call()
    house.wait_state(house.register.call(first).recording or "", "erased")
    within(lambda: True if seconds_of(call.heard(), VOICES["withdrawn"]) > 0.4 else None, 5)
    call.press("*4")
    within(lambda: True if seconds_of(call.heard(), VOICES["agreed"]) > 0.3 else None, 5)
    heard = seconds_of(call.heard(), AGENT_HZ)
    within(lambda: True if seconds_of(call.heard(), AGENT_HZ) > heard + 1.5 else None, 5)
    agent.hangup()
    call.wait_ended()
    told = house.wait_sealed(house.last_call())

    assert told["id"] != first and told["choice"] == "agreed"
    left, right = listen(house, told["recording"])
    assert seconds_of(left, CALLER_HZ) > 1 and seconds_of(right, AGENT_HZ) > 1
    assert call.ended_at is not None and agent.ended_at is not None
    assert abs(agent.ended_at - call.ended_at) < 0.5


def test_another_agent_takes_over_at_a_command(house: House) -> None:
    """`calls swap` brings the next agent into the same recording, and lets the first go; both say so."""
    anna = house.phones.agent("anna", tone=AGENT_HZ, answer_after=0.1)
    ben = house.phones.agent("ben", tone=BEN_HZ, answer_after=0.3)
    call = calls(house, "conn-told", "+4915112345110", "tone 400")
    first = anna.wait_call(count=len(anna.calls) + 1).wait_answered()
    within(lambda: True if seconds_of(call.heard(), AGENT_HZ) > 2 else None, 8)
    ours = house.last_call()
    assert house.run_command("calls", "swap", ours, "PJSIP/nobody").returncode == 1
    assert house.command("calls", "swap", ours, "PJSIP/ben").strip() == "swapped."
    second = ben.wait_call().wait_answered()
    first.wait_ended()
    within(lambda: True if seconds_of(call.heard(), BEN_HZ) > 2.5 else None, 8)
    call.hangup()
    second.wait_ended()
    told = house.wait_sealed(ours)

    left, right = listen(house, told["recording"])
    assert seconds_of(right, AGENT_HZ) > 1.5 and seconds_of(right, BEN_HZ) > 1.8
    assert seconds_of(left, CALLER_HZ) > 4
    assert spans(right, AGENT_HZ)[-1].end <= spans(right, BEN_HZ)[0].start + 0.1
    assert house.last_call() == ours and "PJSIP/ben" not in house.log("run")


def test_who_cannot_be_connected_comes_back_with_the_reason(house: House) -> None:
    """Busy, no answer and no such phone come back to the dialplan, each with its own status."""
    house.phones.agent("ben", script="busy")
    script = "tone 400; wait 0.5; key 2; wait 9"
    calls(house, "conn-ben", "+4915112345103", script).wait_ended()
    wait_log(house, "conn-ben came back with BUSY and refused")
    house.phones.agent("ben", script="ring 600")
    calls(house, "conn-ben", "+4915112345104", script).wait_ended()
    wait_log(house, "conn-ben came back with NOANSWER and refused")
    calls(house, "conn-nobody", "+4915112345105", script).wait_ended()
    wait_log(house, "conn-nobody came back with CHANUNAVAIL and refused")


def test_after_a_busy_agent_the_next_is_called_without_a_second_notice(house: House) -> None:
    """A second connect in the same call asks nothing, and records under the choice that was made."""
    house.phones.agent("ben", script="busy")
    anna = house.phones.agent("anna", tone=AGENT_HZ, answer_after=0.2)
    call = calls(house, "conn-next", "+4915112345106", "tone 400; wait 7; hangup")
    agent = anna.wait_call(count=len(anna.calls) + 1).wait_ended()
    call.wait_ended()
    told = house.wait_sealed(house.last_call())

    assert seconds_of(call.heard(), VOICES["statement"]) == pytest.approx(1.0, abs=0.15)
    _, right = listen(house, told["recording"])
    assert seconds_of(right, AGENT_HZ) == pytest.approx(overlap(call, agent), abs=0.3)


def test_outbound_the_called_party_chooses_before_being_connected(house: House) -> None:
    """Who is called hears the notice first and is on the left; who calls hears ringing until then."""
    carla = house.phones.agent("carla", script="ring 0.3; tone 1000; answer; wait 1.4; key 1; wait 5; hangup")
    call = calls(house, "out", "", "tone 400; wait 30", endpoint="anna")
    called = carla.wait_call(count=len(carla.calls) + 1).wait_ended()
    call.wait_ended()
    told = house.wait_sealed(house.last_call())

    assert told["choice"] == "agreed"
    assert seconds_of(called.heard(), VOICES["statement"]) > 0.8
    assert seconds_of(call.heard(), VOICES["statement"]) == 0
    left, right = listen(house, told["recording"])
    assert seconds_of(left, 1000) > 3 and seconds_of(right, 400) > 3
    assert seconds_of(left, 400) == seconds_of(right, 1000) == 0


def test_a_daemon_killed_while_it_rings_leaves_the_dialling_to_the_dialplan(house: House) -> None:
    """Without a daemon the dialplan dials when the ringing's time is over, at the latest."""
    ben = house.phones.agent("ben", script="ring 600")
    call = calls(house, "conn-ben", "+4915112345107", "tone 400; wait 0.5; key 2; wait 30")
    ben.wait_call(count=len(ben.calls) + 1)
    killed = time.time()
    house.kill("run")
    try:
        ben = house.phones.agent("ben", tone=AGENT_HZ, answer_after=0.1, hang_up_after=1.0)
        second = ben.wait_call(count=len(ben.calls) + 1).wait_answered()
        call.wait_ended()
    finally:
        house.start("run")

    assert second.answered_at is not None and second.answered_at - killed < 2 + 2 + 1
    assert seconds_of(call.heard(), AGENT_HZ) > 0.5


@pytest.mark.parametrize("first", ["caller", "agent"])
def test_a_daemon_killed_in_a_talk_leaves_nobody_in_a_dead_call(house: House, first: str) -> None:
    """With no daemon the talk goes on, and whoever hangs up ends the other within half a second."""
    anna = house.phones.agent("anna", tone=AGENT_HZ, answer_after=0.1)
    call = calls(house, "conn", "+4915112345108", "tone 400")
    agent = anna.wait_call(count=len(anna.calls) + 1).wait_answered()
    within(lambda: True if seconds_of(call.heard(), AGENT_HZ) > 0.5 else None, 5)
    house.kill("run")
    try:
        heard = seconds_of(call.heard(), AGENT_HZ)
        within(lambda: True if seconds_of(call.heard(), AGENT_HZ) > heard + 0.5 else None, 5)
        hangs, other = (call, agent) if first == "caller" else (agent, call)
        hung_up = time.time()
        hangs.hangup()
        other.wait_ended()
    finally:
        house.start("run")

    assert other.ended_at is not None and other.ended_at - hung_up < 0.5
    house.wait_sealed(house.last_call())


def test_a_daemon_restarted_in_a_talk_goes_on_with_it(house: House) -> None:
    """A talk that an earlier daemon connected is recorded on, and still ends for both together."""
    anna = house.phones.agent("anna", tone=AGENT_HZ, answer_after=0.1)
    call = calls(house, "conn", "+4915112345109", "tone 400")
    agent = anna.wait_call(count=len(anna.calls) + 1).wait_answered()
    within(lambda: True if seconds_of(call.heard(), AGENT_HZ) > 0.5 else None, 5)
    house.kill("run")
    house.start("run")
    heard = seconds_of(call.heard(), AGENT_HZ)
    within(lambda: True if seconds_of(call.heard(), AGENT_HZ) > heard + 3.5 else None, 8)
    agent.hangup()
    call.wait_ended()
    told = house.wait_sealed(house.last_call())

    _, right = listen(house, told["recording"])
    assert seconds_of(right, AGENT_HZ) > 2
    assert "asterisk-gdpr" not in house.pbx.rx("bridge show all")


def test_by_a_dial_of_the_admins_the_called_party_chooses_too(house: House) -> None:
    """With U() the called party is told and asked once, and is on the left of the recording."""
    carla = house.phones.agent("carla", script="ring 0.3; tone 1000; answer; wait 1.4; key 1; wait 5; hangup")
    call = calls(house, "03099887766", "", "tone 400; wait 30", endpoint="anna")
    called = carla.wait_call(count=len(carla.calls) + 1).wait_ended()
    call.wait_ended()
    told = house.wait_sealed(house.last_call())

    assert told["choice"] == "agreed"
    assert seconds_of(called.heard(), VOICES["statement"]) == pytest.approx(1.0, abs=0.15)
    assert seconds_of(call.heard(), VOICES["statement"]) == 0
    left, right = listen(house, told["recording"])
    assert seconds_of(left, 1000) > 3 and seconds_of(right, 400) > 3
    assert seconds_of(left, 400) == seconds_of(right, 1000) == 0
    number = house.product.index_of("+493099887766")
    assert number is not None and told["caller_index"] == number


def test_a_daemon_that_freezes_in_such_a_notice_costs_the_call(house: House) -> None:
    """With U() a frozen daemon ends the call at the watchdog's bound: the limit of this way, and no more."""
    carla = house.phones.agent("carla", script="ring 0.3; tone 1000; answer; wait 30")
    call = calls(house, "03099887766", "", "tone 400; wait 30", endpoint="anna")
    called = carla.wait_call(count=len(carla.calls) + 1).wait_answered()
    within(lambda: True if seconds_of(called.heard(), VOICES["statement"]) > 0.2 else None, 5)
    frozen = time.time()
    house.freeze("run")
    try:
        called.wait_ended()
        call.wait_ended()
    finally:
        house.thaw("run")

    assert called.ended_at is not None and called.ended_at - frozen < 1.0 + 2.0 + 1.0
    assert call.ended_at is not None and call.ended_at - called.ended_at < 0.5
