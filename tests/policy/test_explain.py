"""What would happen to a call."""

from __future__ import annotations

from dataclasses import replace

from asterisk_gdpr.config import load_pack, shipped
from asterisk_gdpr.core.explain import Asked, explain
from asterisk_gdpr.core.policy import Internal, Mode, Policy

EU = load_pack("eu", shipped() / "packs")


def outcomes(
    policy: Policy, line: str, caller: str | None = None, switched_off: bool = False
) -> tuple[str, ...]:
    """What `GDPR_CHOICE` can become."""
    return explain(policy, EU, Asked(line, caller, switched_off=switched_off)).outcomes


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
        explanation = explain(replace(sample, lines={"sales": line}), EU, Asked("sales"))

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
        explanation = explain(sample, EU, Asked(line, "+4930123456"))

        assert all(step.asks and step.answer and step.because for step in explanation.steps)
        assert "+4930123456" not in explanation.text


def test_the_language_of_the_call_is_named(sample: Policy) -> None:
    """The language is the one that a call would be given: the channel's, else the caller's country's."""
    line = replace(sample.lines["sales"], languages=("de", "en"))
    policy = replace(sample, lines={"sales": line})
    for asked, language in (
        (Asked("sales", "+4930123456"), "de"),
        (Asked("sales", "+442079460000"), "en"),
        (Asked("sales", "+4930123456", "en_GB"), "en"),
        (Asked("sales"), "de"),
    ):
        (heard,) = [
            step for step in explain(policy, EU, asked).steps if step.asks.startswith("What does the")
        ]

        assert f"in {language};" in heard.answer


def test_the_rules_of_the_pack_are_told_with_their_standing(sample: Policy) -> None:
    """Each rule that touches the line, and each to weigh, comes with its source and its standing."""
    germany = load_pack("de", shipped() / "packs")
    policy = replace(sample, pack="de", lines={"sales": sample.lines["sales"]})
    told = explain(policy, germany, Asked("sales")).text

    assert "Which rule is there? de-all-consent, kept." in told
    assert "§ 201(1) no. 1 StGB (unconfirmed: http" in told
    assert "Which rule is there? de-works-council, to be weighed by the controller." in told
    assert "de-consent-rule" not in told  # which is about legitimate interests, and this line has none


def test_a_call_within_the_house_is_explained(sample: Policy) -> None:
    """An agent's call, and one from a named endpoint, passes; by a line of its own where there is one."""
    agents = frozenset({"PJSIP/anna"})
    house = replace(sample, internal=Internal(("PJSIP/2*",)))
    lined = replace(house, internal=Internal(("PJSIP/2*",), "support"))
    for policy, line, endpoint, expected in (
        (house, "sales", "PJSIP/anna", ("exempt",)),
        (house, "sales", "PJSIP/214", ("exempt",)),
        (house, "sales", "PJSIP/trunk", ("agreed", "refused", "unavailable")),
        (house, "trading", "PJSIP/anna", ("mandatory", "unavailable")),
        (lined, "sales", "PJSIP/anna", ("not_objected", "refused", "unavailable")),
        (lined, "trading", "PJSIP/anna", ("not_objected", "refused", "unavailable")),
    ):
        asked = Asked(line, "+4930123456", endpoint=endpoint, agents=agents)

        assert explain(policy, EU, asked).outcomes == expected
