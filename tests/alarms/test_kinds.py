"""Every alarm has an end, is told in the documents, and is one that the code raises."""

from __future__ import annotations

import re

from asterisk_gdpr.core.alarms import KINDS, About
from tests.alarms.reference import listed, rows
from tests.docs.pages import CHECKOUT

CODE = {
    path: path.read_text(encoding="utf-8")
    for folder in ("asterisk_gdpr", "web")
    for path in sorted((CHECKOUT / folder).rglob("*.py"))
    if path.name != "alarms.py" or path.parent.name != "core"
}
_HOW = r"(?:RaiseAlarm|Alarm|raise_|_alarm|_raise|_while|_without_recording)"
LITERAL = re.compile(_HOW + r'\(\s*"([a-z]+(?:-[a-z]+)+)"')
BY_NAME = re.compile(_HOW + r"\(\s*([A-Z_]+),")
CONSTANT = re.compile(r'^([A-Z_]+) = "([a-z]+(?:-[a-z]+)+)"$', re.MULTILINE)
NAMED = {name: id for text in CODE.values() for name, id in CONSTANT.findall(text)}


def test_no_alarm_is_raised_that_has_no_end() -> None:
    """Whatever the code raises has an entry, and so a rule by which it ends."""
    raised = {id for text in CODE.values() for id in LITERAL.findall(text)}
    by_name = {name for text in CODE.values() for name in BY_NAME.findall(text)}

    assert len(raised) > 5 and len(by_name) > 5
    assert raised <= set(KINDS)
    assert {NAMED[name] for name in by_name} <= set(KINDS)


def test_no_alarm_is_told_of_that_is_never_raised() -> None:
    """Each entry stands for something that the code says somewhere."""
    said = {id for text in CODE.values() for id in re.findall(r'"([a-z]+(?:-[a-z]+)+)"', text)}

    assert set(KINDS) - said == set()


def test_the_document_has_every_alarm() -> None:
    """docs/cli.md lists each alarm with what it is about, what it means, and how it ends."""
    assert listed() == rows()
    assert {kind.about for kind in KINDS.values()} <= set(About)
