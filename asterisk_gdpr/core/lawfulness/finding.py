"""One thing that the law does not carry, and how its rule and its names are written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from asterisk_gdpr.core.pack import Pack, Rule

Path = tuple[str | int, ...]


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


def cited(rule: Rule, pack: Pack) -> str:
    """Where a rule stands, and how well that is known."""
    return f"{rule.cites}; pack {pack.name}, {rule.standing}"


def listed(names: Iterable[str]) -> str:
    """Names as a sentence has them."""
    return ", ".join(f"`{name}`" for name in names) or "none"
