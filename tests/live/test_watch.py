"""A talk that nobody watches for a while: whoever joins meanwhile is not heard in the recording."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from asterisk_gdpr.rig.phone_call import PhoneCall
from asterisk_gdpr.rig.sound import Samples, seconds_of
from tests.live.house import House
from tests.live.listening import listen
from tests.live.proxy import Wire

pytestmark = pytest.mark.live

CALLER_HZ, ANNA_HZ, BEN_HZ = 400, 1000, 1500
HELD_BACK = 2.05 + 0.5
"""Seconds before an absence that nobody can vouch for: what Asterisk had not written, and half a second."""
Visit = tuple[PhoneCall, Samples, Samples, dict[str, object]]


@pytest.fixture(autouse=True)
def _people(house: House) -> Iterator[None]:
    house.phones.agent("anna", tone=ANNA_HZ, answer_after=0.2)
    house.phones.agent("ben", tone=BEN_HZ, answer_after=0.2)
    yield
    house.stop("run")
    house.start("run")


def ben_visits(house: House, leave: Callable[[], None], come_back: Callable[[], None]) -> Visit:
    """A talk with anna, who is cleared; while nobody watches, with ben, who is not; then with anna again."""
    anna, ben = house.phones.agent("anna", tone=ANNA_HZ), house.phones.agent("ben", tone=BEN_HZ)
    before = len(anna.calls), len(ben.calls)
    call = house.phones.call("support", number="+4915112345301", script=f"tone {CALLER_HZ}; wait 40; hangup")
    anna.wait_call(20, count=before[0] + 1).wait_answered()
    time.sleep(5)
    leave()
    caller = _channel(house)
    house.pbx.rx(f"channel redirect {caller} from-trunk,plain-ben,1")
    ben.wait_call(count=before[1] + 1).wait_answered()
    time.sleep(1.5)
    house.pbx.rx(f"channel redirect {caller} from-trunk,plain-anna,1")
    anna.wait_call(count=before[0] + 2).wait_answered()
    time.sleep(0.5)
    come_back()
    time.sleep(5)
    call.hangup()
    call.wait_ended()
    told = house.wait_sealed(house.last_call())
    left, right = listen(house, told["recording"])
    return call, left, right, told


def _channel(house: House) -> str:
    """The caller's channel, as the PBX names it."""
    lines = house.pbx.rx("core show channels concise").splitlines()
    return next(line.split("!")[0] for line in lines if line.startswith("PJSIP/trunk"))


def _only_anna(left: Samples, right: Samples) -> None:
    """Anna is heard before and after, ben and whoever he talked to is not."""
    assert seconds_of(right, BEN_HZ) == 0
    half = len(right) // 2
    for side, hz in ((left, CALLER_HZ), (right, ANNA_HZ)):
        assert 5 - HELD_BACK - 0.5 < seconds_of(side[:half], hz) < 5.5
    assert seconds_of(left[half:], CALLER_HZ) > 1.0


def test_who_joins_while_the_daemon_is_dead_is_not_heard(house: House) -> None:
    """What a capture took that a killed daemon left open is sealed as silence."""
    _, left, right, _ = ben_visits(house, lambda: house.kill("run"), lambda: house.start("run"))

    _only_anna(left, right)


def test_who_joins_while_the_daemon_stands_still_is_not_heard(house: House) -> None:
    """What was told to a frozen daemon too late makes silence of what was captured meanwhile."""
    _, left, right, _ = ben_visits(house, lambda: house.freeze("run"), lambda: house.thaw("run"))

    _only_anna(left, right)


def test_who_joins_while_ami_is_away_is_not_heard(house: House) -> None:
    """What was captured while nobody could tell us who is in the call is sealed as silence."""
    house.stop("run")
    with Wire(house.pbx.address.ami) as wire:
        text = house.config.read_text()
        house.config.write_text(text.replace(str(house.pbx.address.ami), str(wire.port)))
        house.start("run")
        _, left, right, _ = ben_visits(house, wire.cut, wire.mend)
        house.stop("run")
        house.config.write_text(text)

    _only_anna(left, right)
