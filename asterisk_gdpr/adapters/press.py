"""PDF by Typst: offline, in this process, with fonts of its own, tagged for screen readers.

The document goes in as data and never as markup, so no name and no number of a policy can mean anything to
the typesetter; how it looks is a template that the controller may replace.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from asterisk_gdpr.errors import Refused

_STANDARD: Literal["ua-1"] = "ua-1"
"""PDF/UA-1: a PDF that says what is a heading, a list, a table, and in which language it is."""


class TypstPress:
    """Plays `ports.Press`; `template` is the file that says how a document looks."""

    def __init__(self, template: Path) -> None:
        self._template = template

    def pdf(self, document: Mapping[str, Any]) -> bytes:
        """Set a document; raises Refused (`not-printable`) when the template cannot be followed."""
        import typst  # large, and seldom wanted

        try:
            made = typst.compile(
                self._template.resolve(),
                format="pdf",
                sys_inputs={"document": json.dumps(document, ensure_ascii=False)},
                ignore_system_fonts=True,
                pdf_standards=_STANDARD,
            )
        except typst.TypstError as error:
            raise Refused(
                f"The document cannot be set as a PDF: {error}",
                hint=f"Look at {self._template}.",
                id="not-printable",
            ) from None
        return made
