"""Which combinations of a policy the law does not carry: found when it is loaded, never in a call.

Each finding names where it stands (a path of keys into the file), the article, and a way out.
The rules here hold under every pack; what differs from country to country is in the pack.
Nothing here says that a policy is lawful: that is for the controller to decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from asterisk_gdpr.core.lawfulness.finding import Finding, cited, listed
from asterisk_gdpr.core.lawfulness.lines import of_line
from asterisk_gdpr.core.lawfulness.purposes import of_purpose
from asterisk_gdpr.core.pack import Pack, Rule
from asterisk_gdpr.core.policy import Policy


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
        found += of_purpose(purpose, pack)
    known = frozenset(languages)
    found += _of_recipients(policy)
    found += _of_forms(policy)
    found += _of_internal(policy)
    for line in policy.lines.values():
        found += of_line(line, policy, pack, known)
    return found


def _of_approval(policy: Policy) -> Iterator[Finding]:
    if policy.approval is None:
        yield Finding(
            ("approved",),
            "not-approved",
            "nobody of the controller has approved this policy (Art. 5(2), 24 GDPR): no line runs under it",
            "fill in `approved`: by, date, and the officer's advice",
        )


def approved_later(policy: Policy, today: date) -> Iterator[Finding]:
    """An approval of a day that has not come, which nobody has given yet; not a fault of the text alone."""
    if policy.approval is not None and policy.approval.on > today:
        yield Finding(
            ("approved", "date"),
            "approved-later",
            "the approval bears a day that has not come",
            "write the day on which it was given",
        )


def _of_overlays(policy: Policy, pack: Pack) -> Iterator[Finding]:
    for place, overlay in enumerate(pack.overlays):
        if overlay.packs and pack.name not in overlay.packs:
            yield Finding(
                ("overlays", place),
                "overlay-beside-pack",
                f"overlay `{overlay.name}` ({overlay.title}) does not go with pack `{pack.name}`",
                f"it goes with {listed(sorted(overlay.packs))}",
            )
    for rule in pack.rules:
        if rule.obligation and rule.obligation not in {p.obligation for p in policy.purposes.values()}:
            yield Finding(
                ("overlays",),
                "obligation-not-met",
                f"{rule.says}, but no purpose says so ({cited(rule, pack)})",
                f"write a purpose with `obligation: {rule.obligation}`, or leave the overlay out",
                rule=rule.id,
            )
        if rule.decide:
            yield Finding(
                ("overlays",),
                "undecided",
                f"how this is met must be stated: {rule.says} ({cited(rule, pack)})",
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


def _of_recipients(policy: Policy) -> Iterator[Finding]:
    spoken = dict.fromkeys(language for line in policy.lines.values() for language in line.languages)
    for name, recipient in policy.recipients.items():
        missing = [language for language in spoken if language not in recipient.title]
        if missing:
            yield Finding(
                ("recipients", name, "title"),
                "no-title",
                f"recipient `{name}` has no title in {listed(missing)}, which a line speaks"
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
                f"it has {listed(policy.purposes)}",
                about=form.purpose,
            )


def _of_internal(policy: Policy) -> Iterator[Finding]:
    name = policy.internal.line
    if name and name not in policy.lines:
        yield Finding(
            ("internal", "line"),
            "unknown-line",
            f"there is no line `{name}` in this policy",
            f"it has {listed(policy.lines)}",
            about=name,
        )
