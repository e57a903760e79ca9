"""Templates of documents: Markdown with facts to be filled in, by language, replaceable by the controller.

    <folder>/<language>/<document>.md     what a document says
    <folder>/page.html                    how it looks on a screen
    <folder>/document.typ                 how it looks on paper

A fact is put in as text and never as markup, whatever signs it holds. A template that asks for a fact that
there is not is refused with its name, so that no document is quietly incomplete. Templates run in a sandbox:
they say things, and reach nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from asterisk_gdpr.errors import Refused
from asterisk_gdpr.service.documents.markdown import escape, html_of, link, link_to, text_of

_NAME = re.compile(r"[a-z]{2,12}")


class Templates:
    """The templates of an installation."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        loader = FileSystemLoader(folder)
        self._texts = ImmutableSandboxedEnvironment(
            loader=loader,
            undefined=StrictUndefined,
            finalize=escape,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=False,  # what is put in becomes Markdown, escaped by `finalize`
        )
        self._texts.filters["link"] = link
        self._texts.filters["to"] = link_to
        self._pages = ImmutableSandboxedEnvironment(
            loader=loader, undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True
        )

    def languages(self, document: str) -> list[str]:
        """The languages that a document can be written in."""
        return sorted(path.parent.name for path in self.folder.glob(f"*/{document}.md"))

    def markdown(self, document: str, language: str, facts: Mapping[str, Any]) -> str:
        """A document's text; raises Refused (`no-template`, `template-faulty`)."""
        if not (_NAME.fullmatch(document) and _NAME.fullmatch(language)):
            raise Refused(f"There is no document {document!r} in {language!r}.", id="no-template")
        text = self._render(self._texts, f"{language}/{document}.md", facts)
        return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"

    def plain(self, document: str, language: str, facts: Mapping[str, Any]) -> str:
        """A line of a document as text alone; raises Refused like `markdown`."""
        return text_of(self.markdown(document, language, facts))

    def page(self, markdown: str, facts: Mapping[str, Any]) -> str:
        """A whole page in HTML, without any script; raises Refused (`no-template`, `template-faulty`)."""
        body = Markup(html_of(markdown))  # noqa: S704  # made from Markdown in which HTML means nothing
        return self._render(self._pages, "page.html", {**facts, "body": body})

    def _render(self, environment: ImmutableSandboxedEnvironment, name: str, facts: Mapping[str, Any]) -> str:
        try:
            return environment.get_template(name).render(facts)
        except TemplateNotFound as missing:
            raise Refused(
                f"There is no template {missing} in {self.folder}.",
                hint="Copy the shipped one there, or name another language.",
                id="no-template",
            ) from None
        except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, OSError) as error:
            raise Refused(
                f"The template {self.folder / name} cannot be followed: {error}", id="template-faulty"
            ) from None
