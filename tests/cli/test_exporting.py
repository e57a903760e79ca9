"""A recording for a court: complete, checked without us, and in nobody's hands but whom it is for."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import stat
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import soundfile
from pyrage import decrypt, passphrase, x25519

from asterisk_gdpr.cli import exporting, inputs
from asterisk_gdpr.seal.reader import open_segment_at, scan
from asterisk_gdpr.service import new_files
from asterisk_gdpr.service.sealing.audio import decode
from tests.cli.house import RECORDING, House
from tests.cli.test_evidence import offline
from tests.erasure.stage import Killed
from tests.fakes.plug import Plug

pytestmark = pytest.mark.thorough

PASSPHRASE = "a horse for the court alone"


def make(house: House, to: Path, *options: str | Path) -> int:
    """Make the dossier of the one recording."""
    arguments = ("--to", to, "--reason", "dispute", "--passphrase-file", house.passphrase)
    return house("recordings", "export", RECORDING, *arguments, *options)


def test_a_dossier_is_checked_without_us(full_house: House, tmp_path: Path) -> None:
    """Its sums fit, container and choice verify offline by its key, and the sound is the container's."""
    folder = tmp_path / "dossier"
    assert make(full_house, folder) == 0, full_house.err

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for line in (folder / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    (key,) = folder.glob("verify-*.pub")
    assert offline(tmp_path, "recordings", "verify", "--file", folder / "container.agdpr", "--key", key) == 0
    assert offline(tmp_path, "certificate", "verify", folder / "choice.json", "--key", key) == 0

    container = (folder / "container.agdpr").read_bytes()
    found = scan(lambda offset, length: container[offset : offset + length], len(container))
    keys = {int(n): bytes.fromhex(k) for n, k in json.loads((folder / "data-keys.json").read_bytes()).items()}
    frames = b"".join(
        decode(open_segment_at(lambda o, n: container[o : o + n], found, place, keys[place.generation]))[0]
        for place in found.segments
    )
    sound, _ = soundfile.read(folder / "recording.flac", dtype="int16")
    assert np.array_equal(sound, np.frombuffer(frames, "<i2").reshape(-1, 2))
    manifest = json.loads((folder / "manifest.json").read_bytes())
    choice = json.loads((folder / "choice.json").read_bytes())["body"]
    assert manifest["choice"]["evidence_sha256"] == choice["facts_sha256"]


def test_the_cover_says_what_a_reader_asks(full_house: House, tmp_path: Path) -> None:
    """The sheet names recording, times, choice and keys, and loads nothing from anywhere."""
    assert make(full_house, tmp_path / "d") == 0
    cover = (tmp_path / "d/cover.html").read_text()

    for text in (RECORDING, "sales", "agreed", "keys: 1 at", "quality"):
        assert text in cover
    assert "http" not in cover and "<script" not in cover
    assert "exported" in full_house.kinds()


def test_the_cover_is_a_pdf_too(full_house: House, tmp_path: Path) -> None:
    """For a court there is a tagged PDF with the same facts, in the sums like everything else."""
    assert make(full_house, tmp_path / "d") == 0
    pdf = (tmp_path / "d/cover.pdf").read_bytes()

    assert pdf.startswith(b"%PDF-") and pdf.rstrip().endswith(b"%%EOF")
    assert b"pdfuaid" in pdf
    assert "cover.pdf" in (tmp_path / "d/SHA256SUMS").read_text()


@pytest.mark.parametrize("voices", ["both", "caller"])
def test_as_a_wav_file(full_house: House, tmp_path: Path, voices: str) -> None:
    """The sound may be WAV instead, sample for sample the same, both sides or one."""
    assert make(full_house, tmp_path / "flac", "--voices", voices) == 0
    assert make(full_house, tmp_path / "wav", "--voices", voices, "--format", "wav") == 0
    flac, wav = (
        soundfile.read(tmp_path / each / f"recording.{each}", dtype="int16")[0] for each in ("flac", "wav")
    )

    assert np.array_equal(flac, wav)
    assert not (tmp_path / "wav/recording.flac").exists()


def test_one_side_alone_holds_no_other(full_house: House, tmp_path: Path) -> None:
    """A copy of the caller's voice alone holds one channel, and neither the container nor its keys."""
    assert make(full_house, tmp_path / "d", "--voices", "caller") == 0
    sound, _ = soundfile.read(tmp_path / "d/recording.flac", dtype="int16")

    assert sound.ndim == 1
    assert not (tmp_path / "d/container.agdpr").exists() and not (tmp_path / "d/data-keys.json").exists()


def test_as_one_age_file_under_a_passphrase(full_house: House, tmp_path: Path) -> None:
    """The whole dossier may be one file that anyone with the passphrase opens by the standard tool."""
    secret, to = tmp_path / "secret", tmp_path / "dossier.age"
    secret.write_text(PASSPHRASE + "\n")
    assert make(full_house, to, "--copy-passphrase-file", secret) == 0, full_house.err

    assert b"RIFF" not in to.read_bytes() and b"fLaC" not in to.read_bytes()
    package = zipfile.ZipFile(io.BytesIO(passphrase.decrypt(to.read_bytes(), PASSPHRASE)))
    assert {"recording.flac", "cover.html", "choice.json", "SHA256SUMS"} <= set(package.namelist())


def test_for_a_public_key(full_house: House, tmp_path: Path) -> None:
    """It may be one file that only the holder of an age key opens; no word on the command line opens it."""
    theirs = x25519.Identity.generate()
    to = tmp_path / "for-the-court.age"
    assert make(full_house, to, "--age-to", str(theirs.to_public()), "--format", "wav") == 0, full_house.err

    package = zipfile.ZipFile(io.BytesIO(decrypt(to.read_bytes(), [theirs])))
    assert {"recording.wav", "cover.pdf", "HOW-TO-CHECK.txt"} <= set(package.namelist())
    assert stat.S_IMODE(to.stat().st_mode) == 0o600


def test_the_sound_alone_with_one_side(full_house: House, tmp_path: Path) -> None:
    """NAME.wav is the sound alone, and holds the voices that were asked for."""
    assert make(full_house, tmp_path / "both.wav") == 0
    assert make(full_house, tmp_path / "one.wav", "--voices", "caller") == 0
    both, one = (soundfile.read(tmp_path / f"{name}.wav", dtype="int16")[0] for name in ("both", "one"))

    assert both.ndim == 2 and np.array_equal(one, both[:, 0])


def test_what_plays_as_silence_is_on_the_sheet(full_house: House, tmp_path: Path) -> None:
    """A part that is damaged is silence in the copy, and sheet and command say from when to when."""
    (container,) = (full_house.folder / "state/vault").rglob("*.agdpr")
    data = bytearray(container.read_bytes())
    found = scan(lambda offset, length: bytes(data[offset : offset + length]), len(data))
    place = found.segments[0]
    data[place.offset + place.length // 2] ^= 1
    container.chmod(0o600)
    container.write_bytes(data)
    assert make(full_house, tmp_path / "d") == 0, full_house.err

    assert "missing or damaged: 0.0 s to" in full_house.out
    assert "Silent in this copy, since it is missing or damaged" in (tmp_path / "d/cover.html").read_text()


def test_under_a_hold(full_house: House, tmp_path: Path) -> None:
    """What is erased but for a hold is exported, cover sheet and all, for the case of that hold alone."""
    said = ("--case", "4 O 12/26", "--ground", "legal-claims", "--why", "The customer sues.")
    assert full_house("holds", "add", "--recording", RECORDING, *said, "--until", "2027-12-01") == 0
    (hold,) = full_house.json("holds", "list")
    assert full_house("erase", "--recording", RECORDING, "--reason", "requested") == 1
    assert make(full_house, tmp_path / "d") == 1
    assert make(full_house, tmp_path / "d", "--hold", "h1") == 1 and "[not-held]" in full_house.err
    assert not (tmp_path / "d").exists()

    assert make(full_house, tmp_path / "d", "--hold", hold["id"]) == 0, full_house.err
    assert RECORDING in (tmp_path / "d/cover.html").read_text()


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mp3", ()),
        ("a.wav", ("--age-to", "age1x")),
        ("a", ("--age-to", "x", "--copy-passphrase-file", "y")),
    ],
)
def test_a_form_that_cannot_be(house: House, tmp_path: Path, name: str, options: tuple[str, ...]) -> None:
    """What contradicts itself is wrong use, and nothing is opened for it."""
    assert make(house, tmp_path / name, *options) == 2
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize(
    ("options", "id"),
    [
        (("--age-to", "age1nonsense"), "not-a-recipient"),
        (("--copy-passphrase-file", "short"), "weak-passphrase"),
    ],
)
def test_what_is_refused_opens_nothing(
    full_house: House, tmp_path: Path, options: tuple[str, str], id: str
) -> None:
    """A wrong recipient or a weak passphrase is refused before the ledger has anything to tell."""
    (tmp_path / "short").write_text("short\n")
    before = full_house.count_entries()
    name, value = options
    chosen = (name, tmp_path / value if value == "short" else value)
    assert make(full_house, tmp_path / "d", *chosen) == 1

    assert f"[{id}]" in full_house.err
    assert full_house.count_entries() == before
    assert not (tmp_path / "d").exists()


