"""Calls in wideband and in mixed codecs, heard by real phones: recorded at 16 kHz, both sides in step."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from asterisk_gdpr.rig.debian import Programs
from asterisk_gdpr.rig.sound import seconds_of, spans
from tests.live.house import House
from tests.live.listening import listen, overlap

pytestmark = pytest.mark.live

CALLER_HZ, AGENT_HZ = 400, 1000
RATE = 16000


@pytest.fixture(scope="module", params=[("g722", "g722"), ("opus", "opus"), ("g722", "ulaw")], ids="-".join)
def house(request: pytest.FixtureRequest, programs: Programs) -> Iterator[House]:
    """A house whose callers and agents speak these codecs."""
    codec, agents_codec = request.param
    with House(programs, codec=codec, agents_codec=agents_codec) as house:
        yield house


def test_a_wideband_call_is_recorded_at_its_rate(house: House) -> None:
    """A caller in wideband is recorded at 16 kHz: voice left, agent's right, as long as the talk."""
    anna = house.phones.agent("anna", tone=AGENT_HZ, answer_after=0.5)
    script = "tone 400; wait 1.5; key 1; wait 7; hangup"
    call = house.phones.call("sales", number="+4915112345002", script=script)
    agent = anna.wait_call(count=len(anna.calls) + 1).wait_ended()
    call.wait_ended()
    told = house.wait_sealed(house.last_call())

    assert house.recording(told["recording"])["rate"] == RATE
    left, right = listen(house, told["recording"])
    talk = overlap(call, agent)
    assert len(left) / RATE == pytest.approx(talk, abs=0.3)
    assert seconds_of(left, CALLER_HZ, RATE) == pytest.approx(talk, abs=0.4)
    assert seconds_of(right, AGENT_HZ, RATE) == pytest.approx(talk, abs=0.4)
    assert seconds_of(left, AGENT_HZ, RATE) == seconds_of(right, CALLER_HZ, RATE) == 0
    assert np.abs(left).max() > 1000


@pytest.mark.slow
def test_both_sides_are_in_step_after_half_an_hour(programs: Programs) -> None:
    """What both say at the same time after half an hour stands at the same time in the recording."""
    with House(programs, codec="g722", agents_codec="ulaw") as house:
        wait, changed = 1800, {"caller": 600, "agent": 1400}
        anna = house.phones.agent(
            "anna", script=f"ring 0.5; tone 1000; answer; wait {wait}; tone {changed['agent']}; wait 20"
        )
        script = f"tone 400; wait 1.5; key 1; wait {wait}; tone {changed['caller']}; wait 8; hangup"
        call = house.phones.call("sales", number="+4915112345002", script=script)
        agent = anna.wait_call(count=len(anna.calls) + 1).wait_ended(wait + 60)
        call.wait_ended(wait + 60)
        told = house.wait_sealed(house.last_call())

        left, right = listen(house, told["recording"])
        assert call.answered_at and agent.answered_at
        # The key takes 100 ms, and is followed by 100 ms.
        apart = (call.answered_at + 1.7) - agent.answered_at
        begin = [
            spans(side, hz, RATE)[0].start
            for side, hz in ((left, changed["caller"]), (right, changed["agent"]))
        ]
        assert begin[0] - begin[1] == pytest.approx(apart, abs=0.1)
        # A packet that comes late is silence first and sound after all: on a busy machine that adds up.
        assert len(left) / RATE == pytest.approx(overlap(call, agent), rel=0.003)
