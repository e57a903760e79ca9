"""Links to Asterisk cut, Asterisk restarted, the register taken away: calls go on, and end in order."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator

import pytest

from asterisk_gdpr.core.recording import Reason
from asterisk_gdpr.rig.debian import Programs
from asterisk_gdpr.rig.pbx import MUSIC_HZ
from asterisk_gdpr.rig.phone_call import PhoneCall
from asterisk_gdpr.rig.sound import seconds_of, spans
from tests.live.house import House, within
from tests.live.listening import is_mute, listen, overlap
from tests.live.proxy import Wire

pytestmark = pytest.mark.live

DOUBT = 1 + 2.05 + 0.5 + 2
"""Seconds: the cut, what Asterisk had not written before it, half a second, and until AMI is asked anew."""


class Wired(House):
    """A house whose daemon reaches Asterisk by two wires that can be cut."""

    def __init__(self, programs: Programs) -> None:
        super().__init__(programs)
        self.ari, self.ami = Wire(self.pbx.address.http), Wire(self.pbx.address.ami)

    def furnish(self) -> None:
        super().furnish()
        address, text = self.pbx.address, self.config.read_text()
        for real, wire in ((address.http, self.ari), (address.ami, self.ami)):
            assert str(real) in text
            text = text.replace(str(real), str(wire.port))
        self.config.write_text(text)


@pytest.fixture(scope="module")
def house(programs: Programs) -> Iterator[Wired]:
    """One such house for the whole module."""
    house = Wired(programs)
    with house.ari, house.ami, house:
        yield house


def _call(house: House, number: str, seconds: float, line: str = "support") -> tuple[PhoneCall, PhoneCall]:
    agent = "ben" if line.endswith("ben") else "anna"
    phone = house.phones.agent(agent, tone=1000, answer_after=0.2)
    count = len(phone.calls) + 1
    call = house.phones.call(line, number=number, script=f"tone 400; wait {seconds}; hangup")
    return call, phone.wait_call(20, count=count)


def _alarms(house: House) -> list[str]:
    return [alarm.id for alarm in house.register.alarms()]


def _connected(house: House) -> None:
    """Wait until the daemon has both interfaces again."""
    within(lambda: house.register.beats()["pbx1"][1]["asterisk"] or None, 15)


def test_ami_cut_for_a_second_costs_what_nobody_could_vouch_for(house: Wired) -> None:
    """What nobody could vouch for is silence, and so is a hold that began then, of which nobody was told."""
    call, agent = _call(house, "+4915112345401", 17)
    agent.wait_answered()
    time.sleep(5)
    house.ami.cut()
    agent.hold(True)
    held = time.time()
    time.sleep(1)
    house.ami.mend()
    _connected(house)
    within(lambda: True if seconds_of(call.heard(), MUSIC_HZ) > 3.5 else None, 8)
    agent.hold(False)
    on_hold = time.time() - held
    call.wait_ended()
    agent.wait_ended()
    told = house.wait_sealed(house.last_call())

    left, right = listen(house, told["recording"])
    talk = overlap(call, agent)
    assert len(left) / 8000 == pytest.approx(talk, abs=0.3)
    for side, hz in ((left, 400), (right, 1000)):
        heard = [span for span in spans(side, hz) if span.seconds > 0.5]
        assert heard[0].start < 0.1
        assert heard[-1].end == pytest.approx(talk, abs=0.3)
        assert talk - DOUBT - on_hold < sum(span.seconds for span in heard) < talk - on_hold
    assert seconds_of(right, MUSIC_HZ) == 0


def test_who_comes_while_ami_is_away_is_muted_when_it_is_back(house: Wired) -> None:
    """A party who is not cleared and joined unseen is in no recording, before AMI is back or after."""
    call, agent = _call(house, "+4915112345402", 11)
    agent.wait_answered()
    time.sleep(1)
    house.ami.cut()
    time.sleep(0.2)
    ben = house.phones.agent("ben", tone=1200, answer_after=0.1)
    channel = house.register.call(house.last_call()).channel
    name = next(
        line.split("!")[0]
        for line in house.pbx.rx("core show channels concise").splitlines()
        if line.endswith(channel)
    )
    house.pbx.rx(f"channel redirect {name} from-trunk,plain-ben,1")
    second = ben.wait_call(10, count=1)
    second.wait_answered()
    house.ami.mend()
    _connected(house)
    call.wait_ended()
    second.wait_ended()
    told = house.wait_sealed(house.last_call())

    _, right = listen(house, told["recording"])
    assert seconds_of(right, 1200) == 0
    assert is_mute(right[-8000 * 2 :])


def test_keys_are_heard_again_after_ari_was_cut(house: Wired) -> None:
    """A caller whose call lost ARI for a second withdraws by key as before."""
    call, agent = _call(house, "+4915112345403", 14)
    agent.wait_answered()
    time.sleep(1)
    house.ari.cut()
    time.sleep(1)
    house.ari.mend()
    _connected(house)
    call.press("*9")
    told = house.register.call(house.last_call())
    assert told.recording is not None
    house.wait_state(told.recording, "erased")
    mark = house.register.tombstone(told.recording)
    call.hangup()
    call.wait_ended()

    assert mark is not None and mark.reason is Reason.WITHDRAWN


def test_links_that_are_away_for_long_are_an_alarm(house: Wired) -> None:
    """While both are cut calls go on unrecorded at once, an alarm stands, and it ends when they are back."""
    house.ari.cut()
    house.ami.cut()
    within(lambda: "asterisk-unreachable" in _alarms(house) or None, 15)
    call, agent = _call(house, "+4915112345404", 5)
    assert call.started_at and agent.started_at
    assert agent.started_at - call.started_at < 0.5
    call.wait_ended()
    house.ari.mend()
    house.ami.mend()
    _connected(house)
    within(lambda: None if "asterisk-unreachable" in _alarms(house) else True, 15)
    again, other = _call(house, "+4915112345405", 6)
    again.wait_ended()
    other.wait_ended()

    assert house.wait_sealed(house.last_call())["choice"] == "not_objected"


def test_a_second_daemon_with_our_app_keeps_away(house: Wired) -> None:
    """A daemon of another installation that finds the app served says so, and takes no call away."""
    other = House(house.programs)
    other.furnish()
    config = other.config.read_text()
    for name in ("http", "ami"):
        config = config.replace(str(getattr(other.pbx.address, name)), str(getattr(house.pbx.address, name)))
    other.config.write_text(config)
    for name in ("ari", "ami"):
        shutil.copy(house.installation / "secrets" / name, other.installation / "secrets" / name)
    second = subprocess.Popen(
        other._words("run"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        within(lambda: "app-taken" in _alarms(other) or None, 15)
        call, agent = _call(house, "+4915112345406", 6)
        call.wait_ended()
        agent.wait_ended()
        assert house.wait_sealed(house.last_call())["choice"] == "not_objected"
    finally:
        second.terminate()
        second.wait(20)
        other.close()


def test_a_register_that_is_away_lets_calls_go_on(house: Wired) -> None:
    """Without the register nothing new is recorded, and a recording that runs ends sealed when it is back."""
    first, agent = _call(house, "+4915112345407", 11)
    agent.wait_answered()
    running = house.last_call()
    register = house.installation / "state/register.db"
    aside = register.with_suffix(".aside")
    register.rename(aside)
    second, other = _call(house, "+4915112345408", 3)
    for call in (second, other, first, agent):
        call.wait_ended()
    aside.rename(register)
    told = house.wait_sealed(running)

    left, _ = listen(house, told["recording"])
    assert seconds_of(left, 400) == pytest.approx(overlap(first, agent), abs=0.3)
    assert house.last_call() == running  # the register never came to know the second call
    assert second.started_at and other.started_at
    assert other.started_at - second.started_at < 8


def test_asterisk_restarts_in_a_talk(house: Wired) -> None:
    """Calls end with their Asterisk; what was captured is sealed, and the next call is asked and recorded."""
    _, agent = _call(house, "+4915112345409", 30)
    agent.wait_answered()
    time.sleep(5)
    house.pbx.kill()
    house.pbx.stop()
    house.pbx.start()
    told = house.wait_sealed(house.last_call())
    left, _ = listen(house, told["recording"])
    _connected(house)
    again, other = _call(house, "+4915112345410", 6)
    again.wait_ended()
    other.wait_ended()

    assert told["ending"] == "ended_after_talk"
    assert 2.0 < seconds_of(left, 400) < 6.5  # Asterisk had kept two seconds back
    assert house.wait_sealed(house.last_call())["choice"] == "not_objected"
