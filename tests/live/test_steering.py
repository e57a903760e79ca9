"""A talk that is steered: paused for card data, stopped by the agent, agreed to after all, put on hold."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest

from asterisk_gdpr.rig.debian import Programs
from asterisk_gdpr.rig.pbx import MUSIC_HZ, RINGBACK_HZ
from asterisk_gdpr.rig.phone_call import PhoneCall
from asterisk_gdpr.rig.sound import Samples, dialled, loud, seconds_of, spans, tone
from asterisk_gdpr.service.call.signal_file import HZ
from asterisk_gdpr.service.people.tokens import Scope, Tokens
from tests.live.house import VOICES as PROMPTS
from tests.live.house import House, within
from tests.live.listening import listen

pytestmark = pytest.mark.live

CALLER_HZ, AGENT_HZ = 400, 1000
SIGNAL_HZ = HZ
VOICES = {part: hz for part, (hz, _) in PROMPTS.items()}

TONES = "+4915112345411"
"""The caller whose phone says its keys as tones."""

IN_BAND = f"""[{TONES}]
type = endpoint
context = from-trunk
identify_by = username
disallow = all
allow = ulaw
direct_media = no
dtmf_mode = inband
"""
QUEUED = """exten => queued,1,Gosub(asterisk-gdpr,notice,1(support))
 same => n,Queue(first,,,,20)
"""
HUSHED = """exten => hushed,1,Gosub(asterisk-gdpr,notice,1(support))
 same => n,Wait(4)
 same => n,Dial(PJSIP/carla,20)
"""
QUEUE = """[first]
strategy = ringall
member => PJSIP/ben
"""


@pytest.fixture(scope="module")
def house(programs: Programs) -> Iterator[House]:
    """A house with a queue, and with a caller whose keys are nothing but sound."""
    with House(programs, QUEUED + HUSHED, files={"pjsip.conf": IN_BAND, "queues.conf": QUEUE}) as house:
        yield house


def talk(
    house: House, line: str, number: str, *, keys: str = "", before: float = 0.2
) -> tuple[PhoneCall, PhoneCall]:
    """A caller, who presses these keys in the notice, and the agent who has just answered."""
    anna = house.phones.agent("anna", tone=AGENT_HZ, answer_after=0.2)
    count = len(anna.calls) + 1
    pressing = f"wait {before}; key {keys}; " if keys else ""
    call = house.phones.call(line, number=number, script=f"tone {CALLER_HZ}; {pressing}wait 40; hangup")
    return call, anna.wait_call(20, count=count).wait_answered()


def program_of(house: House, agent: str) -> Callable[..., Any]:
    """A program of an agent's, over the page's REST: it asks (or, with words, does), and reads the answer."""
    house.start("web")
    accounts, clock = house.product.accounts(None), house.product.clock
    accounts.add("anna", "correct horse battery", ["agent"])
    accounts.change("anna", ["agent"], [], agent)
    secret, _ = Tokens(house.register, clock).make("anna", "headset", [Scope.STEER], 1)

    def ask(path: str, **words: str) -> Any:
        sent = json.dumps(words).encode() if words else None
        headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{house.page}/api/v1{path}", sent, headers)  # http
        with urllib.request.urlopen(request, timeout=15) as answer:
            return json.load(answer)

    return ask


def silence(side: Samples) -> tuple[float, float]:
    """The longest silence between two sounds, in seconds."""
    sounds = loud(side)
    return max(((one.end, other.start) for one, other in pairwise(sounds)), key=lambda gap: gap[1] - gap[0])


def over(house: House, call: PhoneCall) -> dict[str, object]:
    """The caller hangs up, and the recording is sealed."""
    call.hangup()
    call.wait_ended()
    return house.wait_sealed(house.last_call())


def test_card_data_is_not_in_the_recording(house: House) -> None:
    """Between two `*7` of the agent both sides are silent in the recording; keys are nowhere."""
    call, agent = talk(house, "support", "+4915112345401")
    time.sleep(2)
    agent.press("*7")
    paused = time.time()
    time.sleep(0.2)
    call.press("4111")
    time.sleep(1.0)
    agent.press("*7")
    resumed = time.time()
    time.sleep(2)
    told = over(house, call)

    left, right = listen(house, str(told["recording"]))
    assert agent.answered_at is not None
    for side, hz in ((left, CALLER_HZ), (right, AGENT_HZ)):
        start, end = silence(side)
        assert agent.answered_at + start == pytest.approx(paused, abs=0.4)
        assert agent.answered_at + end == pytest.approx(resumed, abs=0.4)
        assert seconds_of(side[: round(8000 * start)], hz) > 1.0
        assert seconds_of(side[round(8000 * end) :], hz) > 1.0
    evidence = json.dumps(house.evidence(str(told["id"])))
    assert "4111" not in evidence + house.log("run") and '"keys": []' in evidence
    assert seconds_of(agent.heard(), SIGNAL_HZ) == pytest.approx(3 * 0.2, abs=0.1), "one tone, then two"
    assert seconds_of(call.heard(), SIGNAL_HZ) == 0


def test_a_pause_that_nobody_ends(house: House) -> None:
    """Asked for by a program of the agent, it ends after the line's seconds; the agent alone hears tones."""
    ask = program_of(house, "a0000000000anna")
    call, agent = talk(house, "brief", "+4915112345402")
    time.sleep(1)
    (own,) = within(lambda: ask("/calls")["calls"] or None, 5)
    paused = ask(f"/calls/{own['call']}/set", do="pause")
    marked = ask(f"/calls/{own['call']}/marks", text="card data")
    time.sleep(4.5)
    told = over(house, call)

    assert (own["light"], paused) == ("on", {"call": told["id"], "outcome": "paused"})
    (mark,) = house.register.marks(str(told["recording"]))
    assert (mark.id, mark.user, mark.text) == (marked["mark"], "anna", "card data")
    left, _ = listen(house, str(told["recording"]))
    start, end = silence(left)
    assert end - start == pytest.approx(2.0, abs=0.4)
    assert seconds_of(agent.heard(), SIGNAL_HZ) == pytest.approx(3 * 0.2, abs=0.1)


