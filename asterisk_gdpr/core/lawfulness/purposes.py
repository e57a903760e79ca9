"""A purpose under the law: whether its choice, its reasons and its period go with its basis."""

from __future__ import annotations

from collections.abc import Iterator

from asterisk_gdpr.core.lawfulness.finding import Finding, cited, listed
from asterisk_gdpr.core.pack import Pack
from asterisk_gdpr.core.policy import Asking, Basis, Purpose

_CHOICES = {
    Basis.CONSENT: (Asking.OPT_IN,),
    Basis.LEGITIMATE_INTERESTS: (Asking.OPT_OUT,),
    Basis.PUBLIC_TASK: (Asking.OPT_OUT, Asking.NONE),
    Basis.LEGAL_OBLIGATION: (Asking.NONE,),
    Basis.CONTRACT: (Asking.OPT_OUT, Asking.NONE),
    Basis.VITAL_INTERESTS: (Asking.OPT_OUT, Asking.NONE),
}

_BY_DECISION = frozenset({Basis.CONTRACT, Basis.VITAL_INTERESTS, Basis.PUBLIC_TASK})
"""Bases that need a stated reason, since a recording is seldom necessary for them (Art. 5(2), 6(1))."""


def of_purpose(purpose: Purpose, pack: Pack) -> Iterator[Finding]:
    """What the law or the pack does not carry of a purpose."""
    yield from _of_choice(purpose)
    yield from _of_reasons(purpose, pack)
    yield from _of_period(purpose, pack)


def _of_choice(purpose: Purpose) -> Iterator[Finding]:
    path = ("purposes", purpose.name, "choice")
    if purpose.choice in _CHOICES[purpose.basis]:
        return
    if purpose.basis is Basis.CONSENT:
        id = "opt-out-called-consent" if purpose.choice is Asking.OPT_OUT else "consent-without-choice"
        yield Finding(
            path,
            id,
            f"consent is a clear affirmative act (Art. 4(11), 7 GDPR): `choice: {purpose.choice}` is none",
            "write `choice: opt_in`, or name the basis that it really rests on",
        )
    elif purpose.choice is Asking.OPT_IN:
        yield Finding(
            path,
            "opt-in-without-consent",
            f"who asks for agreement promises that the answer decides (Art. 7(3) GDPR): with basis"
            f" {purpose.basis} it does not",
            f"write `basis: consent`, or `choice: {_CHOICES[purpose.basis][0]}`",
        )
    elif purpose.choice is Asking.NONE:
        yield Finding(
            path,
            "no-way-to-object",
            "whoever is recorded for legitimate interests has the right to object (Art. 21(1) GDPR)",
            "write `choice: opt_out`",
        )
    else:
        yield Finding(
            path,
            "refusable-obligation",
            "what the law demands cannot be refused (Art. 6(1)(c), 17(3)(b) GDPR): the notice would promise"
            " too much",
            "write `choice: none`",
        )


def _of_reasons(purpose: Purpose, pack: Pack) -> Iterator[Finding]:
    here = ("purposes", purpose.name)
    if purpose.basis is Basis.LEGITIMATE_INTERESTS and not purpose.assessment:
        yield Finding(
            (*here, "basis"),
            "no-assessment",
            "legitimate interests need a balancing test that can be shown (Art. 6(1)(f), 5(2) GDPR)",
            "name its id: `assessment: ...`",
        )
    if purpose.basis is Basis.LEGAL_OBLIGATION:
        yield from _of_obligation(purpose, pack)
    elif purpose.obligation:
        yield Finding(
            (*here, "obligation"),
            "obligation-without-basis",
            f"an obligation is named, but the basis is {purpose.basis} (Art. 6(1)(c) GDPR)",
            "write `basis: legal_obligation`, or leave the obligation out",
        )
    if purpose.basis in _BY_DECISION and not purpose.decision:
        yield Finding(
            (*here, "basis"),
            "no-decision",
            f"why a recording is necessary for {purpose.basis} must be stated (Art. 6(1), 5(2) GDPR)",
            "name the controller's reasoned decision: `decision: ...`",
        )
    for rule in pack.rules:
        if purpose.basis in rule.decision_for and not purpose.decision:
            yield Finding(
                (*here, "basis"),
                "no-decision",
                f"{rule.says} ({cited(rule, pack)})",
                "name the controller's reasoned decision that this is an exception: `decision: ...`",
                rule=rule.id,
            )


def _of_obligation(purpose: Purpose, pack: Pack) -> Iterator[Finding]:
    here = ("purposes", purpose.name)
    if not purpose.obligation:
        if not purpose.decision:
            yield Finding(
                (*here, "basis"),
                "no-obligation",
                "a legal obligation is laid down by a law that can be named (Art. 6(1)(c), 6(3) GDPR)",
                f"write `obligation:` with one of {listed(pack.obligations)}, or the controller's reasoned"
                " `decision:`",
            )
        return
    obligation = pack.obligations.get(purpose.obligation)
    if obligation is None:
        if not purpose.decision:
            yield Finding(
                (*here, "obligation"),
                "unknown-obligation",
                f"`{purpose.obligation}` is not in the list of pack {pack.name} (Art. 6(3) GDPR)",
                f"it has {listed(pack.obligations)}; any other duty needs the controller's reasoned"
                " `decision:`",
            )
    elif purpose.keep.exceeds(obligation.keep_at_most):
        yield Finding(
            (*here, "keep"),
            "period-too-long",
            f"{purpose.keep} is longer than {obligation.keep_at_most}, the most that {obligation.cites} asks"
            " for (Art. 5(1)(e) GDPR)",
            f"write `keep: {obligation.keep_at_least}`",
        )
    elif obligation.keep_at_least.exceeds(purpose.keep):
        yield Finding(
            (*here, "keep"),
            "period-too-short",
            f"{purpose.keep} is shorter than {obligation.keep_at_least}, which {obligation.cites} asks for",
            f"write `keep: {obligation.keep_at_least}`",
        )


def _of_period(purpose: Purpose, pack: Pack) -> Iterator[Finding]:
    for rule in pack.rules:
        most = rule.keep_at_most.get(purpose.basis)
        if most is not None and purpose.keep.exceeds(most):
            yield Finding(
                ("purposes", purpose.name, "keep"),
                "period-too-long",
                f"{purpose.keep} is longer than {most} (Art. 5(1)(e) GDPR; {cited(rule, pack)})",
                f"write `keep: {most}` or less, or state in `decisions` why `{rule.id}` does not bind",
                rule=rule.id,
            )
