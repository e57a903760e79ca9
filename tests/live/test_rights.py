"""A caller's way from the call to the certificate, on a real Asterisk, by the commands that people use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pyrage
import pytest
from pyrage import x25519

from asterisk_gdpr.core.recording import State
from asterisk_gdpr.rig.debian import Programs
from tests.live.house import House

pytestmark = pytest.mark.live

NUMBER = "+4915112345777"
EXTRA = """exten => referred,1,Gosub(asterisk-gdpr,notice,1(support))
 same => n,Dial(PJSIP/anna,20,gS(3))
 same => n,Gosub(asterisk-gdpr,refer,1(two words))
 same => n,Gosub(asterisk-gdpr,refer,1(T-4711/b))
 same => n,Wait(0.5)
 same => n,Hangup()
"""


@pytest.fixture(scope="module")
def house(programs: Programs) -> Iterator[House]:
    """A house whose dialplan says what another system calls a call when the talk is over."""
    with House(programs, EXTRA) as house:
        yield house


def test_a_caller_from_the_call_to_the_certificate(house: House) -> None:
    """A caller is recorded, found, given a copy, and erased once a hold has ended, with a certificate."""
    anna = house.phones.agent("anna", tone=1000, answer_after=0.5)
    call = house.phones.call("referred", number=NUMBER, script="tone 400; wait 8; hangup")
    anna.wait_call(count=len(anna.calls) + 1).wait_ended()
    call.wait_ended()
    recording = house.wait_sealed(house.last_call())["recording"]

    # found by the number, and by what the dialplan said last
    assert [each["id"] for each in house.ask("recordings", "list", "--reference", "t-4711/B")] == [recording]
    assert [each["id"] for each in house.ask("recordings", "list", "--caller", NUMBER)] == [recording]

    # a copy, which opens for its owner
    identity = x25519.Identity.generate()
    package = house.folder / "copy.age"
    access = _request(house, "access")
    house.command(
        *("requests", "fulfil", access, "--package", str(package), "--to", str(identity.to_public())),
        *("--passphrase-file", str(house.folder / "passphrase")),
        *("--letter", str(house.folder / "letter-access")),
    )
    assert pyrage.decrypt(package.read_bytes(), [identity])[:2] == b"PK"

    # the erasure waits for a hold, and no longer
    said = ("--ground", "legal-claims", "--why", "sued", "--until", "2099-01-01", "--listener", "quality")
    house.command("holds", "add", "--case", "A 1", "--recording", recording, *said)
    container = house.vault.read(recording, 0, house.vault.size(recording))
    erasure = _request(house, "erasure")
    letter = house.folder / "letter-erasure"
    told = json.loads(house.command("requests", "fulfil", erasure, "--letter", str(letter), "--json"))
    assert told["counts"] == {"held": 1} and "as soon as the law lets us" in letter.read_text()
    assert house.register.keys(recording)
    (hold,) = house.ask("holds", "list")
    house.command("holds", "lift", hold["id"])
    house.command("sweep")
    house.wait_state(recording, State.ERASED)

    # what is left is the proof
    certificate = house.folder / "certificate"
    house.command("certificate", "show", recording, "--to", str(certificate))
    house.command("certificate", "verify", str(certificate))
    house.command("ledger", "verify")
    assert house.vault.size(recording) is None and house.register.keys(recording) == []
    assert container and _traces(house) == []


def _request(house: House, right: str) -> str:
    """A request of the caller, who was called back."""
    house.command("requests", "open", "--right", right, "--caller", NUMBER)
    (request,) = house.ask("requests", "list")
    house.command("requests", "identify", request["id"], "--method", "callback")
    return str(request["id"])


def _traces(house: House) -> list[Path]:
    """Files of the installation that hold the number."""
    digits = NUMBER.removeprefix("+").encode()
    state = house.product.config.paths.state
    return [path for path in state.rglob("*") if path.is_file() and digits in path.read_bytes()]
