"""Documents from the command line."""

from __future__ import annotations

import hashlib
import re
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.house import NUMBER, RECORDING, House

pytestmark = pytest.mark.thorough

KINDS = [("notice", "--line", "sales"), ("agents",), ("record",), ("assessment",)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind[0])
def test_every_document_in_every_form(house: House, tmp_path: Path, kind: tuple[str, ...]) -> None:
    """Each document is printed, or written in three forms for its owner alone, never over a file."""
    assert house("documents", *kind, "--language", "de") == 0
    assert house.out.startswith("# ")

    for form, begins in (("md", b"# "), ("html", b"<!doctype html>"), ("pdf", b"%PDF-")):
        file = tmp_path / f"document.{form}"
        assert house("documents", *kind, "--as", form, "--to", file) == 0
        assert file.read_bytes().startswith(begins)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert house("documents", *kind, "--as", form, "--to", file) == 1
        assert "[file-exists]" in house.err


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (("notice", "--line", "nowhere"), 1, "[no-such-line]"),
        (("notice", "--line", "outage"), 1, "[no-such-line]"),
        (("record", "--language", "xx"), 1, "[no-template]"),
        (("record", "--language", "../.."), 1, "[no-template]"),
        (("record", "--as", "pdf"), 2, "--to"),
        (("record", "--as", "doc"), 2, "--as"),
    ],
)
def test_what_cannot_be_written_is_told(
    house: House, arguments: tuple[str, ...], status: int, says: str
) -> None:
    """A document that there is not is one clear error."""
    assert house("documents", *arguments) == status
    assert says in house.err


def test_published_and_outdated(house: House, tmp_path: Path) -> None:
    """publish keeps what it wrote; published says so, and fails once the policy says something else."""
    assert {each["published"] for each in house.json("documents", "published")} == {None}
    folder = tmp_path / "public"

    assert house("documents", "publish", folder) == 0
    assert "New: line sales in de" in house.out
    told = house.json("documents", "published")
    assert {each["outdated"] for each in told} == {False}
    assert stat.S_IMODE((folder / "line-sales.en.html").stat().st_mode) == 0o644
    assert house.kinds().count("published") == len(told)

    policy = house.folder / "policy.yaml"
    policy.write_text(policy.read_text().replace("keep: 90 days", "keep: 60 days"))
    told = house.json("documents", "published", status=1)
    assert {(each["line"], each["language"]) for each in told if each["outdated"]} == {
        (line, language) for line in ("sales", "billing", "") for language in ("de", "en")
    }
    assert house("documents", "publish", house.folder) == 1
    assert "[not-ours]" in house.err


BREACH = ("documents", "breach", "--noticed", "2026-11-23T10:00:00Z")


def test_the_breach_kit_names_calls_and_keys_and_the_clock(full_house: House) -> None:
    """The kit tells which recordings, which keys, what could be read, and by when to tell; no number."""
    house = full_house
    assert house(*BREACH, "--exposed", "containers") == 0

    assert RECORDING in house.out
    assert "Recordings: 1." in house.out and "Callers: 1," in house.out
    (key,) = house.open().register().keys(RECORDING)
    assert hashlib.sha256(key.wrapped).hexdigest()[:16] in house.out and key.epoch in house.out
    assert "70 hours left" in house.out
    assert "unintelligible" in house.out
    assert NUMBER not in house.out

    assert house(*BREACH, "--exposed", "containers", "--exposed", "register", "--exposed", "private-key") == 0
    assert "| the audio | **yes** |" in house.out
    assert house(*BREACH, "--exposed", "containers", "--line", "support") == 0
    assert "Recordings: 0." in house.out
    assert house(*BREACH, "--exposed", "lost", "--as", "pdf", "--to", house.folder.parent / "kit.pdf") == 0
    house.clock.time += timedelta(hours=71)
    assert house(*BREACH, "--exposed", "containers", "--language", "de") == 0
    assert "überschritten" in house.out


