"""What a thief with the disk finds: nothing of what was said, and nobody's number."""

from __future__ import annotations

import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from asterisk_gdpr.errors import GdprError
from asterisk_gdpr.rig.browser import Browser
from asterisk_gdpr.rig.sound import noise, position
from asterisk_gdpr.rig.traces import (
    Needle,
    Trace,
    audio_needles,
    number_needle,
    secret_needle,
    traces,
    traces_unlinked,
)
from asterisk_gdpr.seal.keys import data_key_info
from asterisk_gdpr.seal.reader import open_segment_at, scan
from tests.live.house import House
from tests.live.listening import listen, private_key

pytestmark = pytest.mark.live

NUMBER = f"+49151555{secrets.randbelow(10**5):05}"
"""Of this run alone: what lies elsewhere on this machine is not mistaken for it."""


def test_no_file_on_disk_holds_the_audio_or_the_number(house: House) -> None:
    """Every file written during a recorded call holds neither its audio, in any form, nor its number."""
    began = time.time()
    pattern = noise(2.0, seed=int(began * 1000) % 2**32)
    house.phones.sound("pattern", pattern)
    anna = house.phones.agent("anna", tone=1000, answer_after=0.2)
    count = len(anna.calls) + 1
    needles = [*audio_needles("audio", pattern), number_needle("number", NUMBER)]
    call = house.phones.call("support", number=NUMBER, script="play pattern; wait 14; hangup")
    anna.wait_call(count=count)
    while call.ended_at is None:
        assert _found(house, needles, began) == []
        time.sleep(0.5)
    told = house.wait_sealed(house.last_call())

    left, _ = listen(house, told["recording"])
    assert position(left, pattern) is not None, "the pattern was recorded"
    assert _found(house, needles, began) == []
    heard = house.bench.folder / "heard"
    heard.write_bytes(left.astype("<i2").tobytes() + NUMBER.encode())
    assert {trace.name for trace in _found(house, needles, began)} == {"audio, 16-bit", "number"}
    heard.unlink()


def test_a_thief_with_the_disk_finds_no_key_and_no_sound(house: House) -> None:
    """A recording was heard through the page: no file holds its sound, nor what would open it."""
    began = time.time()
    pattern = noise(2.0, seed=int(began * 1000) % 2**32)
    house.phones.sound("pattern", pattern)
    recording = _record(house, "play pattern; wait 6; hangup")
    private, password = private_key(house), secrets.token_urlsafe(16)
    (key,) = house.register.keys(recording)
    needles = [
        *audio_needles("audio", pattern),
        number_needle("number", NUMBER),
        secret_needle("data key", private.unwrap(key.wrapped, data_key_info(recording, key.generation))),
        secret_needle("the vault's private key", private.to_bytes()),
        secret_needle("half of it", private.to_bytes()[:32]),
        secret_needle("the passphrase", house.passphrase.encode()),
        secret_needle("a password", password.encode()),
    ]
    (house.folder / "password").write_text(password)
    house.start("web")
    house.command("unlock", "--passphrase-file", str(house.folder / "passphrase"))
    house.command(
        "users", "add", "quinn", "--role", "quality", "--password-file", str(house.folder / "password")
    )
    quinn = Browser(house.page)
    quinn.submit("/sign-in", "/sign-in", name="quinn", password=password, next="/")
    quinn.submit("/review", "/review", purpose="improvement", reason="complaint", next="/")
    left, _ = quinn.hear(f"/recordings/{recording}/audio")
    assert position(left, pattern) is not None, "the page played the pattern"
    assert traces_unlinked(house.pid("web"), needles) == []
    house.kill("web")

    given = [house.folder / "passphrase", house.folder / "password"]
    assert _found(house, needles, began, given) == []


def _found(house: House, needles: list[Needle], began: float, given: Sequence[Path] = ()) -> list[Trace]:
    """What lies on the disk of this run, but for what the test has `given`.

    Asterisk's own logs and CDRs are Asterisk's, and the phones are not the product.
    """
    own = [house.pbx.folder / "log", house.bench.folder / "phones", *given]
    since = began - 1
    lying: list[Trace] = []
    for place in (house.folder, house.bench.folder):
        lying += traces(place, needles, since=since, leave_out=own)
    for place in (tempfile.gettempdir(), "/var/tmp"):  # others put files there, we must not
        lying += traces(Path(place), needles, since=since, deep=False)
    for pid in (house.pbx.pid, house.pid("run")):
        lying += traces_unlinked(pid, needles)
    return lying


def test_a_copy_made_before_the_erasure_opens_no_more(house: House) -> None:
    """After an erasure a copied container cannot be opened with the private key and the register as it is."""
    recording, kept = _record(house), _record(house)
    container = _container(house, recording)
    copy = house.folder / "copy"
    shutil.copy(container, copy)
    (key,) = house.register.keys(recording)
    private = private_key(house)
    assert _opens(copy, private.unwrap(key.wrapped, data_key_info(recording, key.generation)))
    pieces = [key.wrapped[start : start + 32] for start in range(0, len(key.wrapped), 32)]
    assert any(pieces[0] in file for file in _register_files(house)), "what is looked for can be found"

    house.command("erase", "--recording", recording, "--reason", "requested")

    assert house.register.keys(recording) == []
    assert not any(piece in file for file in _register_files(house) for piece in pieces)
    (other,) = house.register.keys(kept)
    for under, generation in ((recording, 1), (recording, 2), (kept, 1)):
        try:
            data_key = private.unwrap(other.wrapped, data_key_info(under, generation))
        except GdprError:
            continue
        assert not _opens(copy, data_key)
    certificate = house.folder / "certificate"
    certificate.write_bytes(house.register.certificate(recording) or b"")
    assert "erased" in house.command("certificate", "verify", str(certificate))
    assert copy.stat().st_size > 0


def test_one_flipped_bit_is_found(house: House) -> None:
    """A bit flipped in a container is found by `recordings verify`, and the place is told."""
    recording = _record(house)
    container = _container(house, recording)
    whole = container.read_bytes()
    for place in (9, len(whole) // 2, len(whole) - 40):
        flipped = bytearray(whole)
        flipped[place] ^= 1
        container.write_bytes(flipped)
        done = house.run_command("recordings", "verify", recording)
        assert done.returncode == 1 and re.search(r"\d", done.stderr + done.stdout)
    container.write_bytes(whole)
    assert house.run_command("recordings", "verify", recording).returncode == 0


def _record(house: House, script: str = "tone 400; wait 6; hangup") -> str:
    """A call that is recorded, from its ring until it is sealed."""
    anna = house.phones.agent("anna", tone=1000, answer_after=0.2)
    count = len(anna.calls) + 1
    call = house.phones.call("support", number=NUMBER, script=script)
    anna.wait_call(count=count)
    call.wait_ended()
    recording: str = house.wait_sealed(house.last_call())["recording"]
    return recording


def _container(house: House, recording: str) -> Path:
    (container,) = (house.installation / "state" / "vault").rglob(f"{recording}*")
    return container


def _register_files(house: House) -> list[bytes]:
    return [file.read_bytes() for file in (house.installation / "state").glob("register.db*")]


def _opens(container: Path, key: bytes) -> bool:
    """Whether a data key opens the first segment of a container."""
    data = container.read_bytes()

    def read(offset: int, length: int) -> bytes:
        return data[offset : offset + length]

    found = scan(read, len(data))
    try:
        open_segment_at(read, found, found.segments[0], key)
    except GdprError:
        return False
    return True
