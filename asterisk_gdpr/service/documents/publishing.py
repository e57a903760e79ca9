"""Publishing notices: pages for a web server, with their versions and an archive of the earlier ones.

    <folder>/line-<line>.<language>.html  .md  .pdf the notice of a line
    <folder>/agents.<language>.html  ...            the notice for agents
    <folder>/archive/<name>.<version>.html          each version that ever was published

The files come first and the register then, so what the register calls published is there; a crash in between
is mended by publishing again. Whether what is published is still what is configured can be told at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Clock
from asterisk_gdpr.ports.publications import Publication, PublicationBook
from asterisk_gdpr.service.documents.documents import Document, Documents, Kind, Link
from asterisk_gdpr.service.new_files import make_folder, replace_file

MARKER = ".asterisk-gdpr-documents"
"""Says that a folder is ours to write in: nobody else's file is ever overwritten."""

_LANGUAGES = {
    "de": "Deutsch",
    "en": "English",
    "es": "Español",
    "fr": "Français",
    "it": "Italiano",
    "nl": "Nederlands",
    "pl": "Polski",
    "pt": "Português",
}


@dataclass(frozen=True)
class Standing:
    """A document that should be published: the version that it has now, and the one that is published.

    `published` is None when it never was; `now` is None when the policy has no such line or language any
    more, or no template for it.
    """

    document: str
    line: str
    language: str
    now: str | None
    published: str | None
    at: datetime | None

    @property
    def outdated(self) -> bool:
        """Whether something is published that is not what is configured."""
        return self.published is not None and self.published != self.now


class Publishing:
    """Publishes notices; `policy_version` tells the policy that they are made from."""

    def __init__(
        self,
        register: PublicationBook,
        documents: Documents,
        policy_version: Callable[[], str],
        clock: Clock,
        zone: ZoneInfo,
    ) -> None:
        self._register = register
        self._documents = documents
        self._policy_version = policy_version
        self._clock = clock
        self._zone = zone

    def standings(self) -> list[Standing]:
        """Every notice, with what is published of it."""
        now = {_key(document): document.version for document in self._all()}
        published = {(each.document, each.line, each.language): each for each in self._register.published()}
        found = []
        for key in sorted(now.keys() | published.keys()):
            last = published.get(key)
            found.append(
                Standing(*key, now.get(key), last.version if last else None, last.at if last else None)
            )
        return found

    def untold(self) -> list[tuple[str, str]]:
        """Lines and languages that callers meet and for which there is no template."""
        there = self._documents.languages(Kind.NOTICE)
        return [(line, language) for line, language in self._documents.notices() if language not in there]

    def publish(self, folder: Path) -> list[Document]:
        """Write all notices into a folder that is new, empty or ours; returns those with a new version.

        Raises Refused (`not-ours`) for a folder that holds something else, or what `Documents` raises.
        """
        _claim(folder)
        at, policy = self._clock.now(), self._policy_version()
        documents = list(self._all())
        fresh = [document for document in documents if self._is_new(document)]
        for document in documents:
            self._write(folder, document, at if document in fresh else self._last(document).at)
        for document in fresh:
            self._register.publish(
                Publication(*_key(document), document.version, policy, document.markdown, at)
            )
        for document in documents:
            self._archive(folder, document)
        return fresh

    # --- one document -------------------------------------------------------------------------

    def _all(self) -> Iterator[Document]:
        there = self._documents.languages(Kind.NOTICE)
        for line, language in self._documents.notices():
            if language in there:
                yield self._documents.notice(line, language)
        for language in self._documents.languages(Kind.AGENTS):
            yield self._documents.agents(language)

    def _is_new(self, document: Document) -> bool:
        earlier = self._register.earlier(*_key(document))
        return not earlier or earlier[0].version != document.version

    def _last(self, document: Document) -> Publication:
        return self._register.earlier(*_key(document))[0]

    def _write(self, folder: Path, document: Document, at: datetime) -> None:
        name, day = _name(document), self._day(at)
        links = [*self._other_languages(document), self._archive_link(document)]
        page = self._documents.html(document, published=day, links=links)
        replace_file(folder / f"{name}.html", page.encode(), 0o644)
        replace_file(folder / f"{name}.md", document.markdown.encode(), 0o644)
        replace_file(folder / f"{name}.pdf", self._documents.pdf(document, published=day), 0o644)

    def _other_languages(self, document: Document) -> Iterator[Link]:
        for line, language in self._documents.notices():
            mine = document.kind is Kind.NOTICE and line == document.line
            if mine and language != document.language and language in self._documents.languages(Kind.NOTICE):
                yield Link(f"line-{line}.{language}.html", _LANGUAGES.get(language, language), language)

    def _archive(self, folder: Path, document: Document) -> None:
        """Every earlier version as a page, and the list of them."""
        name, archive = _name(document), folder / "archive"
        make_folder(archive, 0o755)
        versions = []
        for each in self._register.earlier(*_key(document)):
            file = f"{name}.{each.version[:12]}.html"
            day = self._day(each.at)
            old = Document(document.kind, each.language, each.text, each.line)
            replace_file(archive / file, self._documents.html(old, published=day).encode(), 0o644)
            versions.append({"version": each.version[:12], "published": day, "href": f"archive/{file}"})
        listed = self._documents.write(
            Kind.ARCHIVE, document.language, {"title": document.title, "versions": versions}
        )
        back = [Link(f"{name}.html", document.title)]
        replace_file(
            folder / f"{name}.archive.html", self._documents.html(listed, links=back).encode(), 0o644
        )

    def _archive_link(self, document: Document) -> Link:
        told = {"title": document.title, "versions": ()}
        listed = self._documents.write(Kind.ARCHIVE, document.language, told)
        return Link(f"{_name(document)}.archive.html", listed.title)

    def _day(self, at: datetime) -> str:
        return at.astimezone(self._zone).date().isoformat()


def _key(document: Document) -> tuple[str, str, str]:
    return str(document.kind), document.line, document.language


def _name(document: Document) -> str:
    what = f"line-{document.line}" if document.line else str(document.kind)
    return f"{what}.{document.language}"


def _claim(folder: Path) -> None:
    """Make the folder ours, unless somebody else has something in it."""
    make_folder(folder, 0o755)
    marker = folder / MARKER
    if marker.exists():
        return
    if any(folder.iterdir()):
        raise Refused(
            f"{folder} holds something that is not of ours.",
            hint="Name a folder that is new or empty: everything in it will be written by this command.",
            id="not-ours",
        )
    replace_file(marker, b"", 0o644)
