"""The notice as sound."""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from asterisk_gdpr.config import load_policy, load_wordings, shipped
from asterisk_gdpr.config.installation import SpeechBy
from asterisk_gdpr.core.notice import FIRST_LAYER_SECONDS, Wording, notice
from asterisk_gdpr.core.policy import Period, Policy, Unit
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.service.prompts.prompts import Prompts
from tests.fakes.speech import Hum
from tests.policy.titles import LANGUAGES, translated

FIRST_LAYER = ("statement", "question-1")


@pytest.fixture(scope="module")
def sample() -> Policy:
    """The sample policy."""
    return load_policy(shipped() / "policy.yaml")


@pytest.fixture(scope="module")
def policy(sample: Policy) -> Policy:
    """One line of the sample, in English alone: little to speak."""
    return replace(sample, lines={"sales": replace(sample.lines["sales"], languages=("en",))})


@pytest.fixture(scope="module")
def wordings() -> Mapping[str, Wording]:
    """The shipped wordings."""
    return load_wordings(shipped() / "notices")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the prompts go."""
    return tmp_path / "prompts"


def changed(policy: Policy) -> Policy:
    """The policy with another period for one purpose: two texts change."""
    quality = replace(policy.purposes["quality"], keep=Period(1, Unit.YEARS))
    return replace(policy, purposes={**policy.purposes, "quality": quality})


def test_before_a_build_everything_is_missing(
    folder: Path, policy: Policy, wordings: Mapping[str, Wording]
) -> None:
    """Without prompts every part of every line that is not exempt is missing."""
    prompts = Prompts(folder, wordings)

    assert [part for _, _, part in prompts.missing(policy)] == [
        "statement",
        "question-1",
        "details",
        "agreed",
        "withdrawn",
        "stopped",
    ]
    with pytest.raises(Refused) as caught:
        prompts.get("sales", "en", "statement")
    assert caught.value.id == "prompt-missing"


def test_a_build_makes_what_is_needed(folder: Path, policy: Policy, wordings: Mapping[str, Wording]) -> None:
    """After a build nothing is missing, and what is played is what the hashes say."""
    prompts = Prompts(folder, wordings)
    prompts.build(policy, Hum())

    assert prompts.missing(policy) == []
    prompt = prompts.get("sales", "en", "statement")
    narrow, wide = Path(prompt.path + ".sln").read_bytes(), Path(prompt.path + ".sln16").read_bytes()
    assert Path(prompt.path).is_absolute()
    assert prompt.seconds == pytest.approx(len(narrow) / 16000, abs=0.001)
    assert len(wide) == 2 * len(narrow)
    assert prompt.text_sha256 == hashlib.sha256(prompt.text.encode()).hexdigest()
    assert prompt.audio_sha256 == hashlib.sha256(narrow + wide).hexdigest()
    assert Path(prompt.path).name == prompt.audio_sha256[:16]


def test_asterisk_may_read_and_not_write(
    folder: Path, policy: Policy, wordings: Mapping[str, Wording]
) -> None:
    """Folder and files can be read by every user, written by ours alone, and nothing half-written remains."""
    Prompts(folder, wordings).build(policy, Hum())

    assert stat.S_IMODE(folder.stat().st_mode) == 0o755
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o644}
    assert {path.suffix for path in folder.iterdir()} == {".sln", ".sln16", ".json"}


def test_a_second_build_speaks_nothing(folder: Path, policy: Policy, wordings: Mapping[str, Wording]) -> None:
    """What still says the right thing is kept, and a text that two lines share is spoken once."""
    prompts = Prompts(folder, wordings)
    twice = replace(policy, lines={**policy.lines, "more": replace(policy.lines["sales"], name="more")})
    speech = Hum()
    first = prompts.build(twice, speech)
    spoken = len(speech.said)
    second = Prompts(folder, wordings).build(twice, speech)

    assert spoken == 2 * 6
    assert (len(first.made), len(first.kept)) == (12, 0)
    assert (len(second.made), len(second.kept)) == (0, 12)
    assert len(speech.said) == spoken


def test_another_engine_speaks_anew(folder: Path, policy: Policy, wordings: Mapping[str, Wording]) -> None:
    """A prompt of another engine or version is not kept."""
    prompts = Prompts(folder, wordings)
    prompts.build(policy, Hum())

    assert len(prompts.build(policy, Hum("hum 2")).made) == 6


def test_a_changed_text_is_missing_until_it_is_built(
    folder: Path, policy: Policy, wordings: Mapping[str, Wording]
) -> None:
    """A prompt that says another text than the policy is missing, and stays to be heard as evidence."""
    prompts = Prompts(folder, wordings)
    prompts.build(policy, Hum())
    before = prompts.get("sales", "en", "statement")

    assert {part for _, _, part in prompts.missing(changed(policy))} == {"statement", "details"}
    assert len(prompts.build(changed(policy), Hum()).made) == 2
    assert prompts.missing(changed(policy)) == []
    assert Path(before.path + ".sln").exists()
    index = json.loads((folder / "index.json").read_text())
    assert before.text_sha256 in {entry["text_sha256"] for entry in index["earlier"]}


@pytest.mark.parametrize("suffix", [".sln", ".sln16"])
def test_a_damaged_prompt_is_missing(
    folder: Path, policy: Policy, wordings: Mapping[str, Wording], suffix: str
) -> None:
    """One flipped bit, or a missing file, and the prompt is not played; a build repairs it."""
    prompts = Prompts(folder, wordings)
    prompts.build(policy, Hum())
    path = Path(prompts.get("sales", "en", "agreed").path + suffix)
    sound = bytearray(path.read_bytes())
    sound[5] ^= 1
    path.write_bytes(sound)

    assert Prompts(folder, wordings).missing(policy) == [("sales", "en", "agreed")]
    path.unlink()
    assert Prompts(folder, wordings).missing(policy) == [("sales", "en", "agreed")]
    assert Prompts(folder, wordings).build(policy, Hum()).made == (("sales", "en", "agreed"),)
    assert Prompts(folder, wordings).missing(policy) == []


@pytest.mark.parametrize(
    "content", ["", "[]", '{"format": 2}', '{"format": 1, "prompts": [{}], "earlier": []}']
)
def test_a_damaged_index_is_rebuilt_and_kept(
    folder: Path, policy: Policy, wordings: Mapping[str, Wording], content: str
) -> None:
    """An index that cannot be read means that all is missing; a build puts it aside and writes a new one."""
    prompts = Prompts(folder, wordings)
    prompts.build(policy, Hum())
    (folder / "index.json").write_text(content)

    assert len(Prompts(folder, wordings).missing(policy)) == 6
    prompts.build(policy, Hum())
    assert prompts.missing(policy) == []
    assert (folder / "index.damaged.json").read_text() == content


def test_a_persons_voice_wins(folder: Path, policy: Policy, wordings: Mapping[str, Wording]) -> None:
    """What a person has read is played instead of the machine's, on every line with that text."""
    prompts = Prompts(folder, wordings)
    twice = replace(policy, lines={**policy.lines, "more": replace(policy.lines["sales"], name="more")})
    prompts.build(twice, Hum())
    read = Hum("a person")
    sound = [read.speak("Thank you.", "en", rate) for rate in (8000, 16000)]

    imported = prompts.import_voice(twice, "sales", "en", "agreed", *sound)
    prompts.build(twice, Hum("hum 2"))

    assert prompts.get("sales", "en", "agreed") == imported
    assert prompts.get("more", "en", "agreed") == imported
    assert Path(imported.path + ".sln").read_bytes() == sound[0]


