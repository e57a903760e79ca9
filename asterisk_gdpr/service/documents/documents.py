"""The documents: written anew from the policy whenever they are asked for, in every form.

A document is a pure function of the policy, its pack, the wording and the template: the same facts make the
same text, so its version is the hash of its text, and what was published can be compared with what would be.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from asterisk_gdpr.core.notice import Wording
from asterisk_gdpr.core.pack import Pack
from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports.press import Press
from asterisk_gdpr.service.documents import facts
from asterisk_gdpr.service.documents.markdown import blocks_of, html_of, title_of
from asterisk_gdpr.service.documents.templates import Templates


class Kind(StrEnum):
    """What a document is; its value is its template's name."""

    NOTICE = "notice"
    AGENTS = "agents"
    AGENT = "agent"
    RECORD = "record"
    ASSESSMENT = "assessment"
    BREACH = "breach"
    ARCHIVE = "archive"


class Form(StrEnum):
    """What a document is written as; its value is the ending of its file."""

    MARKDOWN = "md"
    HTML = "html"
    PDF = "pdf"


@dataclass(frozen=True)
class Document:
    """One document in one language; `line` is empty where it is about all of them."""

    kind: Kind
    language: str
    markdown: str
    line: str = ""

    @property
    def version(self) -> str:
        """The SHA-256 of its text, in hex."""
        return hashlib.sha256(self.markdown.encode()).hexdigest()

    @property
    def title(self) -> str:
        """Its first heading."""
        return title_of(self.markdown)


@dataclass(frozen=True)
class Link:
    """A link at the head of a page; `language` is that of what it leads to, empty for the page's own."""

    href: str
    text: str
    language: str = ""


class Documents:
    """Writes documents; `policy` and `pack` tell those in force."""

    def __init__(
        self,
        templates: Templates,
        wordings: Mapping[str, Wording],
        press: Press,
        policy: Callable[[], Policy],
        pack: Callable[[], Pack],
    ) -> None:
        self._templates = templates
        self._wordings = wordings
        self._press = press
        self._policy = policy
        self._pack = pack

    # --- what there is ------------------------------------------------------------------------

    def languages(self, kind: Kind) -> list[str]:
        """The languages that a document can be written in: those with a template and a wording."""
        return [each for each in self._templates.languages(kind) if each in self._wordings]

    def notices(self) -> list[tuple[str, str]]:
        """Every line and language that callers can meet, whether or not there is a template for it."""
        return [
            (line.name, language)
            for line in self._policy().lines.values()
            if not line.exempt
            for language in line.languages
        ]

    # --- the documents ------------------------------------------------------------------------

    def notice(self, line: str, language: str) -> Document:
        """The privacy notice of a line (Art. 13), in one of its languages.

        Raises Refused (`no-such-line`, `no-such-language`, `no-template`).
        """
        policy = self._policy()
        found = policy.lines.get(line)
        if found is None or found.exempt:
            raise Refused(f"There is no line {line!r} that records.", id="no-such-line")
        if language not in self.languages(Kind.NOTICE):
            raise self._no_template(Kind.NOTICE, language)
        if language not in found.languages:
            raise Refused(
                f"Line {line} does not speak {language!r}.",
                hint=f"It speaks: {', '.join(found.languages)}.",
                id="no-such-language",
            )
        told = facts.of_line(policy, self._pack(), found, self._wording(language))
        return self.write(Kind.NOTICE, language, told, line)

    def agents(self, language: str) -> Document:
        """The notice for those who take calls (Art. 13)."""
        return self.write(Kind.AGENTS, language, self._common(language))

    def record(self, language: str) -> Document:
        """The record of processing activities (Art. 30)."""
        return self.write(Kind.RECORD, language, self._common(language))

    def assessment(self, language: str, counts: Mapping[str, int]) -> Document:
        """A draft for the impact assessment (Art. 35); `counts` are recordings by their state."""
        told = self._common(language)
        told["counts"] = dict(counts)
        told["rules"] = facts.rules_facts(self._policy(), self._pack())
        return self.write(Kind.ASSESSMENT, language, told)

    def write(self, kind: Kind, language: str, told: Mapping[str, Any], line: str = "") -> Document:
        """A document of facts that are already known."""
        return Document(kind, language, self._templates.markdown(kind, language, told), line)

    def common(self, language: str) -> facts.Facts:
        """What every document in a language may say."""
        return self._common(language)

    # --- its forms ----------------------------------------------------------------------------

    def html(self, document: Document, *, published: str = "", links: Sequence[Link] = ()) -> str:
        """A whole page, without scripts; `published` is a day."""
        return self._templates.page(
            document.markdown,
            {
                "language": document.language,
                "title": document.title,
                "footer": self.footer(document, published),
                "links": links,
                "labels": {"versions": document.title},
            },
        )

    def body(self, document: Document) -> str:
        """What it says as HTML, for a page that has a head of its own; holds no script (`markdown`)."""
        return html_of(document.markdown)

    def pdf(self, document: Document, *, published: str = "") -> bytes:
        """The same on paper."""
        return self._press.pdf(
            {
                "title": document.title,
                "language": document.language,
                "footer": self.footer(document, published),
                "blocks": blocks_of(document.markdown),
            }
        )

    def footer(self, document: Document, published: str = "") -> str:
        """The line that says which version this is."""
        told = {"version": document.version[:12], "published": published}
        return self._templates.plain("footer", document.language, told)

    def written_as(self, document: Document, form: Form) -> bytes:
        """A document as a file."""
        match form:
            case Form.MARKDOWN:
                return document.markdown.encode()
            case Form.HTML:
                return self.html(document).encode()
            case Form.PDF:
                return self.pdf(document)

    def _common(self, language: str) -> facts.Facts:
        return facts.common(self._policy(), self._pack(), self._wording(language))

    def _wording(self, language: str) -> Wording:
        wording = self._wordings.get(language)
        if wording is None:
            raise self._no_template(Kind.RECORD, language)
        return wording

    def _no_template(self, kind: Kind, language: str) -> Refused:
        return Refused(
            f"There is no template of this document in {language!r}, or no wording of the notice.",
            hint=f"There are: {', '.join(self.languages(kind))}.",
            id="no-template",
        )
