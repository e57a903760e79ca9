"""Who is in a talk: forked calls, desks that people come to, and conferences."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from asterisk_gdpr.rig.debian import Programs
from asterisk_gdpr.rig.phone_call import PhoneCall
from asterisk_gdpr.rig.sound import Samples, seconds_of
from tests.live.house import VOICES, House, within
from tests.live.listening import listen

pytestmark = pytest.mark.live

CALLER_HZ, ANNA_HZ, BEN_HZ, CARLA_HZ, GUEST_HZ = 400, 1000, 1300, 1700, 2100
EDGE = 0.06
HEARD_OF = 1.5
"""Seconds in which the daemon has heard of what was said of an agent."""

DIALPLAN = """
[from-trunk]
exten => follow,1,Gosub(asterisk-gdpr,notice,1(support))
 same => n,Dial(Local/desk@find&Local/mobile@find/n,25)
exten => follow-me,1,Gosub(asterisk-gdpr,notice,1(support))
 same => n,FollowMe(team)
exten => desk-of-nobody,1,Gosub(asterisk-gdpr,notice,1(support))
 same => n,Dial(PJSIP/carla,25)
exten => room,1,Gosub(asterisk-gdpr,notice,1(support))
 same => n,Goto(rooms,room,1)
exten => guest,1,Goto(rooms,room,1)
exten => split,1,Gosub(asterisk-gdpr,notice,1(support))
 same => n,Dial(PJSIP/anna,20,G(both^s^1))
exten => chained,1,Gosub(asterisk-gdpr,notice,1(support))
 same => n,Dial(Local/first@chain/n,20)
exten => nested,1,Gosub(asterisk-gdpr,notice,1(support))
 same => n,Gosub(deeper,s,1)
 same => n,Dial(PJSIP/anna,20,U(screen^s^1))
exten => dialled,1,Gosub(asterisk-gdpr,notice,1(support))
 same => n,DISA(no-password,chain)
exten => left-early,1,Gosub(asterisk-gdpr,notice,1(support))
 same => n,Queue(first,,,,1)
 same => n,Dial(PJSIP/anna,20)
exten => machine,1,Gosub(asterisk-gdpr,notice,1(support))
 same => n,Dial(PJSIP/ben&Local/machine@chain/n,20)
[both]
exten => s,1,Goto(rooms,of-two,1)
exten => s,2,Goto(rooms,of-two,1)
[deeper]
exten => s,1,Gosub(asterisk-gdpr,notice,1(support))
 same => n,GotoIf($["${ROUND}" = "xx"]?back)
 same => n,Set(ROUND=${ROUND}x)
 same => n,Gosub(deeper,s,1)
 same => n(back),Return()
[screen]
exten => s,1,Wait(1)
 same => n,Return()
[chain]
exten => first,1,Dial(Local/second@chain/n,20)
exten => second,1,Dial(Local/55@chain/n,20)
exten => 55,1,Dial(PJSIP/anna,20)
exten => machine,1,Answer()
 same => n,Milliwatt()
[from-agents]
exten => room,1,Goto(rooms,room,1)
[rooms]
exten => room,1,ConfBridge(room)
exten => of-two,1,ConfBridge(of-two)
[find]
exten => desk,1,Dial(PJSIP/ben,1)
 same => n,Dial(PJSIP/carla,20)
exten => mobile,1,Wait(0.5)
 same => n,Dial(PJSIP/anna,20)
"""

FOLLOW_ME = """[general]
enable_callee_prompt = no
[team]
context = find
number = desk&mobile,20
"""


@pytest.fixture(scope="module")
def house(programs: Programs) -> Iterator[House]:
    """A house in which anna alone has consented, and nobody is known at carla's desk."""
    files = {
        "confbridge.conf": "[default_user]\ntype = user\nquiet = yes\n",
        "followme.conf": FOLLOW_ME,
        "queues.conf": "[first]\nstrategy = ringall\nmember => PJSIP/ben\n",
    }
    with House(programs, extra=DIALPLAN, files=files) as house:
        house.pbx.rx("module load app_followme.so")
        yield house


def calls(house: House, extension: str, number: str) -> PhoneCall:
    """A caller who says nothing in the notice."""
    return house.phones.call(extension, number=number, script=f"tone {CALLER_HZ}; wait 60; hangup")


def over(house: House, call: PhoneCall) -> tuple[Samples, Samples]:
    """The caller hangs up; what was recorded."""
    call.hangup()
    call.wait_ended()
    return listen(house, house.wait_sealed(house.last_call())["recording"])


