"""What any register keeps of publications."""

from __future__ import annotations

from dataclasses import replace

from asterisk_gdpr.ports import Register
from asterisk_gdpr.ports.publications import Publication
from tests.register.samples import day, noon

FIRST = Publication("notice", "sales", "en", "v1", "p1", "one", noon)


def test_each_text_is_kept_once_in_its_order(register: Register) -> None:
    """A text is kept when it differs from the last one of its line and language, and the ledger told."""
    assert register.publish(FIRST)
    assert not register.publish(replace(FIRST, policy="p2", at=noon + day))
    second = replace(FIRST, version="v2", text="two", at=noon + day)
    assert register.publish(second)
    assert register.publish(replace(FIRST, at=noon + 2 * day))

    assert [each.version for each in register.earlier("notice", "sales", "en")] == ["v1", "v2", "v1"]
    assert register.earlier("notice", "sales", "en")[1] == second
    assert [entry.kind for entry in register.entries()] == ["published"] * 3


def test_the_last_of_each_is_what_is_published(register: Register) -> None:
    """Each document, line and language has its own last publication."""
    others = [
        replace(FIRST, language="de"),
        replace(FIRST, line="support"),
        replace(FIRST, document="agents"),
    ]
    for each in (FIRST, *others, replace(FIRST, version="v2")):
        register.publish(each)

    assert register.published() == [others[2], others[0], replace(FIRST, version="v2"), others[1]]
    assert register.earlier("notice", "nowhere", "en") == []
