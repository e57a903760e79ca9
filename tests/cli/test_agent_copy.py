"""What somebody who takes calls is given of what is kept of them."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pyrage
import pytest
import soundfile
from pyrage import x25519

from asterisk_gdpr.core.evaluation import Evaluation
from tests.cli.house import NUMBER, RATE, RECORDING, House
from tests.requests.test_packages import strength, unpacked

pytestmark = pytest.mark.thorough

ME = x25519.Identity.generate()


@pytest.fixture
def house(full_house: House) -> House:
    """A recording that Anna took part in, and what a reviewer gave her for it."""
    assert full_house("agents", "add", "PJSIP/anna", "--version", "v1") == 0
    assert full_house("agents", "consent", "PJSIP/anna", "--version", "v2") == 0
    installation = full_house.open()
    register, now = installation.register(), full_house.clock.now()
    agent = register.agent_at("PJSIP/anna")
    assert agent is not None
    register.note_participants(RECORDING, ["PJSIP/anna"], now)
    points = {"opening": 3}
    register.add_evaluation(
        Evaluation("v1", RECORDING, "service", "quinn", now, 60, points, "Well <done>.", agent.id)
    )
    installation.close()
    return full_house


def copied(
    house: House, *options: str, agent: str = "PJSIP/anna", name: str = "copy.age"
) -> dict[str, bytes]:
    """The copy, opened by whom it is for."""
    package = house.folder / name
    words = ("agents", "copy", agent, "--package", package, "--to", str(ME.to_public()), *options)
    assert house(*words, "--passphrase-file", house.passphrase) == 0, house.err
    return unpacked(pyrage.decrypt(package.read_bytes(), [ME]))


@pytest.mark.parametrize("language", ["en", "de"])
def test_an_agent_gets_a_copy_of_everything_that_is_kept_of_them(house: House, language: str) -> None:
    """Standing and its steps, recordings, evaluations with their words, the notice; for themselves alone."""
    files = copied(house, "--language", language)

    assert set(files) == {"index.html", "data.json", "notice.html", f"audio/{RECORDING}.flac"}
    data = json.loads(files["data.json"])
    assert (data["agent"]["endpoint"], data["agent"]["standing"]) == ("PJSIP/anna", "consented")
    assert [(each["standing"], each["version"]) for each in data["history"]] == [
        ("informed", "v1"),
        ("consented", "v2"),
    ]
    (told,) = data["recordings"]
    assert (told["recording"], told["audio"], told["line"]) == (RECORDING, f"audio/{RECORDING}.flac", "sales")
    assert [each["purpose"] for each in told["purposes"]] == ["quality"]
    (given,) = data["evaluations"]
    assert (given["by"], given["score"], given["points"]) == ("quinn", 60, {"opening": 3})
    page = files["index.html"].decode()
    for words in ("PJSIP/anna", "v2", RECORDING, "60 %", "Well &lt;done&gt;."):
        assert words in page
    assert ("Art. 15 DSGVO" in page) == (language == "de")
    assert "Art. 77" in files["notice.html"].decode()


def test_an_agents_copy_holds_nothing_of_the_caller(house: House) -> None:
    """Its sound is one channel, the others' side; no number and no voice of the caller is in it."""
    files = copied(house)
    sound, rate = soundfile.read(io.BytesIO(files[f"audio/{RECORDING}.flac"]), dtype="int16")

    assert (sound.ndim, rate, len(sound)) == (1, RATE, 2 * RATE)
    assert strength(sound, 1000) > 0.9 > 0.1 > strength(sound, 400)
    assert NUMBER.encode() not in b"".join(files.values())
    installation = house.open()
    (entry,) = [each for each in installation.register().entries() if each.kind == "given"]
    installation.close()
    assert entry.payload is not None and entry.payload["recording"] == RECORDING
    assert entry.payload["agent"].startswith("a")


def test_a_copy_without_sound_needs_no_vault(house: House) -> None:
    """Without the sound nothing is opened; that the data were given is in the ledger all the same."""
    files = copied(house, "--no-sound", "--passphrase-file", "/nowhere")

    assert set(files) == {"index.html", "data.json", "notice.html"}
    assert house.kinds()[-1] == "agent-data-given"
    assert "unlocked" not in house.kinds()


def test_who_takes_no_more_calls_gets_their_copy_too(house: House) -> None:
    """What is kept of somebody who was removed is shown and handed out by our id, as long as it is kept."""
    agent = house.json("agents", "show", "PJSIP/anna")["id"]
    assert house("agents", "remove", agent) == 0

    assert house.json("agents", "show", agent)["standing"] == "removed"
    assert json.loads(copied(house, agent=agent)["data.json"])["agent"]["standing"] == "removed"
    house.clock.time = house.clock.time.replace(year=2029, month=11, day=25)
    assert house("sweep") == 0
    assert house("agents", "show", agent) == 1 and "[no-such-agent]" in house.err


@pytest.mark.parametrize(
    ("words", "status", "id"),
    [
        (("PJSIP/anna", "--to", "age1nope"), 1, "not-a-recipient"),
        (("PJSIP/anna", "--language", "xx", "--to", str(ME.to_public())), 1, "no-template"),
        (("PJSIP/nobody", "--to", str(ME.to_public())), 1, "no-such-agent"),
    ],
)
def test_a_copy_that_cannot_be_made_opens_nothing(
    house: House, tmp_path: Path, words: tuple[str, ...], status: int, id: str
) -> None:
    """A wrong recipient, language or agent is one clear line; nothing is written, and no vault opened."""
    before, package = house.count_entries(), tmp_path / "copy.age"

    assert house("agents", "copy", *words, "--package", package) == status
    assert f"[{id}]" in house.err
    assert not package.exists() and house.count_entries() == before
    assert house("agents", "copy", "PJSIP/anna", "--package", tmp_path / "copy.zip") == 2
    package.write_text("mine")
    assert house("agents", "copy", "PJSIP/anna", "--package", package) == 1 and "[file-exists]" in house.err
    assert package.read_text() == "mine"
