"""docs/format.md against the code that writes: no word, kind or text of it is missing there."""

from __future__ import annotations

import ast
import re
import sys

import pytest

from asterisk_gdpr.core.agents import Why
from asterisk_gdpr.core.call.state import MuteReason, Outcome
from asterisk_gdpr.service.sealing import notes
from tests.docs.pages import CHECKOUT

PAGE = (CHECKOUT / "docs/format.md").read_text(encoding="utf-8")
READER = CHECKOUT / "tests/seal/reader.py"


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("`outcome`", set(Outcome)),
        ("`role`", {"agent"}),
        ("`why`", {*Why, "unknown"}),
        ("`reason` of a change", {*MuteReason, "started"}),
        ("`reason` of a gap", {notes.LOST, notes.UNWATCHED}),
    ],
)
def test_every_word_that_a_manifest_may_hold_is_told(field: str, words: set[str]) -> None:
    """A stranger reads in the document what each word means, and no word that is never written."""
    (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| {field} |")]

    assert set(re.findall(r"`(\w+)`", row.split("|")[2])) == {str(word) for word in words}


def test_every_kind_of_signed_document_is_told() -> None:
    """Whatever is signed anywhere in the product has its kind in the document."""
    kinds = set()
    for file in CHECKOUT.glob("asterisk_gdpr/**/*.py"):
        text = file.read_text(encoding="utf-8")
        for name in re.findall(r"sign_document\((\w+),", text):
            kinds |= set(re.findall(rf'^{name} = "(\w+)"', text, re.MULTILINE))
    section = PAGE.split("## 7. ")[1].split("### 7.1")[0]

    assert len(kinds) == 8
    assert kinds == set(re.findall(r"`(\w+)`", section.split("`kind` is a word (")[1].split(")")[0]))


def test_every_text_that_something_is_bound_to_is_told() -> None:
    """Each domain under which bytes are hashed, sealed or signed stands in the document."""
    domains = set()
    for folder in ("seal", "core"):
        for file in CHECKOUT.glob(f"asterisk_gdpr/{folder}/*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, bytes):
                    domains |= set(re.findall(rb"^asterisk-gdpr [a-z ]+(?: v1)?(?=[\0\n]|$)", node.value))
    uses = {f"asterisk-gdpr {use} v1".encode() for use in ("data-key", "field", "epoch-key")}

    assert len(domains) == 9
    assert [each for each in sorted(domains | uses) if f'"{each.decode()}"' not in PAGE] == []


def test_the_stranger_is_short_and_shares_nothing_with_the_product() -> None:
    """At most 200 lines, of the standard library, `cryptography` and a FLAC decoder alone."""
    text = READER.read_text(encoding="utf-8")
    imported = {
        (node.module if isinstance(node, ast.ImportFrom) else name.name) or ""
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }

    assert len(text.splitlines()) <= 200
    roots = {name.split(".")[0] for name in imported} - set(sys.stdlib_module_names)
    assert roots == {"cryptography", "soundfile"}
