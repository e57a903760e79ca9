"""Recorders that are not ours, begun by a real dialplan and by a supervisor's phone."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from asterisk_gdpr.rig.debian import Programs
from tests.live.house import House, within

pytestmark = pytest.mark.live

EXTRA = """
exten => taped,1,Gosub(asterisk-gdpr,notice,1(support))
 same => n,MixMonitor(${UNIQUEID}.wav)
 same => n,Dial(PJSIP/anna,25)
exten => refused,1,MixMonitor(${UNIQUEID}.wav)
 same => n,Gosub(asterisk-gdpr,notice,1(sales))
 same => n,Dial(PJSIP/anna,25)
[from-agents]
exten => spy,1,Answer()
 same => n,ChanSpy(PJSIP/trunk,q)
"""


@pytest.fixture(scope="module")
def house(programs: Programs) -> Iterator[House]:
    """A house whose dialplan records by itself."""
    with House(programs, extra=EXTRA) as house:
        yield house


def _standing(house: House) -> list[tuple[str, str]]:
    return [(alarm.id, alarm.about) for alarm in house.register.alarms()]


def test_a_mixmonitor_of_the_dialplan_is_noticed(house: House) -> None:
    """A MixMonitor that the dialplan starts is an alarm within five seconds; ours is none."""
    anna = house.phones.agent("anna", tone=1000, answer_after=0.2)
    plain = house.phones.call("support", number="+4915112345601", script="tone 400; wait 4; hangup")
    anna.wait_call(20, count=1).wait_answered()
    time.sleep(1)
    assert _standing(house) == []
    plain.wait_ended()
    call = house.phones.call("taped", number="+4915112345602", script="tone 400; wait 6; hangup")
    anna.wait_call(20, count=2).wait_answered()
    within(lambda: ("other-recorder", house.last_call()) in _standing(house) or None, 5)
    call.wait_ended()

    assert house.wait_sealed(house.last_call())["choice"] == "not_objected"


def test_a_refused_call_that_is_recorded_is_the_loudest_alarm(house: House) -> None:
    """A caller who refused and is recorded by the dialplan all the same is told of before anything else."""
    anna = house.phones.agent("anna", tone=1000, answer_after=0.2)
    count = len(anna.calls) + 1
    call = house.phones.call(
        "refused", number="+4915112345603", script="tone 400; wait 0.5; key 2; wait 4; hangup"
    )
    anna.wait_call(20, count=count).wait_answered()
    within(lambda: ("recorded-despite-refusal", house.last_call()) in _standing(house) or None, 5)
    call.wait_ended()

    assert house.run_command("status").stdout.partition("ALARM")[0].endswith("!!! ")


def test_whoever_listens_in_is_noticed(house: House) -> None:
    """A ChanSpy on a call of ours is an alarm within five seconds."""
    anna = house.phones.agent("anna", tone=1000, answer_after=0.2)
    count = len(anna.calls) + 1
    call = house.phones.call("support", number="+4915112345604", script="tone 400; wait 9; hangup")
    anna.wait_call(20, count=count).wait_answered()
    spy = house.phones.call("spy", endpoint="ben", script="wait 4; hangup")
    within(lambda: ("other-recorder", house.last_call()) in _standing(house) or None, 6)
    spy.wait_ended()
    call.wait_ended()

    assert house.wait_sealed(house.last_call())["choice"] == "not_objected"
