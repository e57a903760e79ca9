"""The words that a controller has approved, by language, where the policy names them.

A policy's version is the hash of its own text, and what callers hear is built from a wording beside it. So an
approval may name what the words came to when somebody read them: words that have changed since, by an
upgrade or a person, are a fault until somebody has read them again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from asterisk_gdpr.core.lawfulness.finding import Finding
from asterisk_gdpr.core.notice import Wording, notice
from asterisk_gdpr.core.policy import Policy

DIGITS = 16
"""Of the SHA-256, in hex: enough to tell texts apart, and to be written down by a person."""


def texts_of(policy: Policy, wordings: Mapping[str, Wording]) -> dict[str, str]:
    """What the words of all lines come to, by language; needs a policy without other faults."""
    told: dict[str, list[str]] = {}
    for name, line in sorted(policy.lines.items()):
        for language in () if line.exempt else line.languages:
            parts = notice(policy, line, wordings[language])
            told.setdefault(language, []).extend(f"{name}\0{part.id}\0{part.text}\0" for part in parts)
    return {
        language: hashlib.sha256("".join(texts).encode()).hexdigest()[:DIGITS]
        for language, texts in sorted(told.items())
    }


def of_texts(policy: Policy, wordings: Mapping[str, Wording]) -> Iterator[Finding]:
    """Every language whose words are not those that were approved; none where the approval names none."""
    approved = policy.approval.texts if policy.approval else {}
    if not approved:
        return
    for language, now in texts_of(policy, wordings).items():
        if approved.get(language) != now:
            yield Finding(
                ("approved", "texts", language) if language in approved else ("approved", "texts"),
                "text-not-approved",
                f"what callers hear in `{language}` is not what was approved (Art. 5(2), 12(1) GDPR)",
                "let somebody read it who speaks the language (`asterisk-gdpr prompts script`), then write"
                f' `{language}: "{now}"` here',
            )
