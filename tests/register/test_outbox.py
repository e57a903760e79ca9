"""The outbox of both registers: in order, each node's own, and forgotten only when it was sent."""

from __future__ import annotations

from asterisk_gdpr.ports import Register
from tests.register.samples import noon, second


def test_what_waits_is_told_in_its_order(register: Register) -> None:
    """Messages come out as they went in, those of another node left alone."""
    register.put("pbx1", [("a", b"1"), ("b", b"2")], noon)
    register.put("pbx2", [("x", b"9")], noon)
    register.put("pbx1", [], noon)
    register.put("pbx1", [("a", b"3")], noon + second)

    assert [(one.topic, one.payload) for one in register.waiting("pbx1", 10)] == [
        ("a", b"1"),
        ("b", b"2"),
        ("a", b"3"),
    ]
    assert [one.payload for one in register.waiting("pbx1", 2)] == [b"1", b"2"]


def test_what_was_sent_is_forgotten_and_its_number_never_given_again(register: Register) -> None:
    """Only what was sent goes; a message that comes later can never be taken for one that went."""
    register.put("pbx1", [("a", b"1"), ("a", b"2")], noon)
    first, last = register.waiting("pbx1", 10)
    register.sent("pbx1", first.number)
    assert register.waiting("pbx1", 10) == [last]
    register.sent("pbx2", last.number)
    assert register.waiting("pbx1", 10) == [last]
    register.sent("pbx1", last.number)
    register.put("pbx1", [("a", b"3")], noon)

    assert register.waiting("pbx1", 10)[0].number > last.number


def test_what_is_too_old_is_dropped(register: Register) -> None:
    """What was put before a time goes, sent or not."""
    register.put("pbx1", [("a", b"1")], noon)
    register.put("pbx1", [("a", b"2")], noon + second)
    assert register.drop_before("pbx1", noon + second) == 1

    assert [one.payload for one in register.waiting("pbx1", 10)] == [b"2"]
