"""A call from its ring to its sealed recording, heard by real phones on a real Asterisk."""

from __future__ import annotations

import time

import pytest

from asterisk_gdpr.rig.pbx import RINGBACK_HZ
from asterisk_gdpr.rig.sound import seconds_of, spans
from tests.live.house import VOICES as PROMPTS
from tests.live.house import House, within
from tests.live.listening import Watcher, is_mute, listen, overlap

pytestmark = pytest.mark.live

VOICES = {part: hz for part, (hz, _) in PROMPTS.items()}
CALLER_HZ, AGENT_HZ = 400, 1000
EDGE = 0.04
"""Two frames: where a tone begins within a frame, that frame has a little of every other tone."""
NOTICE_HZ = (VOICES["statement"], VOICES["question-1"], VOICES["agreed"])


def test_not_refusing_on_an_opt_out_line_is_recorded_as_not_objected(house: House) -> None:
    """Who does not object is recorded from the talk on: their voice left, the agent's right, nothing else."""
    anna = house.phones.agent("anna", tone=AGENT_HZ, answer_after=1.0)
    call = house.phones.call("support", number="+4915112345001", script="tone 400; wait 9; hangup")
    agent = anna.wait_call(count=len(anna.calls) + 1).wait_ended()
    call.wait_ended()
    told = house.wait_sealed(house.last_call())

    assert told["choice"] == "not_objected"
    assert house.evidence(told["id"])["said"] == ["silence"]
    begun = spans(call.heard(), VOICES["statement"])[0].start
    assert call.started_at is not None and call.answered_at is not None
    assert call.answered_at - call.started_at < begun + 0.02, "answered before the first sound, to a frame"
    _assert_talk_alone(house, told["recording"], overlap(call, agent))


def _assert_talk_alone(house: House, recording: str, talk: float) -> None:
    """The talk, its whole length, each voice in its own channel, and nothing of notice and ringing."""
    left, right = listen(house, recording)
    assert len(left) / 8000 == len(right) / 8000 == pytest.approx(talk, abs=0.3)
    assert seconds_of(left, CALLER_HZ) == pytest.approx(talk, abs=0.3)
    assert seconds_of(right, AGENT_HZ) == pytest.approx(talk, abs=0.3)
    assert seconds_of(left, AGENT_HZ) == seconds_of(right, CALLER_HZ) == 0
    for hz in (*NOTICE_HZ, RINGBACK_HZ):
        assert max(seconds_of(left, hz), seconds_of(right, hz)) <= EDGE


def test_agreeing_on_an_opt_in_line_is_recorded_as_agreed(house: House) -> None:
    """Who presses the key to agree has agreed, hears it acknowledged, and is recorded from the talk on."""
    anna = house.phones.agent("anna", tone=AGENT_HZ, answer_after=0.5)
    script = "tone 400; wait 1.5; key 1; wait 7; hangup"
    call = house.phones.call("sales", number="+4915112345002", script=script)
    agent = anna.wait_call(count=len(anna.calls) + 1).wait_ended()
    call.wait_ended()
    told = house.wait_sealed(house.last_call())

    assert told["choice"] == "agreed"
    assert [key["digit"] for key in house.evidence(told["id"])["keys"]] == ["1"]
    assert seconds_of(call.heard(), VOICES["agreed"]) > 0.2
    _assert_talk_alone(house, told["recording"], overlap(call, agent))


def test_an_early_refusal_connects_at_once_and_leaves_nothing(house: House) -> None:
    """Refusing half a second into the notice connects within two seconds, and no audio is ever kept."""
    anna = house.phones.agent("anna", tone=AGENT_HZ, answer_after=0.0)
    with Watcher(house) as watcher:
        script = "tone 400; wait 0.5; key 2; wait 3; hangup"
        call = house.phones.call("support", number="+4915112345003", script=script)
        agent = anna.wait_call(count=len(anna.calls) + 1).wait_answered()
        call.wait_ended()
        told = house.wait_ended(house.last_call())

    assert call.answered_at is not None and agent.answered_at is not None
    assert agent.answered_at - (call.answered_at + 0.5) < 2.0
    assert (told["choice"], told["recording"]) == ("refused", None)
    assert house.evidence(told["id"])["said"] == ["refused"]
    assert watcher.seen == set()


def test_silence_on_an_opt_in_line_leaves_nothing(house: House) -> None:
    """Who says nothing when asked for consent is connected, and no audio is ever kept."""
    anna = house.phones.agent("anna", tone=AGENT_HZ, answer_after=0.0)
    with Watcher(house) as watcher:
        call = house.phones.call("sales", number="+4915112345004", script="tone 400; wait 7; hangup")
        anna.wait_call(count=len(anna.calls) + 1).wait_answered()
        call.wait_ended()
        told = house.wait_ended(house.last_call())

    assert (told["choice"], told["recording"]) == ("refused", None)
    assert house.evidence(told["id"])["said"] == ["silence"]
    assert watcher.seen == set()


def test_an_agent_who_is_not_cleared_is_silence_on_both_sides(house: House) -> None:
    """While an agent without consent is in the call, neither voice is captured."""
    ben = house.phones.agent("ben", tone=AGENT_HZ, answer_after=0.2)
    call = house.phones.call("support-ben", number="+4915112345005", script="tone 400; wait 8; hangup")
    agent = ben.wait_call(count=len(ben.calls) + 1).wait_ended()
    call.wait_ended()
    told = house.wait_sealed(house.last_call())

    left, right = listen(house, told["recording"])
    assert len(left) / 8000 == pytest.approx(overlap(call, agent), abs=0.3)
    assert is_mute(left) and is_mute(right)
    assert seconds_of(agent.heard(), CALLER_HZ) > 2, "the people hear each other all the same"