def test_a_voice_is_taken_up_and_a_policy_to_come_is_not(
    folder: Path, policy: Policy, wordings: Mapping[str, Wording]
) -> None:
    """A daemon takes what was read for its policy, and nothing that its policy would lose a part by."""
    ours, others = Prompts(folder, wordings), Prompts(folder, wordings)
    assert not ours.take_up(policy)
    others.build(policy, Hum())
    assert ours.take_up(policy) and ours.missing(policy) == []
    assert not ours.take_up(policy)

    sound = [Hum("a person").speak("x" * 50, "en", rate) for rate in (8000, 16000)]
    read = others.import_voice(policy, "sales", "en", "statement", *sound)
    heard = ours.as_they_are()
    assert ours.take_up(policy)
    assert ours.get("sales", "en", "statement") == read != heard("sales", "en", "statement")

    others.build(changed(policy), Hum())
    assert not ours.take_up(policy)
    assert ours.missing(policy) == [] and ours.get("sales", "en", "statement") == read


def test_a_voice_serves_every_line_that_says_its_text(
    folder: Path, policy: Policy, wordings: Mapping[str, Wording]
) -> None:
    """What was read once is heard on each line with the same text, at once."""
    twice = replace(policy, lines={**policy.lines, "more": replace(policy.lines["sales"], name="more")})
    prompts = Prompts(folder, wordings)
    prompts.build(twice, Hum())
    sound = [Hum("a person").speak("x" * 50, "en", rate) for rate in (8000, 16000)]
    read = prompts.import_voice(twice, "sales", "en", "agreed", *sound)
    assert prompts.get("more", "en", "agreed") == read


