"""What is said in public, held against what is configured: published notices, and spoken ones.

A notice that says something else than what happens deceives people, whoever forgot to publish or to reload.
So both are compared again and again with the policy as its file stands; an alarm stands while they differ.
A policy that does not load says nothing: `reload` and `check` tell of its faults.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from asterisk_gdpr.core.notice import Wording, notice
from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.errors import ConfigFaults
from asterisk_gdpr.service.alarms import Alarms
from asterisk_gdpr.service.documents.publishing import Publishing, Standing

OUTDATED = "notice-outdated"
DIFFERS = "spoken-differs"

Spoken = Mapping[tuple[str, str, str], str]
"""What callers hear now: the text of each line, language and part."""


class PublicWord:
    """Compares; `configured` loads the policy's file, `spoken` tells what the daemon plays."""

    def __init__(
        self,
        configured: Callable[[], Policy],
        wordings: Mapping[str, Wording],
        spoken: Callable[[], Spoken],
        publishing: Publishing,
        alarms: Alarms,
    ) -> None:
        self._configured = configured
        self._wordings = wordings
        self._spoken = spoken
        self._publishing = publishing
        self._alarms = alarms

    def tick(self) -> None:
        """Look, and raise or end alarms."""
        try:
            policy = self._configured()
        except ConfigFaults:
            return
        self._tell(
            OUTDATED,
            {each.line or each.document for each in outdated(self._publishing.standings())},
            "What is published is not what is configured: publish the notices anew.",
        )
        self._tell(
            DIFFERS,
            differing(policy, self._wordings, self._spoken()),
            "What callers hear is not what is configured: build the prompts, and reload.",
        )

    def _tell(self, id: str, about: set[str], message: str) -> None:
        for each in sorted(about):
            self._alarms.raise_(id, each, message)
        for each in self._alarms.about(id) - about:
            self._alarms.over(id, each)


def outdated(standings: Iterable[Standing]) -> list[Standing]:
    """Those of which something else is published than what is configured."""
    return [standing for standing in standings if standing.outdated]


def differing(policy: Policy, wordings: Mapping[str, Wording], spoken: Spoken) -> set[str]:
    """The lines on which callers hear something else than a policy says."""
    return {
        line.name
        for line in policy.lines.values()
        for language in (() if line.exempt else line.languages)
        for part in notice(policy, line, wordings[language])
        if spoken.get((line.name, language, part.id)) != part.text
    }
