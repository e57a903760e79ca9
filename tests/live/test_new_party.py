"""Whoever takes a call over is in the recording, also where Asterisk would lose them.

Debian's Asterisk drops from a MixMonitor what arrives with lower sequence numbers than the party before had.
Here the numbers that provoke it are forced; a call without the product shows that they do.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from asterisk_gdpr.core.call.state import Verb
from asterisk_gdpr.rig.ami import Ami
from asterisk_gdpr.rig.debian import Programs
from asterisk_gdpr.rig.pbx import MUSIC_HZ, RINGBACK_HZ, USER
from asterisk_gdpr.rig.phone_call import PhoneCall
from asterisk_gdpr.rig.sound import Samples, seconds_of, spans
from asterisk_gdpr.service.call.commands import DONE, ask
from tests.live.house import House, within
from tests.live.listening import listen

pytestmark = pytest.mark.live

CALLER_HZ, ANNA_HZ, CARLA_HZ = 400, 1000, 1300
HIGH, LOW = 5000, 100
EDGE = 0.06
"""Seconds of a consultation, or of music, that may be captured before the mute takes hold."""

DIALPLAN = """
[from-trunk]
exten => keyed,1,Gosub(asterisk-gdpr,notice,1(support))
 same => n,Dial(PJSIP/anna,25,tT)
exten => control,1,Answer()
 same => n,MixMonitor(control.sln,b)
 same => n,Dial(PJSIP/anna,25)
[from-agents]
exten => 7,1,Dial(PJSIP/carla,20)
"""

FEATURES = """
[featuremap](+)
atxfer => *2
[general](+)
transferdigittimeout = 1
"""


@pytest.fixture(scope="module")
def house(programs: Programs) -> Iterator[House]:
    """A house with two agents who are cleared."""
    with House(programs, extra=DIALPLAN, files={"features.conf": FEATURES}) as house:
        house.phones.agent("anna", tone=ANNA_HZ), house.phones.agent("carla", tone=CARLA_HZ)
        house.command("agents", "add", "PJSIP/carla", "--version", "2026-11")
        house.command("agents", "consent", "PJSIP/carla", "--version", "2026-11")
        yield house


class Talk:
    """A caller who talks with anna, whose packets have high numbers; carla's have low ones."""

    def __init__(self, house: House, extension: str, number: str, *, forced: bool = True) -> None:
        self.house = house
        numbers = {"anna": HIGH, "carla": LOW} if forced else {"anna": None, "carla": None}
        self._agents = {
            name: house.phones.agent(name, tone=hz, answer_after=0.2, sequence=numbers[name])
            for name, hz in (("anna", ANNA_HZ), ("carla", CARLA_HZ))
        }
        self._calls = {name: len(agent.calls) for name, agent in self._agents.items()}
        script = f"tone {CALLER_HZ}; wait 60; hangup"
        self.call = house.phones.call(extension, number=number, script=script)
        self.anna = self.answered("anna")

    def answered(self, name: str) -> PhoneCall:
        """The next call to this agent, once it is answered."""
        self._calls[name] += 1
        return self._agents[name].wait_call(20, count=self._calls[name]).wait_answered()

    def channel(self, name: str) -> str:
        """An agent's newest channel, or the caller's (`trunk`), as the PBX names it."""
        lines = self.house.pbx.rx("core show channels concise").splitlines()
        return next(line.split("!")[0] for line in lines if line.startswith(f"PJSIP/{name}-"))

    def transfer(self) -> PhoneCall:
        """Let the caller ring at carla's."""
        self.house.pbx.rx(f"channel redirect {self.channel('trunk')} from-agents,7,1")
        return self.answered("carla")

    def hang_up(self) -> None:
        """Everybody hangs up."""
        self.call.hangup()
        self.call.wait_ended()

    def over(self) -> tuple[Samples, Samples]:
        """The same; what was recorded."""
        self.hang_up()
        told = self.house.wait_sealed(self.house.last_call())
        return listen(self.house, told["recording"])


def _consulted(talk: Talk, taken: float) -> float:
    """For how long the caller heard music, up to an instant: the consultation."""
    assert talk.call.started_at is not None
    music = spans(talk.call.heard(), MUSIC_HZ)
    return taken - talk.call.started_at - music[0].start


def _gap(left: Samples) -> float:
    """Seconds of silence between the caller's first and last word."""
    voice = spans(left, CALLER_HZ)
    return voice[-1].end - voice[0].start - sum(span.seconds for span in voice)


def _manager(house: House) -> Ami:
    return Ami(house.pbx.address.ami, USER, house.pbx.address.secret)


