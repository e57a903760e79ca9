"""The navigation: where somebody's work is, in the order of a working day."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

from asterisk_gdpr_web import guard


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
        Entry("today.show", "today"),
        Entry("recordings.shelf", "wave", ("recording", "review")),
        Entry("vault.show", "lock"),
    ),
)


def entries() -> list[list[Entry]]:
    """Return what the person may open, group by group; groups without anything are left out."""
    groups = [[entry for entry in group if guard.may_open(entry.endpoint)] for group in GROUPS]
    return [group for group in groups if group]
