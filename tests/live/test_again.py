"""Callers who come to a line once more: by an overflow, a loop of an IVR, a transfer."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from asterisk_gdpr.adapters.spool import FileSpool
from asterisk_gdpr.ports import CallRow
from asterisk_gdpr.rig.debian import Programs
from asterisk_gdpr.rig.phone_call import PhoneCall
from asterisk_gdpr.rig.sound import seconds_of
from tests.live.house import VOICES, House, within
from tests.live.listening import Watcher, listen

pytestmark = pytest.mark.live

CALLER_HZ, ANNA_HZ, CARLA_HZ = 400, 1000, 1300
STATEMENT, SECONDS = VOICES["statement"]

DIALPLAN = """
[from-trunk]
exten => loop,1,Set(ROUND=0)
 same => n(menu),Gosub(asterisk-gdpr,notice,1(sales))
 same => n,Set(ROUND=$[${ROUND} + 1])
 same => n,GotoIf($[${ROUND} < 3]?menu)
 same => n,Dial(PJSIP/carla,1)
 same => n,Gosub(asterisk-gdpr,notice,1(overflow))
 same => n,Dial(PJSIP/anna,20)
exten => onwards,1,Gosub(asterisk-gdpr,notice,1(academy))
 same => n,Dial(PJSIP/anna,20)
exten => exempted,1,Gosub(asterisk-gdpr,notice,1(outage))
 same => n,Dial(PJSIP/anna,20)
exten => refusing,1,Gosub(asterisk-gdpr,notice,1(sales))
 same => n,Gosub(asterisk-gdpr,notice,1(support))
 same => n,Dial(PJSIP/anna,20)
"""


@pytest.fixture(scope="module")
def house(programs: Programs) -> Iterator[House]:
    """A house whose dialplan leads callers from line to line."""
    with House(programs, extra=DIALPLAN) as house:
        yield house


def calls_anna(
    house: House, extension: str, number: str, keys: str, before: float
) -> tuple[PhoneCall, PhoneCall]:
    """A caller who presses these keys in the notice, and anna, who has just answered."""
    anna = house.phones.agent("anna", tone=ANNA_HZ, answer_after=0.2)
    count = len(anna.calls) + 1
    script = f"tone {CALLER_HZ}; wait {before}; key {keys}; wait 40; hangup"
    call = house.phones.call(extension, number=number, script=script)
    return call, anna.wait_call(20, count=count).wait_answered()


def transfer(house: House, extension: str) -> None:
    """The caller's channel goes on at another extension."""
    channels = house.pbx.rx("core show channels concise").splitlines()
    trunk = next(line.split("!")[0] for line in channels if line.startswith("PJSIP/trunk-"))
    house.pbx.rx(f"channel redirect {trunk} from-trunk,{extension},1")


def notices(call: PhoneCall) -> int:
    """How many statements the caller has heard."""
    return round(seconds_of(call.heard(), STATEMENT) / SECONDS)


def over(house: House, call: PhoneCall) -> list[CallRow]:
    """The caller hangs up; what the register knows of the whole call, the first entry first."""
    call.hangup()
    call.wait_ended()
    last = house.wait_ended(house.last_call())
    if last["recording"]:
        house.wait_state(last["recording"], "sealed")
    return list(reversed(house.register.calls(linkedid=last["linkedid"])))


def test_the_same_facts_are_not_told_again(house: House) -> None:
    """An IVR that loops and an overflow to a line like the first: one notice is heard, one recording made."""
    house.phones.agent("carla", script="ring 30")
    call, _ = calls_anna(house, "loop", "+4915112345601", "1", 1.3)
    spool = FileSpool(house.spool_folder)
    (recording,) = spool.recordings()
    _, legs = spool.find(recording)[-1]
    assert not spool.is_whole(legs), "Asterisk has the legs of a talk open"
    time.sleep(2)
    entries = over(house, call)

    assert notices(call) == 1
    (entry,) = entries
    left, right = listen(house, entry.recording or "")
    assert seconds_of(left, CALLER_HZ) > 1.5 and seconds_of(right, ANNA_HZ) > 1.5


