"""A line under the law: its purposes, whose permission it asks for, what it asks and in which languages."""

from __future__ import annotations

from collections.abc import Iterator

from asterisk_gdpr.core.lawfulness.finding import Finding, cited, listed
from asterisk_gdpr.core.pack import Pack
from asterisk_gdpr.core.policy import Ask, Asking, Basis, Direction, Line, Permission, Policy

_BY_STATUTE = frozenset({Basis.LEGAL_OBLIGATION, Basis.PUBLIC_TASK})
"""Bases that a law lays down (Art. 6(3))."""


def of_line(line: Line, policy: Policy, pack: Pack, languages: frozenset[str]) -> Iterator[Finding]:
    """What the law or the pack does not carry of a line; `languages` are those that have a wording."""
    return _of_exemption(line) if line.exempt else _of_line(line, policy, pack, languages)


def _of_exemption(line: Line) -> Iterator[Finding]:
    if line.purposes:
        yield Finding(
            ("lines", line.name, "purposes"),
            "exempt-with-purposes",
            "an exempt line is never recorded, so it has no purposes",
            "leave out `purposes`, or `exempt`",
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
                f"it has {listed(policy.purposes)}",
                about=name,
            )
        elif name in line.purposes[:place]:
            yield Finding(
                (*here, "purposes", place), "named-twice", f"`{name}` is named twice", "name it once"
            )
    yield from _of_permission(line, pack)
    yield from _of_statute(line, policy)
    yield from _of_questions(line, policy)
    yield from _of_early_media(line, policy)
    yield from _of_languages(line, policy, languages)


def _of_permission(line: Line, pack: Pack) -> Iterator[Finding]:
    for rule in pack.rules:
        if rule.permissions and line.permission not in rule.permissions:
            yield Finding(
                ("lines", line.name, "permission"),
                "permission-not-allowed",
                f"pack {pack.name} does not carry `permission: {line.permission}`: {rule.says}"
                f" ({cited(rule, pack)})",
                f"write `permission:` with {listed(sorted(rule.permissions))}",
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


def _of_early_media(line: Line, policy: Policy) -> Iterator[Finding]:
    here = ("lines", line.name, "early_media")
    if not line.early_media:
        return
    choices = [policy.purposes[name].choice for name in line.purposes if name in policy.purposes]
    if any(choice is not Asking.OPT_IN for choice in choices):
        yield Finding(
            here,
            "early-media-without-agreement",
            "before a call is answered only a key proves that its caller heard the notice, so silence can"
            " permit nothing there (Art. 5(2), 13 GDPR)",
            "leave out `early_media`, or give what needs no agreement a line of its own",
        )
    if line.direction is Direction.OUTBOUND:
        yield Finding(
            here,
            "early-media-outbound",
            "who is called hears the notice once they have answered",
            "leave out `early_media`",
        )


def _of_languages(line: Line, policy: Policy, languages: frozenset[str]) -> Iterator[Finding]:
    here = ("lines", line.name, "languages")
    for place, language in enumerate(line.languages):
        if language not in languages:
            yield Finding(
                (*here, place),
                "no-wording",
                f"there is no wording of the notice in `{language}` (Art. 12(1) GDPR)",
                f"there are {listed(sorted(languages))}; add another as notices/{language}.yaml",
            )
    for name in line.purposes:
        purpose = policy.purposes.get(name)
        missing = [language for language in line.languages if purpose and language not in purpose.title]
        if missing:
            yield Finding(
                ("purposes", name, "title"),
                "no-title",
                f"purpose `{name}` has no title in {listed(missing)}, which line `{line.name}` speaks"
                " (Art. 12(1), 13(1)(c) GDPR)",
                "add it: it completes the sentence of the notice",
            )
