"""What would happen to a call."""

from __future__ import annotations

from dataclasses import replace

from asterisk_gdpr.core.explain import explain
from asterisk_gdpr.core.policy import Mode, Policy


def outcomes(
    policy: Policy, line: str, caller: str | None = None, switched_off: bool = False
) -> tuple[str, ...]:
    """What `GDPR_CHOICE` can become."""
    return explain(policy, line, caller, switched_off, "DE").outcomes


def test_the_outcomes_of_a_line_are_named(sample: Policy) -> None:
    """Each kind of line says what can come of a call, and silence is never called agreement."""
    assert outcomes(sample, "sales") == ("agreed", "refused", "unavailable")
    assert outcomes(sample, "support") == ("not_objected", "refused", "unavailable")
    assert outcomes(sample, "trading") == ("mandatory", "unavailable")
    assert outcomes(sample, "outage") == ("exempt",)
    assert outcomes(sample, "billing") == ("shadow",)


def test_what_settles_a_call_ends_the_explanation(sample: Policy) -> None:
    """After the step that settles the call nothing more is said."""
    assert outcomes(sample, "sales", "112") == ("exempt",)
    assert outcomes(sample, "sales", "+4930123456", switched_off=True) == ("unavailable",)
    assert outcomes(replace(sample, approval=None), "sales") == ("unavailable",)
    for changed, expected in ((("share", 0), "sampled_out"), (("mode", Mode.DISABLED), "unavailable")):
        line = replace(sample.lines["sales"], **dict([changed]))
        explanation = explain(replace(sample, lines={"sales": line}), "sales", None, False, "DE")

        assert explanation.outcomes == (expected,)
        assert explanation.steps[-1].outcome == expected
        assert [step.outcome for step in explanation.steps[:-1]] == [None] * (len(explanation.steps) - 1)


def test_several_questions_can_be_answered_in_part(sample: Policy) -> None:
    """Where a caller can grant some purposes and not others, `partial` is among the outcomes."""
    mixed = replace(sample.lines["sales"], purposes=("quality", "improvement"), share=50)

    assert outcomes(replace(sample, lines={"sales": mixed}), "sales") == (
        "agreed",
        "partial",
        "refused",
        "sampled_out",
        "unavailable",
    )


def test_every_step_says_why(sample: Policy) -> None:
    """An explanation names what in the policy decided each step, and no caller's number."""
    for line in sample.lines:
        explanation = explain(sample, line, "+4930123456", False, "DE")

        assert all(step.asks and step.answer and step.because for step in explanation.steps)
        assert "+4930123456" not in explanation.text
