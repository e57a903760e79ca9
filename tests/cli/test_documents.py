"""Documents from the command line."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.cli.house import House

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