def test_these_numbers_provoke_it(house: House) -> None:
    """A MixMonitor without us loses a new party with lower numbers, where Asterisk is Debian's."""
    talk = Talk(house, "control", "+4915112345700")
    time.sleep(1)
    talk.transfer()
    time.sleep(1.5)
    talk.hang_up()
    heard = talk.call.heard()
    kept: Samples = np.fromfile(_monitored(house), "<i2")

    assert seconds_of(heard, CARLA_HZ) > 1.0
    assert seconds_of(kept, ANNA_HZ) > 0.7
    if "+dfsg" in house.pbx.rx("core show version"):
        assert seconds_of(kept, CARLA_HZ) <= EDGE


def _steer(house: House, verb: Verb) -> None:
    """Have something done, as the command line does, without its process to be waited for."""
    assert ask(house.register, house.product.clock, house.last_call(), verb, "a test") in DONE


def _monitored(house: House) -> Path:
    file = house.pbx.folder / "spool/monitor/control.sln"
    within(lambda: file.stat().st_size or None, 5)
    return file


def test_a_new_party_with_lower_numbers_is_in_the_recording(house: House) -> None:
    """After a blind transfer to somebody whose packets have lower numbers the recording has all of them."""
    talk = Talk(house, "support", "+4915112345701")
    time.sleep(1)
    carla = talk.transfer()
    time.sleep(2)
    _, right = talk.over()

    assert carla.answered_at is not None and talk.call.ended_at is not None
    assert seconds_of(right, ANNA_HZ) > 0.7
    assert seconds_of(right, CARLA_HZ) == pytest.approx(talk.call.ended_at - carla.answered_at, abs=0.3)


def test_who_takes_over_at_once_with_lower_numbers_is_in_the_recording(house: House) -> None:
    """The same after an attended transfer by AMI, to a fifth of a second; of the consultation there is
    no more than the tolerance."""
    talk = Talk(house, "keyed", "+4915112345702")
    time.sleep(1.2)
    with _manager(house) as manager:
        asked = {"Channel": talk.channel("anna"), "Exten": "7", "Context": "from-agents"}
        manager.action("Atxfer", **asked)
    talk.answered("carla")
    time.sleep(1)
    taken = time.time()
    talk.anna.hangup()
    time.sleep(2)
    left, right = talk.over()

    heard = talk.call.heard()
    assert seconds_of(right, CARLA_HZ) == pytest.approx(seconds_of(heard, CARLA_HZ) - 0.2, abs=0.15)
    assert _gap(left) >= _consulted(talk, taken) - EDGE
    assert seconds_of(right, MUSIC_HZ) <= EDGE


def test_while_it_is_paused_the_cure_opens_nothing(house: House) -> None:
    """Paused, a transfer to lower numbers captures nothing; after the pause the new party is there."""
    talk = Talk(house, "support", "+4915112345703")
    time.sleep(1)
    _steer(house, Verb.PAUSE)
    talk.transfer()
    time.sleep(1.5)
    resumed = time.time()
    _steer(house, Verb.RESUME)
    time.sleep(2)
    _, right = talk.over()

    assert talk.call.ended_at is not None
    rest = talk.call.ended_at - resumed
    assert rest - 1.2 <= seconds_of(right, CARLA_HZ) <= rest + EDGE
    assert seconds_of(right, RINGBACK_HZ) <= EDGE


def test_a_transfer_by_ami(house: House) -> None:
    """After AMI's BlindTransfer the recording goes on with whom it names."""
    talk = Talk(house, "support", "+4915112345704")
    time.sleep(1)
    with _manager(house) as manager:
        asked = {"Channel": talk.channel("anna"), "Exten": "7", "Context": "from-agents"}
        manager.action("BlindTransfer", **asked)
    talk.answered("carla")
    time.sleep(1.5)
    _, right = talk.over()

    heard = seconds_of(talk.call.heard(), CARLA_HZ)
    assert seconds_of(right, ANNA_HZ) > 0.7
    assert heard > 1.0
    assert seconds_of(right, CARLA_HZ) == pytest.approx(heard, abs=0.3)


def test_an_attended_transfer_by_the_phone_itself(house: House) -> None:
    """After a REFER with Replaces who was consulted is in the recording, and the consultation is not."""
    talk = Talk(house, "support", "+4915112345705", forced=False)
    time.sleep(1)
    talk.anna.hold(True)
    script = f"tone {ANNA_HZ}; wait 30; hangup"
    asking = house.phones.call("7", endpoint="anna", script=script)
    talk.answered("carla")
    time.sleep(1)
    taken = time.time()
    talk.anna.hand_over_to(asking)
    talk.anna.wait_ended()
    time.sleep(2)
    left, right = talk.over()

    heard = talk.call.heard()
    assert seconds_of(heard, CARLA_HZ) > 1.5
    assert seconds_of(right, CARLA_HZ) == pytest.approx(seconds_of(heard, CARLA_HZ) - 0.2, abs=0.15)
    assert seconds_of(right, ANNA_HZ) <= seconds_of(heard, ANNA_HZ) + EDGE
    assert _gap(left) >= _consulted(talk, taken) - EDGE
    assert seconds_of(right, MUSIC_HZ) <= EDGE
