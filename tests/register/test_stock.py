"""What is counted before a policy changes, in the fake register and in the real one."""

from __future__ import annotations

from asterisk_gdpr.core.policy import Basis, Period, Unit
from asterisk_gdpr.core.policy_diff import Kept
from asterisk_gdpr.ports import Register, User
from asterisk_gdpr.service.erasing.policy_stock import OF_LATE, stock
from tests.register.samples import call, day, noon, seal, term


def test_what_a_change_is_about_is_counted(register: Register) -> None:
    """Living recordings by purpose, calls of late by line, people who may sign in by role, other data."""
    seal(register, "1")
    seal(register, "2", term("r2", "quality", days=30), at=noon - 2 * day)
    register.add_call(call("c3", noon - OF_LATE))
    register.add_call(call("c4", noon, line="support"))
    register.add_call(call("c5", noon - OF_LATE - day))
    for name, roles, gone in (
        ("quinn", {"quality"}, None),
        ("sam", {"quality", "trainer"}, None),
        ("old", {"quality"}, noon),
    ):
        register.put_user(User(name, "hash", frozenset(roles), noon, gone), noon)

    found = stock(register, register.users(), noon + day / 24)

    assert found.kept == (
        Kept("quality", Basis.CONSENT, Period(30, Unit.DAYS), 1),
        Kept("quality", Basis.CONSENT, Period(90, Unit.DAYS), 1),
    )
    assert dict(found.calls) == {"sales": 2, "support": 1}
    assert dict(found.people) == {"quality": 2, "trainer": 1}
    assert (found.data["call_data"], found.data["users"], found.data["requests"]) == (5, 1, 0)
