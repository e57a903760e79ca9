"""What somebody with bad intentions tries, on the real thing."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from asterisk_gdpr.rig.debian import Programs
from asterisk_gdpr.rig.sound import seconds_of
from bench.sip import HOST, description
from tests.live.house import House
from tests.live.listening import listen, overlap

pytestmark = pytest.mark.live

WAITING_ROOM = """
exten => waiting-room,1,Wait(2)
"""


@pytest.fixture(scope="module")
def house(programs: Programs) -> Iterator[House]:
    """A house with an extension that rings nobody."""
    with House(programs, extra=WAITING_ROOM) as house:
        yield house


def _invite(house: House, extension: str, user: str) -> None:
    """Call as a phone that sends whatever it likes as its user's name; it takes no answer."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind((HOST, 0))
        pbx, port = f"{HOST}:{house.pbx.address.sip}", phone.getsockname()[1]
        body = description(port)
        phone.sendto(
            (
                f"INVITE sip:{extension}@{pbx} SIP/2.0\r\n"
                f"Via: SIP/2.0/UDP {HOST}:{port};rport;branch=z9hG4bKattack\r\nMax-Forwards: 70\r\n"
                f"From: <sip:{user}@{HOST}>;tag=1\r\nTo: <sip:{extension}@{pbx}>\r\n"
                f"Call-ID: {port}\r\nCSeq: 1 INVITE\r\nContact: <sip:x@{HOST}:{port}>\r\n"
                f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n\r\n{body}"
            ).encode(),
            (HOST, house.pbx.address.sip),
        )
        phone.settimeout(5)
        assert b"100 Trying" in phone.recv(4096)


def test_a_callers_number_ends_no_other_recording(house: House) -> None:
    """A caller whose number holds line ends and an event of AMI changes nothing in another's call."""
    anna = house.phones.agent("anna", tone=1000, answer_after=0.2)
    call = house.phones.call("support", number="+4915112345201", script="tone 400; wait 10; hangup")
    agent = anna.wait_call().wait_answered()
    time.sleep(1)
    row = house.register.calls(limit=1)[0]
    forged = f"\r\n\r\nEvent: Hangup\r\nUniqueid: {row.channel}\r\n\r\n"
    _invite(house, "waiting-room", "".join(f"%{ord(letter):02x}" for letter in forged))
    call.wait_ended()
    agent.wait_ended()
    told = house.wait_sealed(row.id)

    left, _ = listen(house, told["recording"])
    assert seconds_of(left, 400) == pytest.approx(overlap(call, agent), abs=0.3)