@pytest.mark.parametrize("extension", ["follow", "follow-me"])
def test_whoever_is_found_first_is_the_party(house: House, extension: str) -> None:
    """A call that follows people, by Dial() or FollowMe(): who answers is in it, who rang is not."""
    for name in ("ben", "carla"):
        house.phones.agent(name, script="ring 30")
    anna = house.phones.agent("anna", tone=ANNA_HZ, answer_after=0.2)
    call = calls(house, extension, "+4915112345701")
    anna.wait_new(20).wait_answered()
    time.sleep(2)
    left, right = over(house, call)

    assert seconds_of(right, ANNA_HZ) > 1.5
    assert seconds_of(left, CALLER_HZ) == pytest.approx(seconds_of(right, ANNA_HZ), abs=0.3)


def test_whatever_the_dialplan_does_both_are_captured_or_nobody(house: House) -> None:
    """Dial() with G() or U(), Local channels behind each other, Gosub() in a loop, DISA(), a queue that ends
    early: both are captured while they talk, after one notice; a machine that answers is nobody."""
    house.phones.agent("ben", script="ring 30")
    house.phones.agent("anna", tone=ANNA_HZ, answer_after=0.1)
    talks = {
        extension: house.phones.call(
            extension, number=f"+491511234571{at}", script=f"tone {CALLER_HZ}; {then}wait 60; hangup"
        )
        for at, (extension, then) in enumerate(ODD.items())
    }
    for extension, call in talks.items():
        within(lambda call=call: seconds_of(call.heard(), ANNA_HZ) > 1.2 or None, 15)
        call.hangup()
        call.wait_ended()
        assert round(seconds_of(call.heard(), VOICES["statement"][0])) == 1, extension
    rows = house.register.calls(limit=len(ODD))
    recordings = [house.wait_sealed(row.id)["recording"] for row in rows]

    silent = 0
    heard = sorted(seconds_of(call.heard(), ANNA_HZ) for name, call in talks.items() if name != "machine")
    captured = []
    for left, right in (listen(house, recording) for recording in recordings):
        if seconds_of(right, ANNA_HZ) == 0:
            assert seconds_of(left, CALLER_HZ) == 0
            silent += 1
        else:
            captured.append(seconds_of(right, ANNA_HZ))
            assert seconds_of(left, CALLER_HZ) == pytest.approx(captured[-1], abs=0.3)
    assert silent == 1, "the machine's"
    assert sorted(captured) == pytest.approx(heard, abs=0.3)


ODD = {
    "split": "",
    "chained": "",
    "nested": "",
    "dialled": "wait 3.4; key 55; ",
    "left-early": "",
    "machine": "",
}
"""Extension → what its caller does before they wait."""


def test_a_desk_counts_from_the_moment_somebody_is_known_there(house: House) -> None:
    """At a desk that nobody has come to nothing is captured; who is registered there counts at once."""
    carla = house.phones.agent("carla", tone=CARLA_HZ, answer_after=0.2)
    count = len(carla.calls) + 1
    call = calls(house, "desk-of-nobody", "+4915112345702")
    carla.wait_call(20, count=count).wait_answered()
    time.sleep(1)
    house.command("agents", "add", "PJSIP/carla", "--version", "1")
    begins = time.time()
    house.command("agents", "consent", "PJSIP/carla", "--version", "1")
    known = time.time()
    time.sleep(2)
    leaves = time.time()
    house.command("agents", "withdraw", "PJSIP/carla")
    left = time.time()
    time.sleep(2)
    sides = over(house, call)
    house.command("agents", "remove", "PJSIP/carla")

    for side, hz in zip(sides, (CALLER_HZ, CARLA_HZ), strict=True):
        assert leaves - known - HEARD_OF < seconds_of(side, hz) < left - begins + HEARD_OF


def test_a_conference_is_captured_while_everybody_in_it_is_cleared(house: House) -> None:
    """In a ConfBridge nothing is captured alone, nor while a guest is there whom nobody knows."""
    call = calls(house, "room", "+4915112345703")
    time.sleep(3.5)
    anna = house.phones.call("room", endpoint="anna", script=f"tone {ANNA_HZ}; wait 60; hangup")
    anna.wait_answered()
    time.sleep(2)
    guest = house.phones.call("guest", number="+4915112345704", script=f"tone {GUEST_HZ}; wait 60; hangup")
    guest.wait_answered()
    time.sleep(1.5)
    guest.hangup()
    guest.wait_ended()
    time.sleep(2)
    left, right = over(house, call)
    anna.hangup()

    assert seconds_of(call.heard(), GUEST_HZ) > 1.0, "the caller heard the guest"
    assert seconds_of(right, GUEST_HZ) <= EDGE
    without = seconds_of(call.heard(), ANNA_HZ) - seconds_of(call.heard(), GUEST_HZ)
    assert without > 3
    for side, hz in ((left, CALLER_HZ), (right, ANNA_HZ)):
        assert seconds_of(side, hz) == pytest.approx(without - 0.2, abs=0.4)
