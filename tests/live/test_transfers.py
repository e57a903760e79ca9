"""Transfers, queues, parking and consultations: one recording, with whoever is cleared really in it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from asterisk_gdpr.rig.debian import Programs
from asterisk_gdpr.rig.pbx import MUSIC_HZ, RINGBACK_HZ
from asterisk_gdpr.rig.phone_call import PhoneCall
from asterisk_gdpr.rig.sound import Samples, seconds_of
from tests.live.house import House
from tests.live.listening import listen

pytestmark = pytest.mark.live

CALLER_HZ, ANNA_HZ, CARLA_HZ, BEN_HZ = 400, 1000, 1300, 1700
EDGE = 0.06

DIALPLAN = """
[from-trunk]
exten => keyed,1,Gosub(asterisk-gdpr,notice,1(support))
 same => n,Dial(PJSIP/anna,25,tT)
exten => queued,1,Gosub(asterisk-gdpr,notice,1(support))
 same => n,Queue(first,,,,20)
 same => n,Hangup()
exten => local,1,Gosub(asterisk-gdpr,notice,1(support))
 same => n,Dial(Local/anna@from-agents/n,25)
exten => ring-ben,1,Gosub(asterisk-gdpr,notice,1(support))
 same => n,Dial(PJSIP/ben,25)
exten => group,1,Gosub(asterisk-gdpr,notice,1(support))
 same => n,Dial(PJSIP/anna&PJSIP/ben&PJSIP/carla,25)
