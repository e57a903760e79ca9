"""What a changed policy changes."""

from __future__ import annotations

from dataclasses import fields, replace
from enum import StrEnum
from typing import Any

import pytest

from asterisk_gdpr.core.evaluation import Form, Item
from asterisk_gdpr.core.policy import (
    AgentRules,
    Basis,
    Controller,
    Keep,
    Line,
    Mode,
    Period,
    Policy,
    Purpose,
    Recipient,
    Unit,
)
from asterisk_gdpr.core.policy_diff import Change, Concern, Kept, compare

DAYS_90 = Period(90, Unit.DAYS)
MANY = [
    Kept("quality", Basis.CONSENT, DAYS_90, 7),
    Kept("orders", Basis.LEGAL_OBLIGATION, Period(5, Unit.YEARS), 3),
]


def with_line(policy: Policy, name: str, **values: Any) -> Policy:
    """The policy with something else about one line."""
    return replace(policy, lines={**policy.lines, name: replace(policy.lines[name], **values)})


def with_purpose(policy: Policy, name: str, **values: Any) -> Policy:
    """The policy with something else about one purpose."""
    return replace(policy, purposes={**policy.purposes, name: replace(policy.purposes[name], **values)})


def without_purpose(policy: Policy, name: str) -> Policy:
    """The policy with a purpose less, in its lines too."""
    lines = {
        line.name: replace(line, purposes=tuple(each for each in line.purposes if each != name))
        for line in policy.lines.values()
    }
    return replace(policy, lines=lines, purposes={k: v for k, v in policy.purposes.items() if k != name})


def told(old: Policy, new: Policy, concern: Concern) -> list[Change]:
    """The changes for somebody."""
    return [change for change in compare(old, new, MANY) if change.concerns is concern]


def test_the_same_policy_changes_nothing(sample: Policy) -> None:
    """A policy that differs from itself in nothing is told so."""
    assert compare(sample, sample, MANY) == ()


def test_what_callers_meet_is_told_by_line(sample: Policy) -> None:
    """A line that appears, vanishes, or treats its callers otherwise is named with what it was and is."""
    gone = replace(sample, lines={name: line for name, line in sample.lines.items() if name != "support"})
    assert [(c.about, "is gone" in c.says) for c in told(sample, gone, Concern.CALLERS)] == [
        ("line support", True)
    ]
    assert [(c.about, "is new" in c.says) for c in told(gone, sample, Concern.CALLERS)] == [
        ("line support", True)
    ]

    for values, says in (
        ({"mode": Mode.SHADOW}, "mode live → shadow: nothing is played or recorded"),
        ({"share": 20}, "share 100 → 20"),
        ({"silence": 5.0}, "silence 3 → 5"),
        ({"languages": ("de",)}, "languages en, de → de"),
        ({"purposes": ("quality",)}, "calls are recorded for disputes no more"),
        ({"exempt": True}, "is exempt now: its calls pass at once"),
    ):
        assert [c.says for c in told(sample, with_line(sample, "sales", **values), Concern.CALLERS)] == [says]


def test_a_change_of_a_purpose_reaches_every_line_that_has_it(sample: Policy) -> None:
    """A purpose is asked for otherwise on each of its lines."""
    changed = with_purpose(
        sample, "quality", keep=Period(30, Unit.DAYS), title={"en": "learn", "de": "Qualität"}
    )

    assert [(c.about, c.says) for c in told(sample, changed, Concern.CALLERS)] == [
        (f"line {line}", says)
        for line in ("sales", "billing")
        for says in ("quality: keep 90 days → 30 days", "quality: the words of the notice change in en")
    ]


def test_who_may_listen_changes_for_what_exists(sample: Policy) -> None:
    """A change of listeners counts at once, and is told with the recordings that it opens or closes."""
    changed = with_purpose(sample, "quality", listeners=frozenset({"quality", "trainer"}))

    assert [(c.says, c.recordings) for c in told(sample, changed, Concern.LISTENERS)] == [
        ("trainer may listen, to what exists too", 7),
        ("supervisor may listen no more", 7),
    ]


