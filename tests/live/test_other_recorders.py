"""Recorders that are not ours, begun by a real dialplan, queue, key, conference and supervisor's phone."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from asterisk_gdpr.ports import RecorderRow
from asterisk_gdpr.rig.ami import Ami
from asterisk_gdpr.rig.debian import Programs
from asterisk_gdpr.rig.pbx import USER
from asterisk_gdpr.rig.phone_call import PhoneCall
from asterisk_gdpr.rig.sound import seconds_of
from asterisk_gdpr.service.keys.keeper import open_file
from tests.live.house import POLICY, House, within
from tests.live.listening import listen, private_key

pytestmark = pytest.mark.live

CALLER_HZ, ANNA_HZ = 400, 1000

EXTRA = """
exten => taped,1,Gosub(asterisk-gdpr,notice,1(support))
 same => n,MixMonitor(${UNIQUEID}.wav)
 same => n,Dial(PJSIP/anna,25)
exten => refused,1,MixMonitor(${UNIQUEID}.wav)
 same => n,Gosub(asterisk-gdpr,notice,1(sales))
 same => n,Dial(PJSIP/anna,25)
exten => touched,1,Gosub(asterisk-gdpr,notice,1(alone))
 same => n,Dial(PJSIP/anna,25,xX)
exten => guarded,1,MixMonitor(${UNIQUEID}.wav)
 same => n,Gosub(asterisk-gdpr,notice,1(guarded))
 same => n,Dial(PJSIP/anna,25)
exten => alone,1,Gosub(asterisk-gdpr,notice,1(alone))
 same => n,Set(MONITOR_FILENAME=queued)
 same => n,Queue(first,,,,20)
exten => room,1,Gosub(asterisk-gdpr,notice,1(alone))
 same => n,ConfBridge(1234567)
[from-agents]
exten => room,1,Answer()
 same => n,ConfBridge(1234567)
exten => spy,1,Answer()
 same => n,ChanSpy(PJSIP/trunk,q)
"""

QUEUES = """
[first]
monitor-format = wav
strategy = ringall
member => PJSIP/anna
"""

FEATURES = """
[featuremap](+)
automixmon => *3
"""

GUARDED = """
  guarded: {purposes: [quality], languages: [en], silence: 1 s, other_recorders: stop_refused}
  alone: {purposes: [improvement], permission: all_consent, languages: [en], silence: 1 s,
    other_recorders: stop}
"""


@pytest.fixture(scope="module")
def house(programs: Programs) -> Iterator[House]:
    """A house whose dialplan, queue and agents record by themselves; two of its lines stop them."""
    files = {"queues.conf": QUEUES, "features.conf": FEATURES, "confbridge.conf": "[general]"}
    policy = POLICY.replace("lines:\n", f"lines:{GUARDED.rstrip()}\n")
    with House(programs, extra=EXTRA, files=files, policy=policy) as house:
        house.pbx.rx("module load app_confbridge")
        yield house


def _standing(house: House) -> list[tuple[str, str]]:
    return [(alarm.id, alarm.about) for alarm in house.register.alarms()]


def _alarmed(house: House, id: str = "other-recorder") -> None:
    """Within five seconds of now."""
    within(lambda: (id, house.last_call()) in _standing(house) or None, 5)


def _recorder(house: House, by: str, *, stopped: bool = False) -> RecorderRow:
    """What is kept of the newest call's other recorder."""

    def look() -> RecorderRow | None:
        rows = [row for row in house.register.recorders_of(house.last_call()) if row.by == by]
        return next((row for row in rows if row.stopped_at or not stopped), None)

    return within(look, 5)


def _file(house: House, row: RecorderRow) -> str:
    return open_file(private_key(house), row) or ""


def _call(house: House, extension: str, number: str, script: str = "wait 60; hangup") -> PhoneCall:
    return house.phones.call(extension, number=f"+49151123456{number}", script=f"tone {CALLER_HZ}; {script}")


def _with_anna(house: House, extension: str, number: str, script: str = "wait 60; hangup") -> PhoneCall:
    """A call that anna has answered."""
    anna = house.phones.agent("anna", tone=ANNA_HZ, answer_after=0.2)
    count = len(anna.calls) + 1
    call = _call(house, extension, number, script)
    anna.wait_call(20, count=count).wait_answered()
    return call


def _over(call: PhoneCall) -> None:
    call.hangup()
    call.wait_ended()


def test_a_mixmonitor_of_the_dialplan_is_noticed(house: House) -> None:
    """A MixMonitor that the dialplan starts is an alarm within five seconds, its file kept; ours is none."""
    plain = _with_anna(house, "support", "01")
    time.sleep(1)
    assert _standing(house) == []
    _over(plain)
    call = _with_anna(house, "taped", "02")
    _alarmed(house)
    row = _recorder(house, "MixMonitor")
    assert house.register.call(house.last_call()).channel in _file(house, row)
    _over(call)

    assert house.wait_sealed(house.last_call())["choice"] == "not_objected"