def test_an_agent_stops_for_a_caller_who_asks_aloud(house: House) -> None:
    """`*00` of the agent erases what was recorded; the caller alone hears it confirmed."""
    call, agent = talk(house, "support", "+4915112345403")
    time.sleep(2)
    agent.press("*00")
    recording = house.register.call(house.last_call()).recording
    assert recording is not None
    house.wait_state(recording, "erased")
    time.sleep(1.5)
    call.hangup()
    call.wait_ended()

    assert seconds_of(call.heard(), VOICES["withdrawn"]) > 0.5
    assert seconds_of(agent.heard(), VOICES["withdrawn"]) == 0
    mark = house.register.tombstone(recording)
    assert mark is not None and mark.reason == "requested"


def test_who_refused_agrees_in_the_talk(house: House) -> None:
    """`*4` after a refusal is heard, acknowledged, and recorded from then on."""
    call, _ = talk(house, "sales", "+4915112345404", keys="2", before=1.3)
    time.sleep(2)
    call.press("*4")
    agreed = time.time()
    time.sleep(4)
    told = over(house, call)

    assert told["choice"] == "agreed"
    left, right = listen(house, str(told["recording"]))
    talked = time.time() - agreed
    assert 2.5 < seconds_of(left, CALLER_HZ) < talked
    assert seconds_of(right, AGENT_HZ) == pytest.approx(seconds_of(left, CALLER_HZ), abs=0.3)
    assert seconds_of(call.heard(), VOICES["agreed"]) > 0.2
    assert [key["digit"] for key in house.evidence(str(told["id"]))["keys"]] == ["*", "4"]


def test_who_refused_before_the_statement_was_heard_is_told_first(house: House) -> None:
    """After an early refusal `*4` whispers the statement, and only a second `*4` agrees."""
    call, _ = talk(house, "sales", "+4915112345405", keys="2", before=0.3)
    time.sleep(1)
    call.press("*4")
    time.sleep(2)
    assert house.register.call(house.last_call()).recording is None
    call.press("*4")
    time.sleep(3)
    told = over(house, call)

    assert told["choice"] == "agreed"
    assert seconds_of(call.heard(), VOICES["statement"]) > 1.0
    left, _ = listen(house, str(told["recording"]))
    assert seconds_of(left, CALLER_HZ) > 1.5


def test_a_hold_is_not_in_the_recording(house: House) -> None:
    """While the agent holds neither the music nor the waiting caller is captured."""
    call, agent = talk(house, "support", "+4915112345406")
    time.sleep(1.2)
    agent.hold(True)
    held = time.time()
    time.sleep(2)
    agent.hold(False)
    back = time.time()
    time.sleep(1.2)
    told = over(house, call)

    assert seconds_of(call.heard(), MUSIC_HZ) > 1.5, "the caller heard the music"
    left, right = listen(house, str(told["recording"]))
    assert agent.answered_at is not None
    assert seconds_of(right, MUSIC_HZ) <= 0.04
    for side in (left, right):
        start, end = silence(side)
        assert agent.answered_at + start == pytest.approx(held, abs=0.3)
        assert agent.answered_at + end == pytest.approx(back, abs=0.3)