[from-agents]
exten => to-second,1,Queue(second,,,,20)
exten => 7,1,Dial(PJSIP/carla,20)
exten => park,1,Park(default,s)
exten => 701,1,ParkedCall(default,701)
exten => pick,1,PickupChan(PJSIP/ben)
"""

QUEUES = """
[first]
strategy = ringall
member => PJSIP/anna
[second]
strategy = ringall
member => Local/carla@from-agents
"""

FEATURES = """
[featuremap](+)
blindxfer => ##
atxfer => *2
[general](+)
transferdigittimeout = 2
"""


@pytest.fixture(scope="module")
def house(programs: Programs) -> Iterator[House]:
    """A house whose dialplan does what big ones do; anna and carla are cleared, ben is not."""
    files = {"queues.conf": QUEUES, "features.conf": FEATURES}
    with House(programs, extra=DIALPLAN, files=files) as house:
        for name, hz in (("anna", ANNA_HZ), ("carla", CARLA_HZ), ("ben", BEN_HZ)):
            house.phones.agent(name, tone=hz, answer_after=0.3)
        house.command("agents", "add", "PJSIP/carla", "--version", "2026-11")
        house.command("agents", "consent", "PJSIP/carla", "--version", "2026-11")
        yield house


class Talk:
    """A caller who talks with anna; others join as the test has it."""

    def __init__(self, house: House, extension: str, number: str) -> None:
        self.house = house
        self._calls = {name: len(house.phones.agent(name, tone=hz).calls) for name, hz in VOICES.items()}
        script = f"tone {CALLER_HZ}; wait 60; hangup"
        self.call = house.phones.call(extension, number=number, script=script)
        self.anna = self.answered("anna")

    def answered(self, name: str) -> PhoneCall:
        """The next call to this agent, once it is answered."""
        agent = self.house.phones.agent(name, tone=VOICES[name], answer_after=0.3)
        self._calls[name] += 1
        return agent.wait_call(20, count=self._calls[name]).wait_answered()

    def channel(self, name: str) -> str:
        """An agent's newest channel, or the caller's (`trunk`), as the PBX names it."""
        lines = self.house.pbx.rx("core show channels concise").splitlines()
        return next(line.split("!")[0] for line in lines if line.startswith(f"PJSIP/{name}-"))

    def over(self) -> tuple[Samples, Samples]:
        """Everybody hangs up; what was recorded."""
        self.call.hangup()
        self.call.wait_ended()
        told = self.house.wait_sealed(self.house.last_call())
        return listen(self.house, told["recording"])


VOICES = {"anna": ANNA_HZ, "carla": CARLA_HZ, "ben": BEN_HZ}


def test_a_blind_transfer_to_somebody_cleared(house: House) -> None:
    """After a blind transfer the recording goes on, and the new agent is in it, to a tenth of a second."""
    talk = Talk(house, "support", "+4915112345500")
    time.sleep(2)
    house.pbx.rx(f"channel redirect {talk.channel('trunk')} from-agents,carla,1")
    carla = talk.answered("carla")
    time.sleep(2.5)
    _, right = talk.over()

    assert carla.answered_at is not None and talk.call.ended_at is not None
    assert seconds_of(right, ANNA_HZ) > 1.5
    talked = talk.call.ended_at - carla.answered_at
    assert seconds_of(right, CARLA_HZ) == pytest.approx(talked, abs=0.3)
    assert seconds_of(right, RINGBACK_HZ) <= EDGE


def test_who_hangs_up_just_after_a_transfer_is_recorded_until_then(house: House) -> None:
    """The caller goes while the capture begins anew: what was said until then is sealed, without an alarm."""
    talk = Talk(house, "support", "+4915112345501")
    time.sleep(2)
    house.pbx.rx(f"channel redirect {talk.channel('trunk')} from-agents,carla,1")
    carla = talk.answered("carla")
    time.sleep(0.2)
    left, right = talk.over()

    assert carla.answered_at is not None and talk.call.ended_at is not None
    assert 1.5 < seconds_of(right, ANNA_HZ) < 3
    assert seconds_of(right, CARLA_HZ) <= talk.call.ended_at - carla.answered_at + EDGE
    assert seconds_of(right, RINGBACK_HZ) <= EDGE and len(left) == len(right)
    assert house.register.alarms() == []


def test_a_blind_transfer_by_key(house: House) -> None:
    """An agent who transfers by `##` leaves the recording, and who is called is in it."""
    talk = Talk(house, "keyed", "+4915112345510")
    time.sleep(1.5)
    talk.anna.press("##")
    time.sleep(0.8)
    talk.anna.press("7")
    talk.answered("carla")
    time.sleep(2)
    _, right = talk.over()

    assert seconds_of(right, CARLA_HZ) > 1.5
    assert seconds_of(right, MUSIC_HZ) <= EDGE


def test_an_attended_transfer_and_its_consultation(house: House) -> None:
    """While the agent consults nothing is captured; whoever takes over is in the recording from then on."""
    talk = Talk(house, "keyed", "+4915112345511")
    time.sleep(2)
    talk.anna.press("*2")
    consulted = time.time()
    time.sleep(1.0)
    talk.anna.press("7")
    talk.answered("carla")
    time.sleep(2)
    talk.anna.hangup()
    taken = time.time()
    time.sleep(2.5)
    left, right = talk.over()

    assert talk.anna.answered_at is not None
    begun = talk.anna.answered_at
    consultation = slice(round(8000 * (consulted - begun + 0.3)), round(8000 * (taken - begun - 0.3)))
    assert seconds_of(left[consultation], CALLER_HZ) <= EDGE
    assert seconds_of(right[consultation], CARLA_HZ) <= EDGE
    assert seconds_of(right, MUSIC_HZ) <= EDGE
    assert seconds_of(right, ANNA_HZ) > 1.5
    assert seconds_of(right, CARLA_HZ) == pytest.approx(2.5 - 0.2, abs=0.5)


def test_a_transfer_to_somebody_who_is_not_cleared(house: House) -> None:
    """After a transfer to an agent without consent neither side is captured."""
    talk = Talk(house, "support", "+4915112345512")
    time.sleep(2)
    house.pbx.rx(f"channel redirect {talk.channel('trunk')} from-agents,ben,1")
    talk.answered("ben")
    time.sleep(2)
    left, right = talk.over()

    assert seconds_of(right, ANNA_HZ) > 1.5
    assert seconds_of(right, BEN_HZ) == 0
    assert seconds_of(left, CALLER_HZ) < 2.6


def test_from_one_queue_to_another(house: House) -> None:
    """Queue to queue, the second by a Local channel: one recording, no music, the second agent in it."""
    talk = Talk(house, "queued", "+4915112345513")
    time.sleep(2)
    house.pbx.rx(f"channel redirect {talk.channel('trunk')} from-agents,to-second,1")
    talk.answered("carla")
    time.sleep(2.5)
    _, right = talk.over()

    assert seconds_of(right, ANNA_HZ) > 1.5
    assert seconds_of(right, CARLA_HZ) > 2.0
    assert seconds_of(right, MUSIC_HZ) <= EDGE
    assert house.register.queues_of(house.last_call()) == ["first", "second"]


def test_an_agent_behind_a_local_channel(house: House) -> None:
    """An agent behind `Local/…/n` is the party who counts, and is in the recording."""
    talk = Talk(house, "local", "+4915112345514")
    time.sleep(2)
    left, right = talk.over()

    assert seconds_of(right, ANNA_HZ) > 1.5
    assert seconds_of(left, CALLER_HZ) > 1.5


def test_a_ring_group(house: House) -> None:
    """Of many who ring, only who answers is a party; that others were called changes nothing."""
    for name in ("ben", "carla"):
        house.phones.agent(name, script="ring 30")
    talk = Talk.__new__(Talk)
    talk.house, talk._calls = house, {name: len(house.phones.agent(name).calls) for name in VOICES}
    house.phones.agent("anna", tone=ANNA_HZ, answer_after=0.5)
    for name in ("ben", "carla"):
        house.phones.agent(name, script="ring 30")
    talk.call = house.phones.call(
        "group", number="+4915112345515", script=f"tone {CALLER_HZ}; wait 60; hangup"
    )
    talk.anna = talk.answered("anna")
    time.sleep(2)
    left, right = talk.over()

    assert seconds_of(right, ANNA_HZ) > 1.5
    assert seconds_of(left, CALLER_HZ) > 1.5


def test_a_transfer_by_the_phone_itself(house: House) -> None:
    """After a REFER of the agent's phone the recording goes on with whom it named."""
    talk = Talk(house, "support", "+4915112345516")
    time.sleep(2)
    talk.anna.refer("7")
    talk.answered("carla")
    time.sleep(2.5)
    _, right = talk.over()

    assert seconds_of(right, ANNA_HZ) > 1.5
    assert seconds_of(right, CARLA_HZ) > 2.0
    assert max(seconds_of(right, MUSIC_HZ), seconds_of(right, RINGBACK_HZ)) <= EDGE


