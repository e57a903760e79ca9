"""What was published: which text of which document, and when; nothing personal is in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Publication:
    """One version of a document as it was published; `line` is empty where it is about all of them.

    `version` is the SHA-256 of `text`, `policy` the version of the policy that it was made from.
    """

    document: str
    line: str
    language: str
    version: str
    policy: str
    text: str
    at: datetime


class PublicationBook(Protocol):
    """The archive of what was published."""

    def publish(self, publication: Publication) -> bool:
        """Keep it, unless it is the same text as the last one of its line and language: False."""
        ...

    def published(self) -> list[Publication]:
        """The last publication of each document, line and language, by these."""
        ...

    def earlier(self, document: str, line: str, language: str) -> list[Publication]:
        """Every publication of one document, line and language, newest first."""
        ...
