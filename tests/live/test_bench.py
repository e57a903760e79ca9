"""The bench proves itself, with no product in it: live tests show the product's doing and not the bench's."""

from __future__ import annotations

import time

import pytest

from asterisk_gdpr.rig.bench import Bench
from asterisk_gdpr.rig.pbx import MUSIC_HZ, RINGBACK_HZ
from asterisk_gdpr.rig.sound import noise, position, seconds_of, spans
from tests.live.conftest import BenchMaker

pytestmark = pytest.mark.live

DIALPLAN = """[from-trunk]
exten => wait,1,Answer()
 same => n,StartMusicOnHold()
 same => n,Wait(0.6)
 same => n,StopMusicOnHold()
 same => n,Dial(PJSIP/ben,20)
exten => keys,1,Answer()
 same => n,Read(KEYS,,3,,1,3)
 same => n,Log(NOTICE,keys ${KEYS} from ${CALLERID(num)})
 same => n,Hangup()
exten => early,1,Progress()
 same => n,Playtones(2000)
 same => n,Read(KEYS,,1,n,1,3)
 same => n,Log(NOTICE,early ${KEYS} in ${CHANNEL(state)})
 same => n,Dial(PJSIP/anna,20)
"""


@pytest.fixture(scope="module")
def bench(make_bench: BenchMaker) -> Bench:
    """A bench with the dialplan above, for all tests of this module."""
    return make_bench(extra={"extensions.conf": DIALPLAN})


def test_two_people_hear_each_other(bench: Bench) -> None:
    """The caller hears the ringing, then the agent; the agent hears the caller; nobody hears themselves."""
    anna = bench.phones.agent("anna", tone=1000, answer_after=0.3)
    call = bench.phones.call("plain-anna", number="+4915112345678", script="tone 400; wait 1; hangup")
    call.wait_ended()
    other = anna.last_call().wait_ended()

    assert call.answered_at and call.started_at and call.ended_at
    talk = call.ended_at - call.answered_at
    assert talk == pytest.approx(1.0, abs=0.15)
    assert seconds_of(call.heard(), 1000) == pytest.approx(talk, abs=0.15)
    assert seconds_of(other.heard(), 400) == pytest.approx(talk, abs=0.15)
    assert seconds_of(call.heard(), RINGBACK_HZ) == pytest.approx(0.3, abs=0.15)
    assert seconds_of(call.heard(), 400) == seconds_of(other.heard(), 1000) == 0
    (heard,) = spans(call.heard(), 1000)
    assert heard.start == pytest.approx(call.answered_at - call.started_at, abs=0.1)


def test_a_number_travels(bench: Bench) -> None:
    """The agent is shown the number that the caller sent, and none that the caller withheld."""
    anna = bench.phones.agent("anna", answer_after=0)
    bench.phones.call("plain-anna", number="+4915112345678").wait_answered().hangup()
    bench.phones.call("plain-anna").wait_answered().hangup()

    assert [call.wait_ended().number for call in anna.calls[-2:]] == ["+4915112345678", "anonymous"]


def test_keys_arrive(bench: Bench) -> None:
    """Keys pressed by a script and by hand arrive at the PBX, each once and in their order."""
    call = bench.phones.call("keys", number="+4930111", script="tone 400; key 1")
    call.wait_answered()
    time.sleep(0.4)
    call.press("*9")
    call.wait_ended()

    assert "keys 1*9 from +4930111" in bench.pbx.log()


def test_a_key_can_be_pressed_in_early_media(bench: Bench) -> None:
    """What is played before the call is answered is heard, and a key pressed then arrives."""
    anna = bench.phones.agent("anna", answer_after=0.1)
    call = bench.phones.call("early", early=True, script="tone 400; wait 0.5; key 7")
    call.wait_answered()
    call.hangup()
    call.wait_ended()

    assert "early 7 in Ring" in bench.pbx.log()
    assert call.answered_at and call.started_at
    early = seconds_of(call.heard(), 2000)
    assert 0.4 < early < call.answered_at - call.started_at
    assert anna.last_call().wait_ended().cause == 16


def test_a_key_interrupts_only_the_own_voice(bench: Bench) -> None:
    """While a key is down its owner's voice is silent, for at most 0.15 s."""
    anna = bench.phones.agent("anna", answer_after=0)
    call = bench.phones.call("plain-anna", script="tone 400; wait 0.5; key 5; wait 0.5; hangup")
    call.wait_ended()

    before, after = spans(anna.last_call().wait_ended().heard(), 400)
    assert 0.05 <= after.start - before.end <= 0.15
    assert len(spans(call.heard(), 1000)) == 1