def test_what_is_stored_is_counted_and_never_lengthened(sample: Policy) -> None:
    """Stored recordings keep their period, whether the new one is longer or shorter, and are counted."""
    for keep, says in (
        (Period(1, Unit.YEARS), "they keep 90 days: a longer period never reaches what exists"),
        (Period(30, Unit.DAYS), "they keep 90 days, unless `policy shorten` brings them down to 30 days"),
    ):
        changed = with_purpose(sample, "quality", keep=keep)
        assert [(c.says, c.recordings) for c in told(sample, changed, Concern.RECORDINGS)] == [(says, 7)]

    for name, count, may_end in (("quality", 7, True), ("orders", 3, False)):
        (change,) = told(sample, without_purpose(sample, name), Concern.RECORDINGS)
        assert (change.recordings, "--removed" in change.says) == (count, may_end)


FORM = Form("service", {"en": "Service"}, "quality", {"greeting": Item({"en": "Greeting"})})


def test_everything_of_a_policy_is_compared(sample: Policy) -> None:
    """Whatever of a policy changes is told to somebody: no field goes unseen."""
    approval = sample.approval
    assert approval is not None
    for changed in (
        replace(sample, pack="de"),
        replace(sample, overlays=("mifid", "pci")),
        replace(sample, decisions={"eu-hold": "why"}),
        replace(sample, approval=replace(approval, by="Somebody Else")),
        replace(sample, approval=None),
        replace(sample, exempt_numbers=(*sample.exempt_numbers, "115")),
        replace(sample, agents=replace(sample.agents, agreement="BV-9")),
        replace(sample, keep=replace(sample.keep, requests=Period(2, Unit.YEARS))),
        *(
            replace(sample, controller=replace(sample.controller, **{field: "else"}))
            for field in ("name", "contact", "privacy_url", "officer", "authority", "representative")
        ),
        *(with_purpose(sample, "orders", **{f: "X"}) for f in ("assessment", "obligation", "decision")),
        with_line(sample, "sales", withdraw_grace=60),
        with_purpose(sample, "improvement", interest={"en": "to be better"}),
        replace(sample, evaluations={"service": FORM}),
        replace(sample, recipients={"hoster": Recipient("hoster", {"en": "A Hoster"})}),
    ):
        assert len(compare(sample, changed, MANY)) == 1


def other(value: Any) -> Any:
    """Something of the same kind that is not the same."""
    match value:
        case bool():
            return not value
        case StrEnum():
            return next(each for each in type(value) if each is not value)
        case int() | float():
            return value + 1
        case str():
            return value + "x"
        case Period():
            return replace(value, count=value.count + 1)
        case frozenset():
            return value | {"somebody"}
        case tuple():
            return (*value, "else")
    return {**value, "xx": "else"}


@pytest.mark.parametrize("part", [Line, Purpose, Keep, AgentRules, Controller])
def test_no_field_of_a_policy_changes_unseen(sample: Policy, part: type[Any]) -> None:
    """Whatever field a policy has or comes to have: when it changes, somebody is told."""
    for field in fields(part):
        if field.name == "name" and part in (Line, Purpose):
            continue  # a thing of another name is another thing
        if part is Line:
            before: Any = sample.lines["sales"]
            value = ("quality",) if field.name == "purposes" else other(getattr(before, field.name))
            changed = with_line(sample, "sales", **{field.name: value})
        elif part is Purpose:
            changed = with_purpose(
                sample, "orders", **{field.name: other(getattr(sample.purposes["orders"], field.name))}
            )
        else:
            place = {Keep: "keep", AgentRules: "agents", Controller: "controller"}[part]
            before = getattr(sample, place)
            after = replace(before, **{field.name: other(getattr(before, field.name))})
            changed = replace(sample, **{place: after})

        assert compare(sample, changed, MANY), field.name


def test_another_order_of_purposes_is_told(sample: Policy) -> None:
    """A notice that names its purposes in another order is another notice."""
    turned = with_line(sample, "sales", purposes=("disputes", "quality"))

    (change,) = told(sample, turned, Concern.CALLERS)
    assert "another order: disputes, quality" in change.says