def test_a_withdrawal_in_the_talk_ends_the_recording_and_not_the_call(house: House) -> None:
    """Withdrawing stops the capture and destroys the keys in the talk, is confirmed to the caller alone."""
    anna = house.phones.agent("anna", tone=AGENT_HZ, answer_after=0.2)
    call = house.phones.call("support", number="+4915112345006", script="tone 400; wait 20; hangup")
    agent = anna.wait_call(count=len(anna.calls) + 1).wait_answered()
    recording = house.register.call(house.last_call()).recording
    assert recording is not None
    within(lambda: house.vault.size(recording), 10)
    assert house.captures() == 1

    call.press("*9")

    house.wait_state(recording, "erased")
    assert house.register.keys(recording) == []
    assert recording not in set(house.vault.names())
    assert not list(house.spool_folder.glob(f"{recording}*"))
    assert house.captures() == 0
    assert call.ended_at is None and agent.ended_at is None
    time.sleep(2.5)
    (whisper,) = spans(call.heard(), VOICES["withdrawn"])
    assert seconds_of(agent.heard(), VOICES["withdrawn"]) == 0
    heard_after = [span for span in spans(call.heard(), AGENT_HZ) if span.end > whisper.end + 0.8]
    assert heard_after, "the agent is heard after the whisper"
    call.hangup()
    call.wait_ended()
    told = house.wait_ended(house.last_call())
    assert told["ending"] == "ended_after_talk"


@pytest.mark.parametrize(
    ("moment", "script", "ending"),
    [
        ("statement", "tone 400; wait 0.4; hangup", "hung_up_in_statement"),
        ("question", "tone 400; wait 1.3; hangup", "hung_up_in_question"),
        ("waiting", "tone 400; wait 2.3; hangup", "hung_up_in_waiting"),
    ],
)
def test_hanging_up_in_the_notice_is_no_choice(house: House, moment: str, script: str, ending: str) -> None:
    """Who hangs up during the notice has chosen nothing, and nothing is kept of their voice."""
    with Watcher(house) as watcher:
        house.phones.call("support", number="+4915112345007", script=script).wait_ended()
        told = house.wait_ended(house.last_call())

    assert (told["choice"], told["recording"], told["ending"]) == (None, None, ending)
    assert watcher.seen == set()


def test_hanging_up_while_it_rings_leaves_no_recording(house: House) -> None:
    """A call that nobody takes has no container: its recording is abandoned, with a certificate."""
    house.phones.agent("anna", script="ring 30")
    script = "tone 400; wait 6; hangup"
    house.phones.call("support", number="+4915112345008", script=script).wait_ended()
    told = house.wait_ended(house.last_call())

    assert told["ending"] == "ended_unanswered"
    assert house.wait_state(told["recording"], "erased")["state"] == "erased"
    assert told["recording"] not in set(house.vault.names())


def test_a_busy_agent_leaves_no_recording(house: House) -> None:
    """An agent who is busy is no talk, and what was made ready for one is erased."""
    house.phones.agent("anna", script="busy")
    call = house.phones.call("support", number="+4915112345009", script="tone 400; wait 20; hangup")
    call.wait_ended()
    told = house.wait_ended(house.last_call())

    assert told["ending"] == "ended_unanswered"
    assert house.wait_state(told["recording"], "erased")["state"] == "erased"


def test_an_agent_who_hangs_up_first_ends_the_recording(house: House) -> None:
    """When the agent hangs up, what was said until then is sealed, and nothing after it is captured."""
    anna = house.phones.agent("anna", tone=AGENT_HZ, answer_after=0.2, hang_up_after=4.0)
    call = house.phones.call("support", number="+4915112345010", script="tone 400; wait 30; hangup")
    agent = anna.wait_call(count=len(anna.calls) + 1).wait_ended()
    call.wait_ended()
    told = house.wait_sealed(house.last_call())

    left, right = listen(house, told["recording"])
    assert len(left) / 8000 == pytest.approx(overlap(call, agent), abs=0.3)
    assert seconds_of(right, AGENT_HZ) == pytest.approx(4.0, abs=0.3)


def test_a_mandatory_line_offers_no_refusal(house: House) -> None:
    """On a mandatory line a refusal key means nothing, and the choice is written down as mandatory."""
    anna = house.phones.agent("anna", tone=AGENT_HZ, answer_after=0.2)
    script = "tone 400; wait 1; key 2; wait 8; hangup"
    call = house.phones.call("trading", number="+4915112345011", script=script)
    anna.wait_call(count=len(anna.calls) + 1).wait_ended()
    call.wait_ended()
    told = house.wait_sealed(house.last_call())

    assert told["choice"] == "mandatory"
    assert seconds_of(listen(house, told["recording"])[0], CALLER_HZ) > 3


def test_a_shadow_line_writes_down_and_does_nothing(house: House) -> None:
    """On a shadow line the caller hears no notice, nothing is recorded, and the call is counted."""
    anna = house.phones.agent("anna", tone=AGENT_HZ, answer_after=0.2)
    count = len(anna.calls) + 1  # counted before the call: nothing keeps it from being there at once
    with Watcher(house) as watcher:
        call = house.phones.call("billing", number="+4915112345012", script="tone 400; wait 2; hangup")
        anna.wait_call(count=count).wait_ended()
        call.wait_ended()
        told = house.wait_ended(house.last_call())

    assert (told["choice"], told["recording"]) == ("shadow", None)
    assert seconds_of(call.heard(), VOICES["statement"]) == 0
    assert watcher.seen == set()
