"""Seeking in a recording of one hour: to the first byte of its sound, opened as it is sent."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile

from asterisk_gdpr.errors import Unreachable
from asterisk_gdpr.rig.debian import programs
from asterisk_gdpr.rig.house import House
from asterisk_gdpr.rig.sound import RATE
from bench.figure import Line, Run, Target, alternating, milliseconds, percentile, ratio
from bench.house import POLICY, product_of
from bench.page_with_wav import PATH
from bench.sealer import Sealer
from bench.visitor import Visitor
from bench.voices import dialogue

TITLE = "seek in a one-hour recording, p95 to first byte"
RIVAL = "the same WAV file, unencrypted, by the same server"

_SECONDS = 3600
_HEADER, _FRAME = 44, 4
"""Bytes of a WAV file's header, and of a frame of its sound."""


def measure(run: Run) -> Iterable[Line]:
    """Seeks to the same places, in the recording and in the file in turn."""
    house = House(programs(), {}, lambda made: _write_policy(made))
    try:
        house.furnish()
        recording, wav = _seal_hour(house)
        times: dict[str, list[float]] = {f"/recordings/{recording}/audio": [], PATH: []}
        with _page(house, wav), _reviewer(house) as visitor:
            places = np.random.default_rng(1).integers(_SECONDS * RATE, size=run.pick(300, 60))
            for number, place in enumerate([0, *places]):
                for path in alternating(1, *(times if number % 2 else reversed(times))):
                    took = visitor.first_byte(path, _HEADER + int(place) * _FRAME)
                    if number:  # the first is the start of the listening, and no seek
                        times[path].append(took)
    finally:
        house.close()
    ours, rival = times.values()
    yield Line(
        TITLE,
        milliseconds(ours),
        f"plain WAV {milliseconds(rival)}",
        ratio(percentile(ours, 0.95), percentile(rival, 0.95)),
        Target(3.0),
    )


def _write_policy(house: House) -> None:
    (house.installation / "policy.yaml").write_text(POLICY)


def _seal_hour(house: House) -> tuple[str, Path]:
    """The recording, and beside it the same sound as a file."""
    left, right = (np.resize(side, _SECONDS * RATE) for side in dialogue(programs()))
    wav = house.folder / "plain.wav"
    soundfile.write(wav, np.column_stack((left, right)), RATE, subtype="PCM_16")
    product = product_of(house)
    sealer = Sealer(
        product.register(),
        product.vault(),
        product.spool(),
        (product.vault_public_key(), product.signing_key()),
        product.policy(),
    )
    recording = sealer.seal(left, right)
    product.close()
    return recording, wav


@contextmanager
def _page(house: House, wav: Path) -> Iterator[None]:
    """The page's process, unlocked."""
    with (house.folder / "page.log").open("wb") as log:
        words = [sys.executable, "-m", "bench.page_with_wav", str(house.config), str(wav)]
        process = subprocess.Popen(words, stdout=log, stderr=log)
    try:
        _wait_served(house, process)
        house.command("unlock", "--passphrase-file", str(house.folder / "passphrase"))
        yield
    finally:
        process.terminate()
        process.wait(20)


def _wait_served(house: House, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{house.page}/healthz", timeout=1):  # noqa: S310  # http, our own
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise Unreachable(f"The page does not serve: {(house.folder / 'page.log').read_text()[-2000:]}")


@contextmanager
def _reviewer(house: House) -> Iterator[Visitor]:
    """Somebody who has said for what they listen."""
    visitor = Visitor(house, house.web_port)
    visitor.submit("/review", "/review", purpose="quality", reason="complaint")
    yield visitor
    visitor.close()
