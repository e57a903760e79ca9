"""The fake register's part that plays `ports.publications.PublicationBook`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from asterisk_gdpr.ports.publications import Publication


class MemoryPublications:
    """Publications in a list; `_tables` is the register's own."""

    if TYPE_CHECKING:
        _tables: Any

        def record(self, kind: str, payload: Mapping[str, Any], at: datetime) -> Any: ...

    def publish(self, publication: Publication) -> bool:
        of = (publication.document, publication.line, publication.language)
        before = self.earlier(*of)
        if before and before[0].version == publication.version:
            return False
        self._tables.publications.append(publication)
        told = {name: vars(publication)[name] for name in ("document", "line", "language", "version")}
        self.record("published", told, publication.at)
        return True

    def published(self) -> list[Publication]:
        last = {(each.document, each.line, each.language): each for each in self._tables.publications}
        return [last[of] for of in sorted(last)]

    def earlier(self, document: str, line: str, language: str) -> list[Publication]:
        return [
            each
            for each in reversed(self._tables.publications)
            if (each.document, each.line, each.language) == (document, line, language)
        ]
