"""What a thief with the disk finds: nothing of what was said, and nobody's number."""

from __future__ import annotations

import re
import shutil
import time

import pytest

from asterisk_gdpr.errors import GdprError
from asterisk_gdpr.rig.sound import noise, position
from asterisk_gdpr.rig.traces import audio_needles, number_needles, traces
from asterisk_gdpr.seal.keys import VaultPrivateKey, data_key_info
from tests.live.house import House
from tests.live.listening import listen, private_key

pytestmark = pytest.mark.live

NUMBER = "+4915155501234"


def test_no_file_on_disk_holds_the_audio_or_the_number(house: House) -> None:
    """Every file written during a recorded call holds neither its audio, in any form, nor its number."""
    began = time.time()
    pattern = noise(2.0, seed=int(began * 1000) % 2**32)
    house.phones.sound("pattern", pattern)
    anna = house.phones.agent("anna", tone=1000, answer_after=0.2)
    count = len(anna.calls) + 1
    script = "play pattern; wait 14; hangup"
    call = house.phones.call("support", number=NUMBER, script=script)
    anna.wait_call(count=count)
    call.wait_ended()
    told = house.wait_sealed(house.last_call())

    left, _ = listen(house, told["recording"])
    assert position(left, pattern) is not None, "the pattern was recorded"
    needles = {**audio_needles("audio", pattern), **number_needles("number", NUMBER)}
    # Asterisk's own logs and CDRs are Asterisk's; the phones are not the product.
    own = [house.pbx.folder / "log", house.bench.folder / "phones"]
    for root in (house.folder, house.bench.folder):
        assert traces(root, needles, since=began - 1, leave_out=own) == []


def test_a_copy_made_before_the_erasure_opens_no_more(house: House) -> None:
    """After an erasure a copied container cannot be opened with the private key and the register as it is."""
    anna = house.phones.agent("anna", tone=1000, answer_after=0.2)
    count = len(anna.calls) + 1
    call = house.phones.call("support", number=NUMBER, script="tone 400; wait 8; hangup")
    anna.wait_call(count=count)
    call.wait_ended()
    told = house.wait_sealed(house.last_call())
    recording = told["recording"]
    (container,) = (house.installation / "state" / "vault").rglob(f"{recording}*")
    copy = house.folder / "copy"
    shutil.copy(container, copy)
    (key,) = house.register.keys(recording)
    private = private_key(house)
    assert private.unwrap(key.wrapped, data_key_info(recording, key.generation))

    house.command("erase", "--recording", recording, "--reason", "requested")

    assert house.register.keys(recording) == []
    assert not _any_row_opens(house, private, recording)
    files = [*(house.installation / "state").glob("register.db*")]
    assert files and all(key.wrapped[:64] not in file.read_bytes() for file in files)
    certificate = house.folder / "certificate"
    certificate.write_bytes(house.register.certificate(recording) or b"")
    assert "erased" in house.command("certificate", "verify", str(certificate))
    assert copy.stat().st_size > 0


def test_one_flipped_bit_is_found(house: House) -> None:
    """A bit flipped in a container is found by `recordings verify`, and the place is told."""
    anna = house.phones.agent("anna", tone=1000, answer_after=0.2)
    count = len(anna.calls) + 1
    call = house.phones.call("support", number=NUMBER, script="tone 400; wait 8; hangup")
    anna.wait_call(count=count)
    call.wait_ended()
    recording = house.wait_sealed(house.last_call())["recording"]
    (container,) = (house.installation / "state" / "vault").rglob(f"{recording}*")
    whole = container.read_bytes()
    for place in (9, len(whole) // 2, len(whole) - 40):
        flipped = bytearray(whole)
        flipped[place] ^= 1
        container.write_bytes(flipped)
        done = house.run_command("recordings", "verify", recording)
        assert done.returncode == 1 and re.search(r"\d", done.stderr + done.stdout)
    container.write_bytes(whole)
    assert house.run_command("recordings", "verify", recording).returncode == 0


def _any_row_opens(house: House, private: VaultPrivateKey, recording: str) -> bool:
    """Whether any wrapped key of any recording that is left opens under the erased recording's name."""
    for found in house.register.calls(limit=100):
        for key in house.register.keys(found.recording) if found.recording else []:
            for generation in range(1, 4):
                try:
                    private.unwrap(key.wrapped, data_key_info(recording, generation))
                except GdprError:
                    continue
                return True
    return False
