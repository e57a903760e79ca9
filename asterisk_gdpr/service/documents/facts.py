"""What the documents say, as facts: taken from the policy, its pack, and the wording of a language.

Nothing here is a sentence; the templates make sentences of it. A text that the policy has in several
languages comes in the one of the document, or in the first there is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from asterisk_gdpr.core.agents import AgentStanding, cleared
from asterisk_gdpr.core.call.state import KEYS
from asterisk_gdpr.core.lawfulness import broken, how
from asterisk_gdpr.core.line_rules import rules_of
from asterisk_gdpr.core.notice import Wording, notice
from asterisk_gdpr.core.pack import Pack
from asterisk_gdpr.core.policy import Asking, Basis, Line, Mode, Period, Policy, Purpose, Texts

Facts = dict[str, Any]

_LETTERS = {
    Basis.CONSENT: "a",
    Basis.CONTRACT: "b",
    Basis.LEGAL_OBLIGATION: "c",
    Basis.VITAL_INTERESTS: "d",
    Basis.PUBLIC_TASK: "e",
    Basis.LEGITIMATE_INTERESTS: "f",
}
"""Where in Art. 6(1) GDPR a basis stands."""


def said(texts: Texts, language: str) -> str:
    """A text in a language, or in the first that it has; empty where it has none."""
    return texts.get(language) or next(iter(texts.values()), "")


def common(policy: Policy, pack: Pack, wording: Wording) -> Facts:
    """What every document may say."""
    language = wording.language
    return {
        "language": language,
        "controller": asdict(policy.controller),
        "keys": {name: getattr(KEYS, name) for name in ("agree", "refuse", "details", "repeat", "withdraw")},
        "purposes": [purpose_facts(purpose, pack, wording) for purpose in policy.purposes.values()],
        "lines": [line_facts(policy, line) for line in policy.lines.values() if not line.exempt],
        "exempt_lines": [line.name for line in policy.lines.values() if line.exempt],
        "recipients": [
            {**asdict(recipient), "title": said(recipient.title, language)}
            for recipient in policy.recipients.values()
        ],
        "keep": {
            field.name: _period(getattr(policy.keep, field.name), wording) for field in fields(policy.keep)
        },
        "evaluations": [
            {
                "title": said(form.title, language),
                "items": [said(item.title, language) for item in form.items.values()],
                "listeners": sorted(policy.purposes[form.purpose].listeners),
            }
            for form in policy.evaluations.values()
        ],
        "agreement": policy.agents.agreement,
        "pack": {"name": pack.name, "title": pack.title, "dated": pack.dated.isoformat()},
        "overlays": [overlay.title for overlay in pack.overlays],
        "approval": asdict(policy.approval) if policy.approval else None,
        "policy": policy.version[:12],
    }


def purpose_facts(purpose: Purpose, pack: Pack, wording: Wording) -> Facts:
    """A purpose; `keep` is in the case that `after` asks for."""
    duty = pack.obligations.get(purpose.obligation)
    return {
        "name": purpose.name,
        "title": said(purpose.title, wording.language),
        "basis": str(purpose.basis),
        "basis_words": wording.bases[purpose.basis],
        "letter": _LETTERS[purpose.basis],
        "choice": str(purpose.choice),
        "keep": _period(purpose.keep, wording),
        "listeners": sorted(purpose.listeners),
        "interest": said(purpose.interest, wording.language),
        "duty": {"says": duty.says, "cites": duty.cites} if duty else None,
        "assessment": purpose.assessment,
        "decision": purpose.decision,
        "copy_on_request": purpose.copy_on_request,
    }


def line_facts(policy: Policy, line: Line) -> Facts:
    """A line and what is asked on it; `agents` are the standings with which one may be recorded."""
    rules = rules_of(policy, line)
    purposes = [policy.purposes[name] for name in line.purposes]
    return {
        "name": line.name,
        "purposes": list(line.purposes),
        "languages": list(line.languages),
        "permission": str(line.permission),
        "mode": str(line.mode),
        "live": line.mode is Mode.LIVE,
        "share": line.share,
        "grace": line.withdraw_grace,
        "consents": any(p.choice is Asking.OPT_IN for p in purposes),
        "objects": any(p.choice is Asking.OPT_OUT for p in purposes),
        "mandatory": bool(rules.mandatory),
        "chooses": bool(rules.questions),
        "agents": [str(standing) for standing in AgentStanding if cleared(line.permission, standing).cleared],
    }


def of_line(policy: Policy, pack: Pack, line: Line, wording: Wording) -> Facts:
    """What the privacy notice of a line says beside what is common: its purposes and its spoken words."""
    return {
        **common(policy, pack, wording),
        "purposes": [purpose_facts(policy.purposes[name], pack, wording) for name in line.purposes],
        "line": line_facts(policy, line),
        "spoken": [
            {"part": str(part.part), "number": part.question + 1, "text": part.text}
            for part in notice(policy, line, wording)
        ],
    }


def rules_facts(policy: Policy, pack: Pack) -> list[Mapping[str, str]]:
    """Every rule of the pack and its overlays, and how it stands."""
    breaks = broken(policy, pack)
    return [
        {
            "id": rule.id,
            "says": rule.says,
            "cites": rule.cites,
            "source": rule.source,
            "standing": str(rule.standing),
            "how": how(rule, policy, breaks),
        }
        for rule in pack.rules
    ]


def _period(period: Period, wording: Wording) -> str:
    return wording.time(period.count, period.unit)
