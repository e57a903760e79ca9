"""What a caller hears."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import product

import pytest

from asterisk_gdpr.core.call.state import KEYS, Part
from asterisk_gdpr.core.line_rules import rules_of
from asterisk_gdpr.core.notice import NoticePart, Wording, notice, part_id
from asterisk_gdpr.core.policy import Ask, Line, Period, Policy, Unit
from tests.policy.titles import LANGUAGES, translated

Wordings = Mapping[str, Wording]

COMBINATIONS = [
    Line("x", purposes=purposes, ask=ask, withdraw_grace=grace)
    for purposes, ask, grace in product(
        [
            ("quality",),
            ("improvement",),
            ("orders",),
            ("quality", "disputes"),
            ("orders", "quality"),
            ("orders", "improvement"),
            ("quality", "improvement"),
            ("orders", "quality", "disputes", "improvement"),
        ],
        Ask,
        [0, 90],
    )
]


def parts(policy: Policy, line: Line, wording: Wording) -> dict[str, str]:
    """The texts of a line by part."""
    return {part.id: part.text for part in notice(policy, line, wording)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_can_be_told_completely(sample: Policy, wordings: Wordings, language: str) -> None:
    """Whatever purposes a line has, each part is said, without a field or a double space left over."""
    policy = translated(sample)
    for line in COMBINATIONS:
        told = notice(policy, line, wordings[language])

        assert len({part.id for part in told}) == len(told)
        assert all(part.text and not re.search(r"[{}]|  | \.", part.text) for part in told)
        assert told[0].text.startswith("Example Energy.")


@pytest.mark.parametrize("language", ["en", "de"])
def test_there_is_one_question_for_each_that_the_machine_asks(
    sample: Policy, wordings: Wordings, language: str
) -> None:
    """Voice and machine ask the same number of questions, in the same order."""
    for line in COMBINATIONS:
        asked = [
            part.question for part in notice(sample, line, wordings[language]) if part.part is Part.QUESTION
        ]

        assert asked == list(range(len(rules_of(sample, line).questions)))


def test_a_part_has_the_name_that_people_count_by() -> None:
    """Questions count from one in files and reports."""
    assert [part_id(Part.STATEMENT), part_id(Part.QUESTION, 0)] == ["statement", "question-1"]
    assert NoticePart(Part.QUESTION, "x", 1).id == "question-2"


def test_opt_in_says_agree_and_opt_out_says_refuse(sample: Policy, wordings: Wordings) -> None:
    """A question names the key that decides it, the way to withdraw and the key for details, and no other."""
    en = wordings["en"]
    opt_in = parts(sample, Line("x", purposes=("quality",)), en)
    opt_out = parts(sample, Line("x", purposes=("improvement",)), en)

    assert "If you agree, we record this call" in opt_in["statement"]
    assert re.findall(r"star 9|\d", opt_in["question-1"]) == [KEYS.agree, "star 9", KEYS.details]
    assert "We record this call" in opt_out["statement"]
    assert re.findall(r"star 9|\d", opt_out["question-1"]) == [KEYS.refuse, "star 9", KEYS.details]


def test_who_agrees_in_the_talk_is_answered(sample: Policy, wordings: Wordings) -> None:
    """`*4` is acknowledged wherever something can be refused, also where silence would have been enough."""
    for purposes, answered in ((("quality",), True), (("improvement",), True), (("orders",), False)):
        told = parts(sample, Line("x", purposes=purposes), wordings["en"])
        assert ("agreed" in told) == answered


def test_a_notice_never_says_may(sample: Policy, wordings: Wordings) -> None:
    """What happens is said as it happens: no `may`, no `might`, no `some` (WP260)."""
    for line in COMBINATIONS:
        spoken = " ".join(part.text for part in notice(sample, line, wordings["en"]))

        assert not re.search(r"\b(may|might|some|possibly)\b", spoken, re.IGNORECASE)


def test_a_mandatory_line_offers_no_choice(sample: Policy, wordings: Wordings) -> None:
    """Where the law demands the recording, it is said, with the right to a copy; one key is for details."""
    told = parts(sample, Line("x", purposes=("orders",)), wordings["en"])

    assert set(told) == {"statement", "details"}
    assert "The law requires us to record this call" in told["statement"]
    assert "you can get a copy" in told["statement"]
    assert re.findall(r"star|press (\d)", told["statement"]) == [KEYS.details]


def test_whoever_cannot_refuse_everything_is_told(sample: Policy, wordings: Wordings) -> None:
    """Beside a mandatory purpose, a refusal or withdrawal says what remains, never that all is erased."""
    told = parts(sample, Line("x", purposes=("orders", "quality")), wordings["en"])

    assert {"kept_by_law", "withdrawn_kept"} <= set(told)
    assert not {"withdrawn", "withdrawn_later", "stopped"} & set(told)


def test_a_withdrawal_promises_what_is_done(sample: Policy, wordings: Wordings) -> None:
    """Erasure is confirmed as under way without a grace, and with one only within it, rounded up."""
    at_once = parts(sample, Line("x", purposes=("quality",)), wordings["en"])
    later = parts(sample, Line("x", purposes=("quality",), withdraw_grace=90), wordings["en"])
    tomorrow = parts(sample, Line("x", purposes=("quality",), withdraw_grace=86400), wordings["de"])

    assert "are erasing" in at_once["withdrawn"] and "withdrawn_later" not in at_once
    assert "within 2 minutes" in later["withdrawn_later"] and "withdrawn" not in later
    assert "innerhalb von einem Tag" in tomorrow["withdrawn_later"]


def test_the_period_is_that_of_the_longest_purpose(sample: Policy, wordings: Wordings) -> None:
    """One period is said as it is, several as the longest; one month is spoken as one."""
    short = replace(sample.purposes["quality"], keep=Period(1, Unit.MONTHS))
    policy = replace(sample, purposes={**sample.purposes, "quality": short})
    line = Line("x", purposes=("quality",))

    assert "after one month." in parts(policy, line, wordings["en"])["statement"]
    assert "nach einem Monat." in parts(policy, line, wordings["de"])["statement"]
    both = replace(line, purposes=("quality", "disputes"))
    assert "within 6 months." in parts(policy, both, wordings["en"])["statement"]


def test_the_details_hold_the_rest(sample: Policy, wordings: Wordings) -> None:
    """The second layer names everybody to turn to, each purpose with basis and period, and the rights."""
    told = parts(sample, sample.lines["sales"], wordings["en"])["details"]

    for said in (
        "privacy@example.com",
        "officer@example.com",
        "your consent",
        "90 days",
        "6 months",
        "star 9",
        "Exampleland Data Protection Authority",
        "example.com/calls",
        "press 7",
    ):
        assert said in told
    assert "https" not in told


def test_an_exempt_line_has_no_notice(sample: Policy, wordings: Wordings) -> None:
    """Where nothing is recorded, nothing is announced."""
    assert notice(sample, sample.lines["outage"], wordings["en"]) == ()
