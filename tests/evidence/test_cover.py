"""The cover sheet: the same facts on the screen and on paper, and nothing of them is markup."""

from __future__ import annotations

import copy
import json
from typing import Any, cast

from asterisk_gdpr.service.listening.cover import Cover
from tests.seal.samples import manifest


def sheet(**changed: Any) -> Cover:
    """A sheet of a made-up recording."""
    said = copy.deepcopy(cast(Any, manifest("r1", [])))
    said.update(changed)
    return Cover(said, "anna", "dispute", "both", "2026-11-25T10:00:00Z")


def test_both_forms_say_the_same() -> None:
    """Every fact of the page is on the paper: what was heard, chosen, who was there, when it was captured."""
    parts = [{"id": "statement", "sha256": "ab" * 32, "heard": True, "text": "We record."}]
    cover = sheet(notice={"language": "de", "parts": parts}, gaps=[])
    page, paper = cover.html(), json.dumps(cover.document(), ensure_ascii=False)

    for text in ("r1", "sales", "agreed; keys: 1 at", "quality", ["anna", "for: dispute"][0]):
        assert text in page and text in paper
    for text in ("We record.", "heard to its end", "agent: consented, cleared", "opened: cleared", "40 ms"):
        assert text in page and text in paper


def test_a_redaction_is_on_the_sheet() -> None:
    """Who reads it sees that and where something was silenced, and of which recording it was made."""
    step = {"kind": "redacted", "at": "2026-11-25T09:00:00Z", "spans": [[8000, 12000]]}
    cover = sheet(derived=[{**step, "manifest": {"recording": "r0"}}])

    for form in (cover.html(), json.dumps(cover.document(), ensure_ascii=False)):
        assert "r0, 2026-11-25T09:00:00Z: 1.00 s to 1.50 s silenced" in form


def test_nothing_in_it_is_markup() -> None:
    """Words of a policy or of a prompt cannot become a part of the page."""
    assert "<script>" not in sheet(line="<script>alert(1)</script>").html()
