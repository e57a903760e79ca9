"""The words that a controller has approved, language by language."""

from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_gdpr.config import check_policy, load_draft, load_policy, load_wordings, shipped
from asterisk_gdpr.core.lawfulness import texts_of
from asterisk_gdpr.errors import ConfigFaults

SAMPLE = (shipped() / "policy.yaml").read_text("utf-8")


@pytest.fixture
def notices(tmp_path: Path) -> Path:
    """A folder of the shipped wordings, to be changed."""
    folder = tmp_path / "notices"
    folder.mkdir()
    for file in (shipped() / "notices").glob("*.yaml"):
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


def written(folder: Path, texts: dict[str, str]) -> Path:
    """The sample policy, whose approval names these words."""
    path = folder / "policy.yaml"
    named = ", ".join(f'{language}: "{text}"' for language, text in texts.items())
    old = "  advice: "
    assert SAMPLE.count(old) == 1
    path.write_text(SAMPLE.replace(old, f"  texts: {{{named}}}\n{old}" if texts else old), "utf-8")
    return path


def now(folder: Path, notices: Path) -> dict[str, str]:
    """What the words come to now."""
    return texts_of(load_draft(written(folder, {}), notices=notices), load_wordings(notices))


def test_words_that_nobody_has_approved_are_a_fault(tmp_path: Path, notices: Path) -> None:
    """A changed sentence is found in its language, with what is to be written once it was read."""
    approved = now(tmp_path, notices)
    assert check_policy(written(tmp_path, approved), notices=notices) == []
    german = notices / "de.yaml"
    german.write_text(german.read_text("utf-8").replace('agreed: "', 'agreed: "Ja. '), "utf-8")
    path = written(tmp_path, approved)
    (fault,) = check_policy(path, notices=notices)

    assert fault.id == "text-not-approved" and "`de`" in fault.message
    assert now(tmp_path, notices)["de"] in fault.hint
    path = written(tmp_path, now(tmp_path, notices))
    assert check_policy(path, notices=notices) == []


def test_every_language_that_is_spoken_must_be_approved(tmp_path: Path, notices: Path) -> None:
    """An approval that names the words of one language has not approved those of another."""
    approved = now(tmp_path, notices)
    (fault,) = check_policy(written(tmp_path, {"en": approved["en"]}), notices=notices)

    assert set(approved) == {"de", "en"} and "`de`" in fault.message and fault.line > 1


def test_an_approval_that_names_no_words_approves_whatever_they_are(tmp_path: Path, notices: Path) -> None:
    """So it was before, and so it stays where nobody asks for more."""
    assert check_policy(written(tmp_path, {}), notices=notices) == []


def test_a_policy_that_was_in_force_is_read_though_its_words_have_changed(
    tmp_path: Path, notices: Path
) -> None:
    """It is carried out no more, and still says what its recordings were made for."""
    path = written(tmp_path, {"de": "0" * 16, "en": "0" * 16})

    with pytest.raises(ConfigFaults):
        load_policy(path, notices=notices)
    assert load_draft(path, notices=notices).purposes
