"""A real broker beside a real PBX: stopped, killed, frozen and cut off, while calls go on."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from asterisk_gdpr.rig.broker import Mosquitto
from asterisk_gdpr.rig.debian import Programs
from asterisk_gdpr.rig.phone_call import PhoneCall
from tests.live.broker_listener import Listener
from tests.live.house import House, within
from tests.live.proxy import Wire

pytestmark = pytest.mark.live


CONNECTED = """exten => connected,1,Gosub(asterisk-gdpr,connect,1(told,PJSIP/anna,8))
 same => n,Hangup()
"""


class Told(House):
    """A house whose daemon tells a broker that a wire leads to."""

    def __init__(self, programs: Programs, lines: str) -> None:
        super().__init__(programs, CONNECTED)
        self._mqtt = lines

    def furnish(self) -> None:
        super().furnish()
        self.config.write_text(f"{self.config.read_text()}\n{self._mqtt}")


USER, PASSWORD = "pbx1", "a-password-of-the-broker"


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what broker and daemon need to trust each other."""
    folder = tmp_path_factory.mktemp("broker")
    folder.chmod(0o755)
    _certificate(folder)
    salt = b"twelve bytes"
    digest = hashlib.pbkdf2_hmac("sha512", PASSWORD.encode(), salt, 101)
    known = "$".join(("", "7", "101", *(base64.b64encode(part).decode() for part in (salt, digest))))
    (folder / "known").write_text(f"{USER}:{known}\n")
    (folder / "password").touch(mode=0o600)
    (folder / "password").write_text(f"{PASSWORD}\n")
    return folder


@pytest.fixture(scope="module")
def broker(secrets: Path) -> Iterator[Mosquitto]:
    """A broker that speaks TLS alone, and with nobody who does not say who they are."""
    lines = [
        f"certfile {secrets}/certificate.pem",
        f"keyfile {secrets}/key.pem",
        f"password_file {secrets}/known",
    ]
    with Mosquitto(lines=lines, anonymous=False) as broker:
        yield broker


@pytest.fixture(scope="module")
def wire(broker: Mosquitto) -> Iterator[Wire]:
    """The way to it."""
    with Wire(broker.port) as wire:
        yield wire


@pytest.fixture(scope="module")
def listener(broker: Mosquitto, secrets: Path) -> Iterator[Listener]:
    """Somebody who is at the broker all the time."""
    with Listener(broker.port, USER, PASSWORD, secrets / "certificate.pem") as listener:
        yield listener


@pytest.fixture(scope="module")
def house(programs: Programs, wire: Wire, listener: Listener, secrets: Path) -> Iterator[Told]:
    """The house that it is about, which says who it is by what lies in a file."""
    trust = f"ca_file: {secrets}/certificate.pem, user: {USER}, password_file: {secrets}/password"
    with Told(programs, f"mqtt: {{host: localhost, port: {wire.port}, {trust}}}\n") as house:
        within(lambda: listener.status() == "online" or None, 15)
        yield house


def _call(house: House, number: str, seconds: float) -> tuple[PhoneCall, PhoneCall]:
    anna = house.phones.agent("anna", tone=1000, answer_after=0.2)
    count = len(anna.calls) + 1
    call = house.phones.call("support", number=number, script=f"tone 400; wait {seconds}; hangup")
    return call, anna.wait_call(20, count=count)


def _lights(states: list[dict[str, Any]]) -> list[str]:
    lights: list[str] = []
    for state in states:
        if state["light"] not in lights[-1:]:
            lights.append(state["light"])
    return lights


def _ended(listener: Listener, call: str) -> list[dict[str, Any]]:
    """What was told of a call, once its end was."""

    def look() -> list[dict[str, Any]] | None:
        states = listener.states(call)
        return states if states and states[-1]["phase"] == "ended" else None

    return within(look, 30)


def test_a_call_is_told_as_it_changes(house: Told, listener: Listener) -> None:
    """From the notice to the end each change of a call is told, by TLS to a broker that knows our password by
    its file, and neither number nor password anywhere."""
    call, agent = _call(house, "+4915112345501", 5)
    call.wait_ended()
    agent.wait_ended()
    states = _ended(listener, house.last_call())

    assert states[0]["phase"] == "statement"
    assert _lights(states)[:4] == ["off", "preparing", "muted", "on"]
    assert [state["outcome"] for state in states if state["phase"] == "passed"][-1] == "not_objected"
    assert {state["line"] for state in states} == {"support"}
    assert "15112345501" not in repr(listener.told)
    assert PASSWORD not in repr(listener.told) + house.log("run")


