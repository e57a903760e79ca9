"""The navigation: where somebody's work is, in the order of a working day."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

from asterisk_gdpr_web import guard
from asterisk_gdpr_web.settings import services


@dataclass(frozen=True)
class Entry:
    """One place: where it leads, its icon, and the blueprints whose pages belong to it."""

    endpoint: str
    icon: str
    belong: tuple[str, ...] = ()

    @property
    def blueprint(self) -> str:
        """The blueprint that it leads to, which also names its words (`nav.…`)."""
        return self.endpoint.partition(".")[0]

    @property
    def here(self) -> bool:
        """Whether the page that is shown belongs to it."""
        return request.blueprint in (self.blueprint, *self.belong)


GROUPS = (
    (
        Entry("strip.show", "headset"),
        Entry("evaluations.mine", "star"),
        Entry("today.show", "today"),
        Entry("recordings.shelf", "wave", ("recording", "review")),
        Entry("clips.show", "share"),
        Entry("approvals.show", "star"),
    ),
    (
        Entry("requests.show", "flag"),
        Entry("holds.show", "clock"),
        Entry("never.show", "bell"),
        Entry("agents.show", "headset"),
        Entry("lines.show", "rules", ("prompts",)),
        Entry("documents.show", "share"),
    ),
    (
        Entry("digest.show", "ear"),
        Entry("ledger.show", "ledger"),
        Entry("system.show", "check"),
        Entry("vault.show", "lock"),
        Entry("people.show", "people"),
    ),
)


def _offered(entry: Entry) -> bool:
    """Whether the person may open it, and whether the policy has any use for it."""
    if entry.blueprint == "approvals" and not any(
        purpose.second_person for purpose in services().policy().purposes.values()
    ):
        return False
    if entry.blueprint == "digest" and services().policy().unusual_listening is None:
        return False
    return guard.may_open(entry.endpoint)


def entries() -> list[list[Entry]]:
    """Return what the person may open, group by group; groups without anything are left out."""
    groups = [[entry for entry in group if _offered(entry)] for group in GROUPS]
    return [group for group in groups if group]
