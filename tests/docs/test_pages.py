"""Every document: what it names is there, and it is written as documents here are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import CHECKOUT, code, documents, name, prose, tracked

_FOLDERS = "|".join(
    sorted({path.relative_to(CHECKOUT).parts[0] for path in tracked() if path.parent != CHECKOUT})
)
_PATH = re.compile(rf"(?<![\w/.-])((?:{_FOLDERS})/[\w./-]*\w)")
_TWO_SENTENCES = re.compile(r"[a-z0-9)*]{3}[.!?]['\")]* +[A-Z]")


def test_every_path_that_is_named_exists() -> None:
    """A document names no file or folder of the project that is not there."""
    named = {(page, path) for page in documents() for text in code(page) for path in _PATH.findall(text)}
    missing = [(name(page), path) for page, path in named if not _is_there(path)]

    assert missing == []


def _is_there(path: str) -> bool:
    """As a path of the checkout, or of one of the two packages as Python imports them."""
    return any((place / path).exists() for place in (CHECKOUT, CHECKOUT / "web"))


def test_every_link_leads_somewhere() -> None:
    """A link to another document leads to one."""
    for page in documents():
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), (name(page), target)


@pytest.mark.parametrize("page", documents(), ids=name)
def test_one_sentence_a_line(page: Path) -> None:
    """A line of a document holds one sentence, so that a change shows as what it is."""
    assert [(number, line) for number, line in prose(page) if _TWO_SENTENCES.search(line)] == []


def test_no_document_promises_what_no_software_can_keep() -> None:
    """Nothing here is called lawful by itself: the word for that is never used."""
    word = "compli" + "ant"
    told = [path for path in tracked() if path.suffix in (".md", ".yaml", ".html", ".json")]

    assert [name(path) for path in told if word in path.read_text(encoding="utf-8").lower()] == []


def test_no_file_names_a_package_host_or_a_folder_of_one_machine() -> None:
    """The project works wherever it is, and takes its packages from where its host takes them."""
    hosts = [
        ".".join(parts) for parts in (("deb", "debian", "org"), ("pypi", "org"), ("pythonhosted", "org"))
    ]
    folders = [
        "/".join(("", *parts, "")) for parts in (("work", "main"), ("work", "shared"), ("tmp", "plan"))
    ]
    found = [
        (name(path), word)
        for path in tracked()
        for text in (path.read_bytes(),)
        for word in (*hosts, *folders)
        if word.encode() in text
    ]

    assert found == []