def test_a_command_is_done_and_answered(house: Told, listener: Listener) -> None:
    """A withdrawal by MQTT ends the recording, and its sender learns what came of it."""
    call, agent = _call(house, "+4915112345502", 8)
    agent.wait_answered()
    time.sleep(1)
    ours = house.last_call()
    topic = f"asterisk-gdpr/pbx1/calls/{ours}/set"
    listener.send(topic, '{"do":"withdraw","id":"desk-1"}', "desk/answers", b"\x07")
    listener.send(topic, "dance")
    told = within(lambda: [one for one in listener.told if one[0] == "desk/answers"] or None, 5)
    none = within(lambda: [one for one in listener.told if one[0].endswith("/answer")] or None, 5)
    call.hangup()
    call.wait_ended()
    recording = house.wait_ended(ours)["recording"]

    (_, answer, _, correlation) = told[0]
    assert (answer["result"], answer["id"], correlation) == ("withdrawn", "desk-1", b"\x07")
    assert none[0][1]["result"] == "not_a_command"
    assert house.wait_state(recording, "erased")
    assert "stopped" in _lights(_ended(listener, ours))


def test_every_command_is_done_and_answered(house: Told, listener: Listener) -> None:
    """Pause, resume, swap and stop by MQTT do in the talk what they say; each is answered by its outcome."""
    anna = house.phones.agent("anna", tone=1000, answer_after=0.1)
    ben = house.phones.agent("ben", tone=1250, answer_after=0.1)
    call = house.phones.call("connected", number="+4915112345506", script="tone 400; wait 30; hangup")
    first = anna.wait_call(20, count=len(anna.calls) + 1).wait_answered()
    ours = house.last_call()
    within(lambda: "on" in _lights(listener.states(ours)) or None, 5)

    def ask(number: int, **command: str) -> str:
        reply = f"desk/{ours}/{number}"
        topic = f"asterisk-gdpr/pbx1/calls/{ours}/set"
        listener.send(topic, json.dumps({**command, "id": str(number)}), reply)
        told = within(lambda: [one for one in listener.told if one[0] == reply] or None, 10)
        assert told[0][1]["id"] == str(number) and told[0][1]["do"] == command["do"]
        return str(told[0][1]["result"])

    assert ask(1, do="pause") == "paused"
    assert ask(2, do="pause") == "paused"
    assert ask(3, do="resume") == "resumed"
    assert ask(4, do="resume") == "not_paused"
    assert ask(5, do="swap", agent="a00000000000nobody") == "no_such_agent"
    assert ask(6, do="swap", agent="a00000000000ben") == "swapped"
    second = ben.wait_call().wait_answered()
    first.wait_ended()
    assert ask(7, do="stop") == "withdrawn"
    assert ask(8, do="pause") == "not_recorded"
    call.hangup()
    second.wait_ended()
    told = house.wait_ended(ours)

    assert house.wait_state(told["recording"], "erased")
    assert _lights(_ended(listener, ours))[3:6] == ["on", "muted", "on"]
    assert "PJSIP/" not in repr(listener.told)


def test_nothing_is_lost_while_the_broker_is_away(house: Told, broker: Mosquitto, listener: Listener) -> None:
    """A call during which the broker was killed, and started again, is told whole and in order."""
    call, agent = _call(house, "+4915112345503", 5)
    broker.kill()
    agent.wait_answered()
    call.wait_ended()
    agent.wait_ended()
    ours = house.last_call()
    house.wait_sealed(ours)
    broker.start()
    states = _ended(listener, ours)

    assert _lights(states)[:4] == ["off", "preparing", "muted", "on"]
    assert [state["at"] for state in states] == sorted(state["at"] for state in states)


def test_a_wire_that_is_cut_is_told_by_the_last_will(house: Told, wire: Wire, listener: Listener) -> None:
    """Who is cut off is told as offline by the broker, and as online when the wire is mended."""
    wire.cut()
    within(lambda: listener.status() == "offline" or None, 20)
    call, agent = _call(house, "+4915112345504", 4)
    call.wait_ended()
    agent.wait_ended()
    wire.mend()
    states = _ended(listener, house.last_call())

    assert "on" in _lights(states)
    within(lambda: listener.status() == "online" or None, 10)


