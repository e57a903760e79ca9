"""What `check` finds: each with a stable id, what is wrong, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad it is."""

    ERROR = "error"
    """Calls would not be recorded, or not lawfully, or not safely."""
    WARNING = "warning"
    """It works; somebody should look at it."""
    NOT_EXAMINED = "not_examined"
    """It could not be looked at, and so nothing is said about it."""


@dataclass(frozen=True)
class Finding:
    """One thing that was found; `id` may be relied on."""

    id: str
    severity: Severity
    message: str
    hint: str = ""


def error(id: str, message: str, hint: str) -> Finding:
    """Something that must be mended."""
    return Finding(id, Severity.ERROR, message, hint)


def warning(id: str, message: str, hint: str) -> Finding:
    """Something that should be looked at."""
    return Finding(id, Severity.WARNING, message, hint)


def not_examined(id: str, message: str, hint: str = "") -> Finding:
    """Something that nothing can be said about."""
    return Finding(id, Severity.NOT_EXAMINED, message, hint)


def bad(findings: Iterable[Finding]) -> bool:
    """Whether anything must be mended."""
    return any(finding.severity is Severity.ERROR for finding in findings)