def test_a_refused_call_that_is_recorded_is_the_loudest_alarm(house: House) -> None:
    """A caller who refused and is recorded by the dialplan all the same is told of before anything else."""
    call = _with_anna(house, "refused", "03", "wait 0.5; key 2; wait 60; hangup")
    _alarmed(house, "recorded-despite-refusal")
    assert _recorder(house, "MixMonitor").stopped_at is None
    _over(call)

    assert house.run_command("status").stdout.partition("ALARM")[0].endswith("!!! ")


def test_whoever_listens_in_is_noticed(house: House) -> None:
    """A ChanSpy on a call of ours is an alarm within five seconds."""
    call = _with_anna(house, "support", "04")
    spy = house.phones.call("spy", endpoint="ben", script="wait 60; hangup")
    _alarmed(house)
    assert spy.ended_at is None
    _over(spy)
    _over(call)

    assert house.wait_sealed(house.last_call())["choice"] == "not_objected"


def test_what_records_a_refused_call_is_stopped_where_the_line_says_so(house: House) -> None:
    """A MixMonitor that began before the notice ends once the caller has refused, and writes no more."""
    call = _with_anna(house, "guarded", "05", "wait 0.5; key 2; wait 60; hangup")
    _alarmed(house, "recorded-despite-refusal")
    row = _recorder(house, "MixMonitor", stopped=True)
    (file,) = (house.pbx.folder / "spool/monitor").glob(f"{_file(house, row).rpartition('/')[2]}.*")
    size = file.stat().st_size
    time.sleep(1.5)
    assert file.stat().st_size == size
    _over(call)


def test_what_a_queue_records_is_stopped_and_ours_goes_on(house: House) -> None:
    """A queue's own recording is noticed and stopped where the line says so; ours has the whole talk."""
    call = _with_anna(house, "alone", "06")
    row = _recorder(house, "MixMonitor", stopped=True)
    time.sleep(1)
    _over(call)
    left, right = listen(house, house.wait_sealed(house.last_call())["recording"])

    assert _file(house, row).endswith("queued")
    assert seconds_of(left, CALLER_HZ) > 0.9
    assert seconds_of(right, ANNA_HZ) > 0.9


def test_one_touch_on_a_call_of_ours_ends_our_capture_and_is_told(house: House) -> None:
    """Asterisk takes our capture for one that the key began, and ends it: an alarm; pressed again the key
    begins one, which is noticed and stopped."""
    call = _with_anna(house, "touched", "07")
    anna = house.phones.agent("anna", tone=ANNA_HZ).last_call()
    time.sleep(0.5)
    anna.press("*3")
    within(lambda: ("capture-lost", "alone") in _standing(house) or None, 5)
    anna.press("*3")
    row = _recorder(house, "MixMonitor", stopped=True)
    _over(call)

    assert "auto-" in _file(house, row)


def test_a_recorded_conference_is_noticed_and_stopped(house: House) -> None:
    """What records a conference that a caller of ours is in is an alarm, and ends where the line says so."""
    call = _call(house, "room", "08")
    guest = house.phones.call("room", endpoint="anna", script=f"tone {ANNA_HZ}; wait 60; hangup")
    call.wait_answered(), guest.wait_answered()
    within(lambda: "1234567  " in house.pbx.rx("confbridge list") or None, 10)
    within(lambda: house.pbx.rx("confbridge list 1234567").count("PJSIP/") == 2 or None, 10)
    with Ami(house.pbx.address.ami, USER, house.pbx.address.secret) as manager:
        manager.action("ConfbridgeStartRecord", Conference="1234567")
    _alarmed(house)
    row = _recorder(house, "ConfBridge", stopped=True)
    assert "CBRec" not in house.pbx.rx("core show channels concise")
    _over(guest)
    _over(call)

    assert "confbridge-1234567" in _file(house, row)


def test_whoever_listens_in_is_put_out_where_the_line_says_so(house: House) -> None:
    """A ChanSpy on a line that stops others ends with its call, and the talk goes on."""
    call = _with_anna(house, "touched", "09")
    spy = house.phones.call("spy", endpoint="ben", script="wait 60; hangup")
    _recorder(house, "ChanSpy", stopped=True)
    spy.wait_ended(5)
    assert call.ended_at is None
    _over(call)


def test_what_began_while_the_daemon_was_away_is_found(house: House) -> None:
    """A MixMonitor that nobody told of is found, with its file, when the daemon is back."""
    call = _with_anna(house, "support", "10")
    house.kill("run")
    channel = house.register.call(house.last_call()).channel
    with Ami(house.pbx.address.ami, USER, house.pbx.address.secret) as manager:
        manager.action("MixMonitor", Channel=channel, File="unseen.wav")
    house.start("run")
    _alarmed(house)
    row = _recorder(house, "MixMonitor")
    _over(call)

    assert _file(house, row).endswith("unseen")