def test_no_call_waits_for_a_broker_that_is_frozen(house: Told, broker: Mosquitto) -> None:
    """While the broker takes nothing and says nothing, calls go their way and are recorded."""
    broker.freeze()
    call, agent = _call(house, "+4915112345505", 5)
    assert call.started_at and agent.started_at
    rang_after = agent.started_at - call.started_at
    call.wait_ended()
    agent.wait_ended()
    told = house.wait_sealed(house.last_call())
    broker.thaw()

    assert rang_after < 4.0  # the notice, and no more
    assert told["choice"] == "not_objected"


def test_who_leaves_in_good_order_says_so(house: Told, listener: Listener, secrets: Path) -> None:
    """An orderly stop is told as offline with its time, and kept for whoever comes later."""
    within(lambda: listener.status() == "online" or None, 20)
    house.stop("run")
    within(lambda: listener.status() == "offline" or None, 5)
    with Listener(listener.port, USER, PASSWORD, secrets / "certificate.pem") as late:
        topic, payload, retained, _ = within(lambda: late.told[0] if late.told else None, 5)
    house.start("run")

    assert (topic, payload["status"], retained) == ("asterisk-gdpr/pbx1/status", "offline", True)
    assert payload["at"]


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    for file in (certificate, private):
        file.chmod(0o644)
    return certificate, private


@pytest.fixture
def certificates(tmp_path: Path) -> tuple[Path, Path, Path]:
    """A certificate with its key, and another one."""
    (tmp_path / "other").mkdir()
    return (*_certificate(tmp_path), _certificate(tmp_path / "other")[0])


async def test_tls_is_verified(certificates: tuple[Path, Path, Path]) -> None:
    """A broker whose certificate is not the one that we were told to trust is not told a word."""
    from asterisk_gdpr.adapters.link import Pace
    from asterisk_gdpr.adapters.mqtt import Address, Broker, tls_context
    from asterisk_gdpr.errors import Refused, Unreachable

    certificate, key, other = certificates
    lost: asyncio.Queue[Unreachable] = asyncio.Queue()

    def broker(port: int, tls: ssl.SSLContext | None) -> Broker:
        return Broker(
            Address("localhost", port, tls=tls),
            "test",
            subscribe="x",
            will=("status", b"{}"),
            hello=lambda: b"{}",
            on_message=lambda _: None,
            on_connected=lambda: None,
            on_lost=lost.put_nowait,
            pace=Pace(first=0.05, most=0.1, answer=2.0),
        )

    with Mosquitto(lines=[f"certfile {certificate}", f"keyfile {key}"]) as server:
        trusting = broker(server.port, tls_context(certificate, None, None))
        running = asyncio.create_task(trusting.run())
        await asyncio.wait_for(trusting.wait_connected(), 10)
        await trusting.publish("hello", b"{}")
        running.cancel()
        await asyncio.wait([running])
        for tls in (tls_context(other, None, None), tls_context(None, None, None), None):
            doubting = broker(server.port, tls)
            trying = asyncio.create_task(doubting.run())
            await asyncio.wait_for(lost.get(), 10)
            assert not doubting.connected
            trying.cancel()
            await asyncio.wait([trying])
    with pytest.raises(Refused) as refused:
        tls_context(certificate.with_name("none.pem"), None, None)
    assert refused.value.id == "mqtt-tls"


async def test_a_wrong_password_is_a_persons_to_mend() -> None:
    """A broker that refuses us is told as that, tried again slowly, and no password is shown."""
    from asterisk_gdpr.adapters.mqtt import Address, Broker
    from asterisk_gdpr.errors import Unreachable

    lost: asyncio.Queue[Unreachable] = asyncio.Queue()
    with Mosquitto(anonymous=False) as server:
        refused = Broker(
            Address("127.0.0.1", server.port, "pbx1", "a-wrong-password"),
            "test",
            subscribe="x",
            will=("status", b"{}"),
            hello=lambda: b"{}",
            on_message=lambda _: None,
            on_connected=lambda: None,
            on_lost=lost.put_nowait,
        )
        trying = asyncio.create_task(refused.run())
        problem = await asyncio.wait_for(lost.get(), 10)
        trying.cancel()

    assert problem.id == "broker-credentials"
    assert "a-wrong-password" not in repr(problem)
