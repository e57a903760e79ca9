"""A changed policy comes into force while calls are alive."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from asterisk_gdpr.rig.sound import seconds_of, tone
from tests.live.house import POLICY, House, within
from tests.live.listening import listen, overlap

pytestmark = pytest.mark.live

VOICE_HZ = 1700

OTHER = POLICY.replace(
    "support: {purposes: [improvement],", "support: {mode: shadow, purposes: [improvement],"
)


@pytest.fixture(autouse=True)
def _as_it_was(house: House) -> Iterator[None]:
    yield
    (house.installation / "policy.yaml").write_text(POLICY)
    house.command("reload")


def _hang_up(house: House) -> None:
    pid = within(lambda: house.register.beats().get("pbx1"), 10)[1]["pid"]
    os.kill(int(pid), signal.SIGHUP)


def test_a_new_policy_touches_no_call_that_began_under_the_old_one(house: House) -> None:
    """A talk is recorded on under the policy that its caller was told; the next call meets the new one."""
    assert OTHER != POLICY
    anna = house.phones.agent("anna", tone=1000, answer_after=0.2)
    first = house.phones.call("support", number="+4915112345301", script="tone 400; wait 14; hangup")
    agent = anna.wait_call(20, count=1)
    agent.wait_answered()
    old = house.register.call(house.last_call())
    (house.installation / "policy.yaml").write_text(OTHER)
    assert "The daemon has taken it" in house.command("reload")
    second = house.phones.call("support", number="+4915112345302", script="tone 400; wait 1; hangup")
    anna.wait_call(20, count=2).wait_answered()
    new = house.register.call(house.last_call())
    for call in (second, first):
        call.wait_ended()
    agent.wait_ended()
    told = house.wait_sealed(old.id)

    left, right = listen(house, told["recording"])
    assert seconds_of(left, 400) == pytest.approx(overlap(first, agent), abs=0.5)
    assert seconds_of(right, 1000) == pytest.approx(overlap(first, agent), abs=0.5)
    assert (new.choice, new.recording) == ("shadow", None)
    assert new.policy != old.policy == told["policy"]
    assert house.recording(told["recording"])["policy"] == old.policy


def test_a_faulty_policy_is_refused_and_the_old_one_stays(house: House) -> None:
    """A policy with a fault is told, alarms where a signal brought it, and changes nothing.

    A voice that was handed in before it is heard all the same, without a word to the daemon.
    """
    prompts, sound = house.product.prompts(), [tone(VOICE_HZ, 2.0, rate).tobytes() for rate in (8000, 16000)]
    for language in house.product.policy().lines["support"].languages:
        prompts.import_voice(house.product.policy(), "support", language, "statement", *sound)
    (house.installation / "policy.yaml").write_text(OTHER.replace("basis: consent", "basis: whim"))
    refused = house.run_command("reload")
    assert refused.returncode == 1 and "policy.yaml" in refused.stderr
    _hang_up(house)
    within(lambda: "policy-refused" in [alarm.id for alarm in house.register.alarms()] or None, 5)
    anna = house.phones.agent("anna", tone=1000, answer_after=0.2)
    count = len(anna.calls) + 1
    call = house.phones.call("support", number="+4915112345303", script="tone 400; wait 5; hangup")
    anna.wait_call(20, count=count).wait_answered()
    assert house.register.call(house.last_call()).choice == "not_objected"
    call.hangup()
    call.wait_ended()
    assert seconds_of(call.heard(), VOICE_HZ) == pytest.approx(2.0, abs=0.2)
    (house.installation / "policy.yaml").write_text(POLICY)
    _hang_up(house)

    within(lambda: None if "policy-refused" in [one.id for one in house.register.alarms()] else True, 5)