@pytest.mark.parametrize(("script", "cause"), [("busy", 17), ("ring 0.2; busy", 17), ("hangup", 16)])
def test_an_agent_declines(bench: Bench, script: str, cause: int) -> None:
    """A busy agent and one who declines are told apart by the caller's phone, and nobody answered."""
    anna = bench.phones.agent("anna", script=script)
    call = bench.phones.call("plain-anna").wait_ended()

    assert anna.last_call().wait_ended().cause == cause
    assert call.answered_at is None


def test_a_caller_gives_up(bench: Bench) -> None:
    """A caller who hangs up while it rings ends the ringing."""
    anna = bench.phones.agent("anna", script="ring 60")
    before = len(anna.calls)
    call = bench.phones.call("plain-anna")
    ringing = anna.wait_call(count=before + 1)
    call.hangup()

    assert call.wait_ended().answered_at is None
    assert ringing.wait_ended(2).answered_at is None


def test_an_agent_hangs_up(bench: Bench) -> None:
    """An agent who hangs up ends the call for the caller."""
    bench.phones.agent("anna", answer_after=0, hang_up_after=0.4)
    call = bench.phones.call("plain-anna").wait_ended()

    assert call.answered_at and call.ended_at
    assert call.ended_at - call.answered_at == pytest.approx(0.4, abs=0.1)


def test_what_is_heard_does_not_hang_on_chance(bench: Bench) -> None:
    """Every caller hears the agent after the music, whatever sequence numbers the RTP begins with."""
    ben = bench.phones.agent("ben", answer_after=0)
    calls = [bench.phones.call("wait", script="tone 400; wait 1.2; hangup") for _ in range(6)]

    for call in calls:
        heard = call.wait_ended().heard()
        assert seconds_of(heard, MUSIC_HZ) == pytest.approx(0.6, abs=0.2)
        assert seconds_of(heard, 1000) == pytest.approx(0.6, abs=0.2)
    assert all(seconds_of(call.wait_ended().heard(), 400) > 0.4 for call in ben.calls)


def test_a_sound_of_this_run_is_known_again(bench: Bench) -> None:
    """A sound that a phone plays is found in what the other hears, to the sample."""
    pattern = noise(0.5, seed=7)
    bench.phones.sound("pattern", pattern)
    anna = bench.phones.agent("anna", answer_after=0)
    bench.phones.call("plain-anna", script="play pattern; wait 1.2; hangup").wait_ended()
    heard = anna.last_call().wait_ended().heard()

    assert position(heard, pattern) is not None
    assert position(heard, noise(0.5, seed=8)) is None


def test_dead_air_is_heard_as_dead_air(bench: Bench) -> None:
    """While the PBX is frozen its callers hear nothing, for as long as it is, and their clock goes on."""
    bench.phones.agent("anna", answer_after=0)
    call = bench.phones.call("plain-anna", script="tone 400").wait_answered()
    time.sleep(0.4)
    bench.pbx.freeze()
    time.sleep(0.6)
    bench.pbx.thaw()
    time.sleep(0.4)
    call.hangup()
    call.wait_ended()

    before, after = spans(call.heard(), 1000)
    assert after.start - before.end == pytest.approx(0.6, abs=0.15)


def test_a_killed_pbx_starts_again(make_bench: BenchMaker) -> None:
    """After a crash the PBX starts in the same folder, and calls go through as before."""
    bench = make_bench()
    bench.pbx.kill()
    assert not bench.pbx.alive()
    bench.pbx.start()
    bench.phones.agent("anna", answer_after=0)

    assert bench.phones.call("plain-anna").wait_answered(3)


def test_wideband_phones_talk(make_bench: BenchMaker) -> None:
    """Phones that speak G.722 hear each other."""
    bench = make_bench(codec="g722")
    anna = bench.phones.agent("anna", answer_after=0)
    call = bench.phones.call("plain-anna", script="tone 400; wait 0.6; hangup").wait_answered()
    time.sleep(0.2)
    assert "g722" in bench.pbx.rx("pjsip show channelstats")
    call.wait_ended()

    assert seconds_of(call.heard(), 1000) == pytest.approx(0.6, abs=0.2)
    assert seconds_of(anna.last_call().wait_ended().heard(), 400) == pytest.approx(0.6, abs=0.2)


def test_the_bench_starts_without_a_complaint(make_bench: BenchMaker) -> None:
    """Neither Asterisk logs an error or a warning while it starts."""
    bench = make_bench()
    for instance in (bench.pbx, bench.phones):
        complaints = [
            line for line in instance.log().splitlines() if " ERROR[" in line or " WARNING[" in line
        ]
        assert complaints == []
