"""The copy that a person is given: what is in it, whose voices, and that only they can open it."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pyrage
import pytest
import soundfile
from pyrage import passphrase, x25519

from asterisk_gdpr.core.requests import Voices
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Mark
from asterisk_gdpr.seal.age import seal_by, seal_to
from asterisk_gdpr.service.listening.masking import flac_of, mask
from tests.cli.conftest import full_house as house  # noqa: F401  # an installation with one recording
from tests.cli.conftest import made, recorded  # noqa: F401  # fixtures
from tests.cli.house import NUMBER, RATE, RECORDING, House, tone

pytestmark = pytest.mark.thorough


def opened(house: House, right: str, *more: str) -> str:  # noqa: F811
    """A request of the recording's caller, who was called back; returns its id."""
    said = ("--right", right, "--caller", NUMBER, *more)
    assert house("requests", "open", *said) == 0
    (request,) = house.json("requests", "list")
    assert house("requests", "identify", request["id"], "--method", "callback") == 0
    return str(request["id"])


def unpacked(data: bytes) -> dict[str, bytes]:
    """The files of a package."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def strength(sound: np.ndarray, hz: int) -> float:
    """How much of a tone is in a channel, from 0 to 1."""
    spectrum = np.abs(np.fft.rfft(sound.astype(float)))
    at = round(hz * len(sound) / RATE)
    return float(spectrum[at - 3 : at + 4].sum() / max(1.0, spectrum.sum()))


@pytest.mark.parametrize("voices", Voices)
def test_the_package_holds_all_and_opens_for_its_owner(house: House, voices: Voices) -> None:  # noqa: F811
    """A package holds the voices asked for, call, choice, purposes and rights, and opens for its owner."""
    identity = x25519.Identity.generate()
    request = opened(house, "access", "--language", "de")
    text = house.folder / "words"
    text.write_text("My name is not <Miller>.")
    house("recordings", "correct", RECORDING, "--text-file", text)
    installation = house.open()
    now = house.clock.now()
    installation.register().add_queue(f"c{RECORDING[1:]}", "first-line")
    installation.register().add_mark(Mark("m1", RECORDING, 1500, "quinn", now, "Sounds <angry>."))
    installation.close()
    policy = house.folder / "policy.yaml"
    hoster = "{title: {en: A Hoster, de: Ein Hoster}, country: US, safeguards: clauses 2021/914}"
    policy.write_text(f"{policy.read_text()}\nrecipients:\n  hoster: {hoster}\n")
    package = house.folder / "copy.age"
    give = ("requests", "fulfil", request, "--package", package, "--to", str(identity.to_public()))
    audio = ("--audio", voices.value, "--passphrase-file", house.passphrase)
    assert house(*give, *audio, "--letter", house.folder / "letter") == 0

    files = unpacked(pyrage.decrypt(package.read_bytes(), [identity]))
    assert set(files) == {"index.html", "data.json", f"audio/{RECORDING}.flac"}
    sound, rate = soundfile.read(io.BytesIO(files[f"audio/{RECORDING}.flac"]), dtype="int16", always_2d=True)
    assert rate == RATE and len(sound) == 2 * RATE
    assert sound.shape[1] == (1 if voices is Voices.CALLER else 2)
    assert strength(sound[:, 0], 400) > 0.9
    if sound.shape[1] == 2:
        assert (strength(sound[:, 1], 1000) > 0.9) == (voices is Voices.BOTH)

    data = json.loads(files["data.json"])
    (told,) = data["recordings"]
    assert (told["recording"], told["choice"], told["silent"]) == (RECORDING, "agreed", [])
    assert told["call"]["queues"] == ["first-line"]
    assert told["call"]["line"] == "sales" and told["keys_pressed"][0]["digit"] == "1"
    assert [purpose["basis"] for purpose in told["purposes"]] == ["consent"]
    assert told["corrections"][0]["text"] == "My name is not <Miller>."
    (comment,) = told["comments"]
    assert (comment["text"], comment["at_seconds"]) == ("Sounds <angry>.", 1.5)
    assert "quinn" not in files["data.json"].decode()
    assert [(each["title"], each["country"]) for each in data["recipients"]] == [("Ein Hoster", "US")]
    assert "Art. 15 bis 21" in data["law"]["rights"] and "Art. 77" in data["law"]["complaint"]
    assert (data["controller"]["name"], data["right"]) == ("Example Energy", "access")
    page = files["index.html"].decode()
    for said in (
        "Ihre Rechte",
        "<th>Warteschlangen</th><td>first-line</td>",
        "&lt;Miller&gt;",
        "&lt;angry&gt;",
        "Ein Hoster (US; clauses",
        "Ihre Einwilligung (Art. 6 Abs. 1",
        "Sie haben zugestimmt [1]",
        RECORDING,
    ):
        assert said in page
    assert "agreed" not in page
    assert "given" in house.kinds() and NUMBER.encode() not in b"".join(files.values())
    assert "Sie eine Kopie" in (house.folder / "letter").read_text()


def test_a_package_that_cannot_be_made_answers_nothing(house: House, tmp_path: Path) -> None:  # noqa: F811
    """Without the vault's passphrase, or for nobody, nothing is written and the request stays open."""
    request = opened(house, "portability")
    package, wrong = house.folder / "copy.age", tmp_path / "wrong"
    wrong.write_text("not the passphrase\n")
    give = ("requests", "fulfil", request, "--package", package)
    for more, id in (
        (("--to", "age1nope", "--passphrase-file", house.passphrase), "not-a-recipient"),
        (
            ("--to", str(x25519.Identity.generate().to_public()), "--passphrase-file", wrong),
            "wrong-passphrase",
        ),
    ):
        assert house(*give, *more) == 1 and f"[{id}]" in house.err
    assert house("requests", "fulfil", request) == 1 and "[no-package]" in house.err
    assert house("requests", "fulfil", request, "--package", house.folder / "copy.zip") == 2
    assert not package.exists()
    assert house.json("requests", "show", request)["status"] == "open"