def test_the_breach_kit_names_what_the_register_holds_in_plain_words(full_house: House) -> None:
    """Whoever has the register reads what people wrote in requests, and who takes calls; the kit says so."""
    said = full_house.folder.parent / "said"
    said.write_text("Erase me, please.")
    ask = ("requests", "open", "--right", "erasure", "--caller", NUMBER, "--contact", "Ms Miller")
    assert full_house(*ask, "--text-file", said) == 0
    assert full_house("agents", "add", "PJSIP/anna", "--version", "2026-11") == 0

    assert full_house(*BREACH, "--exposed", "register") == 0
    for row in ("what people wrote in 1 requests", "those who take calls (1 telephones)"):
        assert re.search(rf"^\| {re.escape(row)}[^|]*\| \*\*yes\*\* \|", full_house.out, re.M), full_house.out
    assert full_house(*BREACH, "--exposed", "containers", "--language", "de") == 0
    assert re.search(r"^\| was Menschen in 1 Anträgen[^|]*\| nein \|", full_house.out, re.M)


def test_the_breach_kit_names_what_was_erased_since(full_house: House) -> None:
    """What existed when it began and is erased now is named, with its keys and the living private key."""
    house = full_house
    (key,) = house.open().register().keys(RECORDING)
    sha256 = hashlib.sha256(key.wrapped).hexdigest()[:16]
    house.clock.time += timedelta(days=1)
    assert house("erase", "--recording", RECORDING, "--reason", "requested") == 0
    house.clock.time += timedelta(days=1)
    late = ("documents", "breach", "--exposed", "containers", "--noticed", "2026-11-25T11:00:00Z")

    assert house(*late) == 0
    assert RECORDING not in house.out and "Nothing that existed" in house.out
    assert house(*late, "--happened", "2026-11-24") == 0
    assert "Recordings: 0." in house.out and "1 recordings existed" in house.out
    (row,) = [line for line in house.out.splitlines() if line.startswith(f"| {RECORDING}")]
    assert "2026-11-24" in row and "requested" in row and f"{sha256} ({key.epoch})" in row
    assert f"- {key.epoch}, since" in house.out and house.out.rstrip().count(": lives") == 1
    assert house(*late, "--happened", "2026-11-26") == 1
    assert "[noticed-before]" in house.err
    assert house(*late, "--happened", "2026-11-24", "--language", "de") == 0
    assert "1 Aufzeichnungen gab es" in house.out


def test_whose_numbers_they_are_is_for_who_has_the_passphrase(full_house: House, tmp_path: Path) -> None:
    """Numbers are listed only into a file of one's own, with the passphrase, after the ledger was told."""
    house, file = full_house, tmp_path / "kit.md"
    people = (*BREACH, "--exposed", "containers", "--people")
    (tmp_path / "wrong").write_text("not the passphrase\n")

    assert house(*people) == 2
    assert house(*people, "--to", file, "--passphrase-file", tmp_path / "wrong") == 1
    assert not file.exists()
    assert house(*people, "--to", file, "--passphrase-file", house.passphrase) == 0

    assert NUMBER in file.read_text().replace("\\", "")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert house.kinds()[-2:] == ["unlocked", "breach-people-listed"]


def test_exported_plaintext_is_named(full_house: House, tmp_path: Path) -> None:
    """Where exports were exposed, the kit names what was ever exported."""
    house = full_house
    export = ("recordings", "export", RECORDING, "--to", tmp_path / "x.wav", "--reason", "dispute")
    assert house(*export, "--passphrase-file", house.passphrase) == 0

    assert house(*BREACH, "--exposed", "exports") == 0
    assert f"- {RECORDING}, 2026-11-23" in house.out
    assert "unintelligible" not in house.out


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (("--noticed", "yesterday", "--exposed", "containers"), 1, "[not-a-time]"),
        (("--noticed", "2027-01-01", "--exposed", "containers"), 1, "[not-yet]"),
        (("--noticed", "2026-11-23", "--exposed", "everything"), 2, "--exposed"),
        (("--noticed", "2026-11-23"), 2, "--exposed"),
        (("--noticed", "2026-11-23", "--exposed", "lost", "--line", "nowhere"), 1, "[no-such-line]"),
    ],
)
def test_a_breach_that_cannot_be_meant_is_told(
    house: House, arguments: tuple[str, ...], status: int, says: str
) -> None:
    """Bad input is one clear error."""
    assert house("documents", "breach", *arguments) == status
    assert says in house.err
