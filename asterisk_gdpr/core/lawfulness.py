"""Which combinations of a policy the law does not carry: found when it is loaded, never in a call.

Each finding names where it stands (a path of keys into the file), the article, and a way out.
The rules here hold under every pack; what differs from country to country is in the pack.
Nothing here says that a policy is lawful: that is for the controller to decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from asterisk_gdpr.core.pack import Pack, Rule
from asterisk_gdpr.core.policy import Ask, Asking, Basis, Line, Permission, Policy, Purpose

Path = tuple[str | int, ...]

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

_BY_STATUTE = frozenset({Basis.LEGAL_OBLIGATION, Basis.PUBLIC_TASK})
"""Bases that a law lays down (Art. 6(3))."""


@dataclass(frozen=True)
class Finding:
    """One thing the law does not carry: where, a stable id, what with its article, a way out.

    `about` is the name that the finding is of, where it is not in the path; `rule` the pack's rule that is
    broken, which a reasoned decision of the controller can let stand.
    """

    path: Path
    id: str
    message: str
    hint: str
    about: str = ""
    rule: str = ""


def faults(policy: Policy, pack: Pack, languages: Iterable[str]) -> list[Finding]:
    """Everything about a policy that the law, its pack or its own words do not carry.

    `languages` are those that a notice can be given in. A rule of the pack that is broken stands with the
    controller's reasoned decision on it; what holds under every pack does not.
    """
    found = _all(policy, pack, languages)
    return [finding for finding in found if finding.rule not in policy.decisions]


def broken(policy: Policy, pack: Pack) -> frozenset[str]:
    """The rules of the pack that the policy breaks, whether or not a decision lets that stand."""
    return frozenset(finding.rule for finding in _all(policy, pack, ()) if finding.rule)


def how(rule: Rule, policy: Policy, breaks: frozenset[str]) -> str:
    """How a rule stands under a policy, in words; `breaks` are those that it breaks."""
    if rule.id in policy.decisions:
        return f"{'decided' if rule.id in breaks else 'kept; decided, too'}: {policy.decisions[rule.id]}"
    if rule.id in breaks:
        return "broken"
    return "kept" if rule.has_limit else "to be weighed by the controller"


def _all(policy: Policy, pack: Pack, languages: Iterable[str]) -> list[Finding]:
    found = [*_of_approval(policy), *_of_overlays(policy, pack), *_of_decisions(policy, pack)]
    for purpose in policy.purposes.values():
        found += _of_choice(purpose)
        found += _of_reasons(purpose, pack)
        found += _of_period(purpose, pack)
    known = frozenset(languages)
    found += _of_recipients(policy)
    found += _of_forms(policy)
    found += _of_internal(policy)
    for line in policy.lines.values():
        found += _of_exemption(line) if line.exempt else _of_line(line, policy, pack, known)
    return found


def _of_approval(policy: Policy) -> Iterator[Finding]:
    if policy.approval is None:
        yield Finding(
            ("approved",),
            "not-approved",
            "nobody of the controller has approved this policy (Art. 5(2), 24 GDPR): no line runs under it",
            "fill in `approved`: by, date, and the officer's advice",
        )


def _of_overlays(policy: Policy, pack: Pack) -> Iterator[Finding]:
    for place, overlay in enumerate(pack.overlays):
        if overlay.packs and pack.name not in overlay.packs:
            yield Finding(
                ("overlays", place),
                "overlay-beside-pack",
                f"overlay `{overlay.name}` ({overlay.title}) does not go with pack `{pack.name}`",
                f"it goes with {_listed(sorted(overlay.packs))}",
            )
    for rule in pack.rules:
        if rule.obligation and rule.obligation not in {p.obligation for p in policy.purposes.values()}:
            yield Finding(
                ("overlays",),
                "obligation-not-met",
                f"{rule.says}, but no purpose says so ({_cited(rule, pack)})",
                f"write a purpose with `obligation: {rule.obligation}`, or leave the overlay out",
                rule=rule.id,
            )
        if rule.decide:
            yield Finding(
                ("overlays",),
                "undecided",
                f"how this is met must be stated: {rule.says} ({_cited(rule, pack)})",
                f"state it in `decisions`: `{rule.id}: ...`",
                rule=rule.id,
            )


def _of_decisions(policy: Policy, pack: Pack) -> Iterator[Finding]:
    known = {rule.id for rule in pack.rules}
    for name in policy.decisions:
        if name not in known:
            yield Finding(
                ("decisions", name),
                "unknown-rule",
                f"neither pack `{pack.name}` nor an overlay has a rule `{name}`",
                "`asterisk-gdpr policy check` lists the rules; what holds under every pack cannot be broken",
            )


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
                f"{rule.says} ({_cited(rule, pack)})",
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
                f"write `obligation:` with one of {_listed(pack.obligations)}, or the controller's reasoned"
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
                f"it has {_listed(pack.obligations)}; any other duty needs the controller's reasoned"
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
                f"{purpose.keep} is longer than {most} (Art. 5(1)(e) GDPR; {_cited(rule, pack)})",
                f"write `keep: {most}` or less, or state in `decisions` why `{rule.id}` does not bind",
                rule=rule.id,
            )


def _of_recipients(policy: Policy) -> Iterator[Finding]:
    spoken = dict.fromkeys(language for line in policy.lines.values() for language in line.languages)
    for name, recipient in policy.recipients.items():
        missing = [language for language in spoken if language not in recipient.title]
        if missing:
            yield Finding(
                ("recipients", name, "title"),
                "no-title",
                f"recipient `{name}` has no title in {_listed(missing)}, which a line speaks"
                " (Art. 12(1), 13(1)(e) GDPR)",
                "add it: the privacy notice names it",
            )
        if recipient.country and not recipient.safeguards:
            yield Finding(
                ("recipients", name),
                "transfer-without-safeguards",
                f"recordings go to {recipient.country} without a word on what protects them there"
                " (Art. 13(1)(f), 44 GDPR)",
                "name the adequacy decision or the clauses in `safeguards`",
            )


def _of_forms(policy: Policy) -> Iterator[Finding]:
    for name, form in policy.evaluations.items():
        if form.purpose not in policy.purposes:
            yield Finding(
                ("evaluations", name, "purpose"),
                "unknown-purpose",
                f"there is no purpose `{form.purpose}` in this policy",
                f"it has {_listed(policy.purposes)}",
                about=form.purpose,
            )


def _of_exemption(line: Line) -> Iterator[Finding]:
    if line.purposes:
        yield Finding(
            ("lines", line.name, "purposes"),
            "exempt-with-purposes",
            "an exempt line is never recorded, so it has no purposes",
            "leave out `purposes`, or `exempt`",
        )


def _of_internal(policy: Policy) -> Iterator[Finding]:
    name = policy.internal.line
    if name and name not in policy.lines:
        yield Finding(
            ("internal", "line"),
            "unknown-line",
            f"there is no line `{name}` in this policy",
            f"it has {_listed(policy.lines)}",
            about=name,
        )


def _of_line(line: Line, policy: Policy, pack: Pack, languages: frozenset[str]) -> Iterator[Finding]:
    here = ("lines", line.name)
    if not line.purposes:
        yield Finding(
            here,
            "no-purposes",
            "a recording without a purpose is not lawful (Art. 5(1)(b), 6(1) GDPR)",
            "name its `purposes`, or write `exempt: true`",
        )
    for place, name in enumerate(line.purposes):
        if name not in policy.purposes:
            yield Finding(
                (*here, "purposes", place),
                "unknown-purpose",
                f"there is no purpose `{name}` in this policy",
                f"it has {_listed(policy.purposes)}",
                about=name,
            )
        elif name in line.purposes[:place]:
            yield Finding(
                (*here, "purposes", place), "named-twice", f"`{name}` is named twice", "name it once"
            )
    yield from _of_permission(line, pack)
    yield from _of_statute(line, policy)
    yield from _of_questions(line, policy)
    yield from _of_languages(line, policy, languages)


def _of_permission(line: Line, pack: Pack) -> Iterator[Finding]:
    for rule in pack.rules:
        if rule.permissions and line.permission not in rule.permissions:
            yield Finding(
                ("lines", line.name, "permission"),
                "permission-not-allowed",
                f"pack {pack.name} does not carry `permission: {line.permission}`: {rule.says}"
                f" ({_cited(rule, pack)})",
                f"write `permission:` with {_listed(sorted(rule.permissions))}",
                rule=rule.id,
            )


def _of_statute(line: Line, policy: Policy) -> Iterator[Finding]:
    purposes = [policy.purposes[name] for name in line.purposes if name in policy.purposes]
    if line.permission is Permission.STATUTE and any(p.basis not in _BY_STATUTE for p in purposes):
        yield Finding(
            ("lines", line.name, "permission"),
            "statute-without-law",
            "`permission: statute` says that a law permits the recording, but a purpose of this line rests on"
            " none (Art. 6(3) GDPR)",
            "write `permission: all_consent`, or give the purposes of the law a line of their own",
        )


def _of_questions(line: Line, policy: Policy) -> Iterator[Finding]:
    choices = [policy.purposes[name].choice for name in line.purposes if name in policy.purposes]
    if line.ask is Ask.EACH and Asking.OPT_OUT in choices and choices.count(Asking.OPT_IN) > 1:
        yield Finding(
            ("lines", line.name, "ask"),
            "ask-each-beside-opt-out",
            "one refusing key cannot answer several questions and an objection at once: the caller could not"
            " know what they refuse (Art. 7(2), 12(1) GDPR)",
            "write `ask: together`, or give the opt-out purpose a line of its own",
        )


def _of_languages(line: Line, policy: Policy, languages: frozenset[str]) -> Iterator[Finding]:
    here = ("lines", line.name, "languages")
    for place, language in enumerate(line.languages):
        if language not in languages:
            yield Finding(
                (*here, place),
                "no-wording",
                f"there is no wording of the notice in `{language}` (Art. 12(1) GDPR)",
                f"there are {_listed(sorted(languages))}; add another as notices/{language}.yaml",
            )
    for name in line.purposes:
        purpose = policy.purposes.get(name)
        missing = [language for language in line.languages if purpose and language not in purpose.title]
        if missing:
            yield Finding(
                ("purposes", name, "title"),
                "no-title",
                f"purpose `{name}` has no title in {_listed(missing)}, which line `{line.name}` speaks"
                " (Art. 12(1), 13(1)(c) GDPR)",
                "add it: it completes the sentence of the notice",
            )


def _cited(rule: Rule, pack: Pack) -> str:
    return f"{rule.cites}; pack {pack.name}, {rule.standing}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"