def test_a_transfer_to_a_line_with_a_new_purpose(house: House) -> None:
    """Whoever is transferred to a line with a new purpose hears the notice; a no leaves it unrecorded."""
    call, _ = calls_anna(house, "sales", "+4915112345602", "1", 1.3)
    time.sleep(2)
    calls = len(house.phones.agent("anna", tone=ANNA_HZ, answer_after=0.2).calls)
    moved = time.time()
    transfer(house, "onwards")
    time.sleep(1.5)
    call.press("2")
    anna = house.phones.agent("anna", tone=ANNA_HZ, answer_after=0.2).wait_call(20, count=calls + 1)
    anna.wait_answered()
    time.sleep(1.5)
    assert house.captures() == 0
    first, second = over(house, call)

    assert notices(call) == 2
    assert (first.choice, first.ending) == ("agreed", "moved_on")
    assert (second.choice, second.recording) == ("refused", None)
    assert house.evidence(second.id)["earlier"]["call"] == first.id
    left, right = listen(house, first.recording or "")
    assert anna.answered_at is not None
    assert 1.5 < seconds_of(left, CALLER_HZ) < 2.5 and 1.5 < seconds_of(right, ANNA_HZ) < 2.5
    assert seconds_of(left, STATEMENT) == seconds_of(right, STATEMENT) == 0
    assert moved < anna.answered_at


def test_an_exempt_line_records_nothing_of_who_comes_to_it(house: House) -> None:
    """Whoever is transferred to an exempt line is recorded up to there, and rings on at once."""
    call, _ = calls_anna(house, "sales", "+4915112345605", "1", 1.3)
    time.sleep(1.5)
    count = len(house.phones.agent("anna", tone=ANNA_HZ, answer_after=0.2).calls) + 1
    transfer(house, "exempted")
    house.phones.agent("anna", tone=ANNA_HZ, answer_after=0.2).wait_call(20, count=count).wait_answered()
    time.sleep(1)
    assert house.captures() == 0
    first, second = over(house, call)

    assert (first.ending, second.choice, second.recording) == ("moved_on", "exempt", None)
    house.wait_state(first.recording or "", "sealed")
    left, _ = listen(house, first.recording or "")
    assert 1.0 < seconds_of(left, CALLER_HZ) < 2.2
    assert notices(call) == 1


def test_a_refusal_holds_on_a_line_where_silence_would_do(house: House) -> None:
    """Who refused on one line hears no second notice on an opt-out line, and is not recorded there."""
    with Watcher(house) as watcher:
        call, _ = calls_anna(house, "refusing", "+4915112345603", "2", 1.3)
        time.sleep(1.5)
        assert house.captures() == 0
        entries = over(house, call)

    assert watcher.seen == set()
    assert notices(call) == 1
    assert [entry.choice for entry in entries] == ["refused", "refused"]
    assert [entry.line for entry in entries] == ["sales", "support"]


def test_who_withdrew_agrees_anew(house: House) -> None:
    """`*4` after `*9`, and after a daemon that was killed, is acknowledged; only what follows is recorded."""
    call, _ = calls_anna(house, "sales", "+4915112345604", "1", 1.3)
    time.sleep(1.5)
    call.press("*9")
    first = house.last_call()
    recording = house.register.call(first).recording or ""
    house.wait_state(recording, "erased")
    within(lambda: True if seconds_of(call.heard(), VOICES["withdrawn"][0]) > 0.5 else None, 5)
    house.kill("run")
    house.start("run")
    within(lambda: True if house.log("run").count("connected") >= 4 else None, 10)
    call.press("*4")
    agreed = time.time()
    time.sleep(3)
    talked = time.time() - agreed
    before, after = over(house, call)

    assert (before.id, before.ending) == (first, "moved_on")
    assert after.choice == "agreed"
    assert [key["digit"] for key in house.evidence(after.id)["keys"]] == ["*", "4"]
    left, right = listen(house, after.recording or "")
    assert 1.5 < seconds_of(left, CALLER_HZ) < talked + 0.3
    assert seconds_of(right, ANNA_HZ) > 1.5
    assert seconds_of(call.heard(), VOICES["withdrawn"][0]) > 0.5
    assert seconds_of(call.heard(), VOICES["agreed"][0]) > 0.5, "after the choice, and after `*4`"