def test_a_withdrawal_is_confirmed_wherever_the_caller_waits(house: House) -> None:
    """`*9` is known, as tones while on hold, by SIP INFO in a queue, and as any key while it rings or in a
    silence; each hears it confirmed once, the one in the silence when the talk begins, and music goes on."""
    house.phones.agent("ben", script="ring 30"), house.phones.agent("carla", answer_after=0.1)
    ringing = house.phones.call("support-ben", number="+4915112345412", script="tone 400; wait 40; hangup")
    script = "tone 400; wait 40; hangup"
    queued = house.phones.call("queued", number="+4915112345413", script=script, endpoint="info")
    hushed = house.phones.call("hushed", number="+4915112345414", script=script)
    held, agent = talk(house, "support", TONES)
    agent.hold(True)
    time.sleep(0.6)
    recordings = [row.recording or "" for row in house.register.calls(limit=4)]
    keys = dialled("*9")
    held.say(keys)
    queued.press("*9"), ringing.press("*9"), hushed.press("*9")
    for recording in recordings:
        house.wait_state(recording, "erased")
    held.say(tone(CALLER_HZ, 1.0))
    within(lambda: seconds_of(hushed.heard(), VOICES["withdrawn"]) > 0.7 or None, 8)
    time.sleep(0.3)
    for call in (ringing, queued, held, hushed):
        call.hangup()
        call.wait_ended()

    for call, hz in ((held, MUSIC_HZ), (queued, MUSIC_HZ)):
        (whisper,) = spans(call.heard(), VOICES["withdrawn"])
        assert whisper.seconds > 0.6
        assert spans(call.heard(), hz)[-1].end > whisper.end + 0.3, "the music goes on"
    for call in (ringing, hushed):
        assert seconds_of(call.heard(), VOICES["withdrawn"]) == pytest.approx(0.8, abs=0.15)
    assert seconds_of(ringing.heard(), RINGBACK_HZ) > 0.5
    assert seconds_of(agent.heard(), VOICES["withdrawn"]) == 0


def test_both_sides_hear_that_they_are_recorded(house: House) -> None:
    """Where the line asks for it both hear a tone every so many seconds, and it is not in the recording.

    Its purpose does without the last bit: what is opened is Opus, each side on its own.
    """
    call, agent = talk(house, "toned", "+4915112345407")
    time.sleep(5)
    told = over(house, call)

    left, right = listen(house, str(told["recording"]))
    for phone in (call, agent):
        assert [round(span.seconds, 1) for span in spans(phone.heard(), SIGNAL_HZ)] == [0.2] * 3
    assert seconds_of(left, SIGNAL_HZ) == seconds_of(right, SIGNAL_HZ) == 0
    assert seconds_of(right, AGENT_HZ) > 4 and seconds_of(left, CALLER_HZ) > 4
    assert seconds_of(left, AGENT_HZ) == seconds_of(right, CALLER_HZ) == 0
    assert house.register.recording(str(told["recording"])).codec == "opus"


def test_who_joins_and_is_not_known_is_told(house: House) -> None:
    """An agent whom nobody knows hears the statement, alone, and is captured once they have heard it."""
    carla = house.phones.agent("carla", tone=AGENT_HZ, answer_after=0.2)
    call = house.phones.call("told", number="+4915112345408", script=f"tone {CALLER_HZ}; wait 40; hangup")
    agent = carla.wait_call(20, count=len(carla.calls) + 1).wait_answered()
    time.sleep(4)
    told = over(house, call)

    left, right = listen(house, str(told["recording"]))
    (statement,) = spans(agent.heard(), VOICES["statement"])
    assert statement.seconds > 0.8
    assert seconds_of(right, VOICES["statement"]) == 0
    assert agent.answered_at is not None and agent.started_at is not None and agent.ended_at is not None
    heard_at = agent.started_at + statement.end
    for side, hz in ((left, CALLER_HZ), (right, AGENT_HZ)):
        assert seconds_of(side, hz) == pytest.approx(agent.ended_at - heard_at, abs=0.5)


def test_who_joins_and_is_not_known_is_asked(house: House) -> None:
    """An agent whom nobody knows is told and asked, alone; captured only once they agreed, never if not."""
    carla = house.phones.agent("carla", tone=AGENT_HZ, answer_after=0.2)
    for number, key in (("+4915112345409", "1"), ("+4915112345410", "2")):
        script = f"tone {CALLER_HZ}; wait 40; hangup"
        call = house.phones.call("asked", number=number, script=script)
        agent = carla.wait_call(20, count=len(carla.calls) + 1).wait_answered()
        time.sleep(2.5)
        agent.press(key)
        pressed = time.time()
        time.sleep(2.5)
        talked = time.time() - pressed
        recording = str(over(house, call)["recording"])

        answer = VOICES["joiner_agreed" if key == "1" else "joiner_refused"]
        for hz in (VOICES["statement"], VOICES["joiner_question"], answer):
            assert seconds_of(agent.heard(), hz) > 0.2
        assert seconds_of(call.heard(), VOICES["joiner_question"]) == 0
        left, right = listen(house, recording)
        for side, hz in ((left, CALLER_HZ), (right, AGENT_HZ)):
            expected = talked - 0.2 if key == "1" else 0
            assert seconds_of(side, hz) == pytest.approx(expected, abs=0.5 if key == "1" else 0)
