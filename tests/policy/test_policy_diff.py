"""What a changed policy changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, get_args, get_type_hints

from asterisk_gdpr.core.evaluation import Form, Item
from asterisk_gdpr.core.policy import Audio, Basis, Controller, Mode, Period, Policy, Recipient, Unit
from asterisk_gdpr.core.policy_diff import Change, Concern, Kept, Stock, compare
from asterisk_gdpr.core.unusual import Limits

DAYS_90 = Period(90, Unit.DAYS)
STOCK = Stock(
    kept=(
        Kept("quality", Basis.CONSENT, DAYS_90, 7),
        Kept("orders", Basis.LEGAL_OBLIGATION, Period(5, Unit.YEARS), 3),
    ),
    data={"requests": 9},
    calls={"sales": 40, "support": 5},
    people={"supervisor": 3},
)


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
    return [change for change in compare(old, new, STOCK) if change.concerns is concern]


def test_the_same_policy_changes_nothing(sample: Policy) -> None:
    """A policy that differs from itself in nothing is told so."""
    assert compare(sample, sample, STOCK) == ()


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


def test_how_recordings_are_sealed_is_told_for_what_begins(sample: Policy) -> None:
    """That a purpose does without the last bit is a change for recordings, and for none that exist."""
    (change,) = compare(sample, with_purpose(sample, "quality", audio=Audio.OPUS), Stock())

    assert (change.concerns, change.recordings) == (Concern.RECORDINGS, None)
    assert change.says == "audio lossless → opus, for recordings that begin from now on"


def full(sample: Policy) -> Policy:
    """A policy that has something of every part that there is."""
    form = Form("service", {"en": "Service"}, "quality", {"greeting": Item({"en": "Greeting"})})
    spare = replace(sample.purposes["quality"], name="spare")
    return replace(
        sample,
        purposes={**sample.purposes, "spare": spare},
        overlays=("mifid",),
        decisions={"eu-hold": "why"},
        recipients={"hoster": Recipient("hoster", {"en": "A Hoster"}, country="CH", safeguards="adequate")},
        unusual_listening=Limits("BV-1"),
        evaluations={"service": form},
    )


def others(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Everything that a value could be instead, one field at a time: what differs, and the other value."""
    if is_dataclass(value) and not isinstance(value, Period):
        for each in fields(value):
            here = f"{name}.{each.name}"
            if here == "policy.version" or (each.name == "name" and name.endswith("]")):
                continue  # the hash of the text; a thing of another name is another thing
            for what, changed in others(getattr(value, each.name), here):
                yield what, replace(value, **{each.name: changed})  # type: ignore[type-var]
    elif isinstance(value, Mapping) and any(is_dataclass(each) for each in value.values()):
        for key, each in value.items():
            for what, changed in others(each, f"{name}[{key}]"):
                yield what, {**value, key: changed}
            if name != "policy.purposes":  # lines name them
                yield f"{name} without {key}", {of: one for of, one in value.items() if of != key}
    else:
        yield name, other(value, name)


def other(value: Any, name: str) -> Any:
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
        case date():
            return value + timedelta(days=1)
        case Period():
            return replace(value, count=value.count + 1)
        case frozenset():
            return value | {"somebody"}
        case tuple():
            return (*value, "spare" if name.endswith(".purposes") else "else")
        case Mapping():
            return {**value, "xx": "else"}
    raise AssertionError(f"{name} has nothing in it: let `full` put something there")


def parts(kind: Any) -> set[type[Any]]:
    """Every kind of part that a policy can hold, by the types of its fields."""
    if is_dataclass(kind) and isinstance(kind, type):
        return {kind}.union(*(parts(each) for each in get_type_hints(kind).values()))
    return set().union(*(parts(each) for each in get_args(kind)))


def walked(value: Any) -> set[type[Any]]:
    """Every kind of part that a policy does hold."""
    if is_dataclass(value):
        return {type(value)}.union(*(walked(getattr(value, each.name)) for each in fields(value)))
    return set().union(*(walked(each) for each in value.values())) if isinstance(value, Mapping) else set()


def test_no_field_of_a_policy_changes_unseen(sample: Policy) -> None:
    """Whatever field a policy has or comes to have: when it changes somebody is told, in words of its own."""
    whole = full(sample)
    assert walked(whole) == parts(Policy)

    by_words: dict[frozenset[tuple[str, str]], str] = {}
    for what, changed in others(whole, "policy"):
        said = frozenset((each.about, each.says) for each in compare(whole, changed, STOCK))
        assert said, what
        assert by_words.setdefault(said, what) == what


def test_what_a_policy_gains_or_loses_is_told(sample: Policy) -> None:
    """A part that one policy has and the other has not is told in both directions, once."""
    whole = full(sample)
    for name in ("overlays", "decisions", "recipients", "unusual_listening", "evaluations", "approval"):
        nothing: Any = None if name == "approval" else getattr(BARE, name)
        bare = replace(whole, **{name: nothing})
        there, back = compare(whole, bare, STOCK), compare(bare, whole, STOCK)
        assert (len(there), len(back)) == (1, 1), name
        assert there[0].says != back[0].says


BARE = Policy(Controller("", "", ""), "eu", None, {}, {})
"""A policy with nothing in it."""


def test_it_is_told_how_much_a_change_is_about(sample: Policy) -> None:
    """Callers are counted by the calls of their line, listeners by their people, data by what is stored."""
    changed = replace(
        with_purpose(sample, "quality", listeners=frozenset({"quality", "trainer"})),
        keep=replace(sample.keep, requests=Period(2, Unit.YEARS)),
        controller=replace(sample.controller, contact="elsewhere"),
    )
    changed = with_line(with_line(changed, "sales", share=20), "billing", share=20)

    counted = {
        (c.about, c.says.split()[0]): (c.calls, c.people, c.recordings, c.data)
        for c in compare(sample, changed, STOCK)
    }

    assert counted == {
        ("line sales", "share"): (40, None, None, None),
        ("line billing", "share"): (0, None, None, None),
        ("controller.contact", "callers"): (45, None, None, None),
        ("purpose quality", "trainer"): (None, 0, 7, None),
        ("purpose quality", "supervisor"): (None, 3, 7, None),
        ("keep.requests", "3"): (None, None, None, 9),
    }


def test_another_order_of_purposes_is_told(sample: Policy) -> None:
    """A notice that names its purposes in another order is another notice."""
    turned = with_line(sample, "sales", purposes=("disputes", "quality"))

    (change,) = told(sample, turned, Concern.CALLERS)
    assert "another order: disputes, quality" in change.says