@pytest.mark.slow
def test_who_knows_the_passphrase_opens_it() -> None:
    """A file sealed by a passphrase opens by it alone."""
    sealed = seal_by(b"a copy", "a horse of another colour")
    assert passphrase.decrypt(sealed, "a horse of another colour") == b"a copy"
    with pytest.raises(pyrage.DecryptError):
        passphrase.decrypt(sealed, "a horse of any other colour")


def test_copies_are_for_somebody() -> None:
    """A passphrase that can be guessed is refused, and so is a recipient that is none."""
    with pytest.raises(Refused) as refused:
        seal_by(b"a copy", "short")
    assert refused.value.id == "weak-passphrase"
    with pytest.raises(Refused):
        seal_to(b"a copy", ["age1nope"])


def test_a_masked_voice_is_as_loud_and_tells_nothing() -> None:
    """A masked voice is loud when the voice was, silent when it was, and holds none of its tone."""
    voice = np.concatenate([np.zeros(RATE, "<i2"), np.frombuffer(tone(1000, 1.0), "<i2")])
    masked = mask(voice, RATE)

    assert not masked[:RATE].any()
    loudness = [np.sqrt(np.mean(part.astype(float) ** 2)) for part in (voice[RATE:], masked[RATE:])]
    assert loudness[1] == pytest.approx(loudness[0], rel=0.1)
    assert strength(voice[RATE:], 1000) > 0.9 > 0.1 > strength(masked[RATE:], 1000)
    frames = np.column_stack([voice, voice]).astype("<i2").tobytes()
    kept, _ = soundfile.read(io.BytesIO(flac_of(frames, RATE, Voices.MASKED)), dtype="int16")
    assert (kept[:, 0] == voice).all() and not (kept[:, 1] == voice).all()
