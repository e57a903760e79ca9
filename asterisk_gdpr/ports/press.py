"""The press: a document's blocks as a PDF."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Press(Protocol):
    """Sets a document as a PDF that a screen reader can follow."""

    def pdf(self, document: Mapping[str, Any]) -> bytes:
        """A document as `service.documents.markdown.blocks_of` gives it; raises `Refused`."""
        ...