def test_a_caller_who_is_parked(house: House) -> None:
    """In the parking lot neither caller nor music is captured; whoever takes the call out is recorded."""
    talk = Talk(house, "support", "+4915112345517")
    time.sleep(2)
    house.pbx.rx(f"channel redirect {talk.channel('trunk')} from-agents,park,1")
    time.sleep(2.5)
    carla = house.phones.call("701", endpoint="carla", script=f"tone {CARLA_HZ}; wait 30; hangup")
    carla.wait_answered()
    time.sleep(2.5)
    left, right = talk.over()

    assert seconds_of(talk.call.heard(), MUSIC_HZ) > 1.5
    assert seconds_of(right, MUSIC_HZ) <= EDGE
    assert seconds_of(right, ANNA_HZ) > 1.5
    assert seconds_of(right, CARLA_HZ) > 2.0
    assert seconds_of(left, CALLER_HZ) < 2.6 + 3.2


def test_a_call_that_somebody_else_picks_up(house: House) -> None:
    """Who picks up a call that rings elsewhere is the party, and whose phone rang is none."""
    house.phones.agent("ben", script="ring 30")
    rang = len(house.phones.agent("ben", script="ring 30").calls)
    script = f"tone {CALLER_HZ}; wait 60; hangup"
    call = house.phones.call("ring-ben", number="+4915112345518", script=script)
    house.phones.agent("ben", script="ring 30").wait_call(20, count=rang + 1)
    carla = house.phones.call("pick", endpoint="carla", script=f"tone {CARLA_HZ}; wait 30; hangup")
    carla.wait_answered()
    time.sleep(2.5)
    call.hangup()
    call.wait_ended()
    told = house.wait_sealed(house.last_call())
    left, right = listen(house, told["recording"])

    assert seconds_of(right, CARLA_HZ) > 2.0
    assert seconds_of(left, CALLER_HZ) == pytest.approx(seconds_of(right, CARLA_HZ), abs=0.4)