@pytest.mark.parametrize("after", [0, 3, 12, 30])
def test_a_dossier_is_whole_or_none(full_house: House, tmp_path: Path, after: int) -> None:
    """Killed, it has no name yet, and the next one clears what was left; a full disk leaves nothing."""
    folder, there = tmp_path / "dossier", sorted(tmp_path.iterdir())
    plug = Plug(after)
    with pytest.MonkeyPatch.context() as patch, suppress(Killed):
        patch.setattr(exporting, "write_folder", plugged(patch, plug, inputs.write_folder))
        make(full_house, folder)
    assert plug.pulled and not folder.exists()

    assert make(full_house, folder) == 0, full_house.err
    assert (folder / "SHA256SUMS").exists()
    assert sorted(tmp_path.iterdir()) == sorted([*there, folder])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(new_files, "_write", full_after(3, new_files._write))
        assert make(full_house, tmp_path / "another") == 3
    assert sorted(tmp_path.iterdir()) == sorted([*there, folder])


@pytest.mark.parametrize("name", ["dossier", "sound.wav"])
def test_a_link_is_a_name_that_is_taken(full_house: House, tmp_path: Path, name: str) -> None:
    """Nothing is written through a link, whether it leads somewhere or not, and nothing is opened for it."""
    before = full_house.kinds()
    for target in (tmp_path / "elsewhere", tmp_path):
        (tmp_path / name).symlink_to(target)
        assert make(full_house, tmp_path / name) == 1 and "[file-exists]" in full_house.err
        (tmp_path / name).unlink()
    assert not (tmp_path / "elsewhere").exists()
    assert full_house.kinds() == before


def plugged(patch: pytest.MonkeyPatch, plug: Plug, write: Callable[..., None]) -> Callable[..., None]:
    """The same, with the plug in while it writes."""

    def writing(*arguments: object) -> None:
        plug.lay(patch)
        write(*arguments)

    return writing


def full_after(count: int, write: Callable[..., None]) -> Callable[..., None]:
    """The same, on a disk that takes so many files and no more."""
    left = iter(range(count))

    def writing(*arguments: object) -> None:
        if next(left, None) is None:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(*arguments)

    return writing