def test_a_voice_is_good_for_its_text_alone(
    folder: Path, policy: Policy, wordings: Mapping[str, Wording]
) -> None:
    """A recording is not played for another text than was read, and comes back with its own."""
    prompts = Prompts(folder, wordings)
    sound = [Hum("a person").speak("x" * 50, "en", rate) for rate in (8000, 16000)]
    imported = prompts.import_voice(policy, "sales", "en", "statement", *sound)

    prompts.build(changed(policy), Hum())
    assert prompts.get("sales", "en", "statement").audio_sha256 != imported.audio_sha256
    prompts.build(policy, Hum())
    assert prompts.get("sales", "en", "statement") == imported


def test_a_voice_for_nothing_is_refused(
    folder: Path, policy: Policy, wordings: Mapping[str, Wording]
) -> None:
    """A recording for a part that the line does not have changes nothing."""
    with pytest.raises(Refused) as caught:
        Prompts(folder, wordings).import_voice(policy, "sales", "en", "question-2", b"", b"")

    assert caught.value.id == "no-such-part"
    assert not folder.exists()


def test_a_first_layer_that_is_too_long_is_named(
    folder: Path, policy: Policy, wordings: Mapping[str, Wording]
) -> None:
    """A build says which line speaks for more than twelve seconds before the choice."""
    (long,) = Prompts(folder, wordings).build(policy, Hum(pace=70.0)).too_long

    assert (long.line, long.language) == ("sales", "en")
    assert long.seconds > FIRST_LAYER_SECONDS


def test_the_script_holds_each_text_once(
    folder: Path, sample: Policy, wordings: Mapping[str, Wording]
) -> None:
    """A person reads each text once, and is told every line and part that it serves."""
    script = Prompts(folder, wordings).script(sample)

    assert script.count("\nThank you.\n") == 1
    assert "[en] sales agreed, support agreed, billing agreed\n" in script
    assert "outage" not in script


@pytest.mark.live
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_layer_of_every_sample_line_is_short(
    sample: Policy, wordings: Mapping[str, Wording], language: str
) -> None:
    """On every line of the sample policy the choice comes within twelve seconds, in every language."""
    from asterisk_gdpr.adapters.speech import Espeak
    from asterisk_gdpr.rig.debian import programs

    speech = Espeak([str(programs().espeak)], SpeechBy().voices, SpeechBy().speed)
    policy = translated(sample)

    for line in policy.lines.values():
        parts = [p.text for p in notice(policy, line, wordings[language]) if p.id in FIRST_LAYER]
        seconds = sum(len(speech.speak(text, language, 8000)) / 16000 for text in parts)
        assert seconds <= FIRST_LAYER_SECONDS, (line.name, seconds)
