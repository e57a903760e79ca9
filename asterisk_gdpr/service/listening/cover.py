"""The sheet on top of a recording for a court: what it is, what was heard and chosen, what it proves.

The same facts as a page for a browser, which loads nothing from anywhere, and as blocks for the press.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from asterisk_gdpr.seal.manifest import Manifest

_CHANNELS = "The left channel is the caller, the right one everybody else."
_SOUND = {
    "flac": "as it was captured, to the last bit",
    "opus": "as Opus: what people do not hear of it was left out when it was sealed, during the call",
}
_CHECK = "HOW-TO-CHECK.txt says how all of this is checked without trusting who made it."


@dataclass(frozen=True)
class Cover:
    """A sheet; `made_at` is when and `by` who took the copy, for which `reason`, with whose `voices`.

    `silent` are the seconds, from and to, that are missing or damaged and play as silence in this copy.
    """

    manifest: Manifest
    by: str
    reason: str
    voices: str
    made_at: str
    silent: Sequence[tuple[float, float]] = ()

    def html(self) -> str:
        """As a page."""
        body = "".join(
            f"<h2>{html.escape(head)}</h2>{_list(lines) or '<p>nothing</p>'}" for head, lines in self._lists()
        )
        table = "".join(
            f"<tr><th scope='row'>{html.escape(name)}</th><td>{html.escape(value)}</td></tr>"
            for name, value in self._facts()
        )
        closing = "".join(f"<p>{html.escape(line)}</p>" for line in self._closing())
        title = html.escape(self._title())
        return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>body{{font:1rem/1.5 serif;max-width:45rem;margin:2rem auto;padding:0 1rem}}th{{text-align:left;
vertical-align:top;padding-right:1rem}}</style></head><body>
<h1>{title}</h1>
<table>{table}</table>
{body}
{closing}
</body></html>
"""

    def document(self) -> dict[str, Any]:
        """As `ports.Press` sets it."""
        rows = [[_spans(name), _spans(value)] for name, value in self._facts()]
        blocks: list[dict[str, Any]] = [
            {"kind": "heading", "level": 1, "spans": _spans(self._title())},
            {"kind": "table", "head": [_spans("What"), _spans("Is")], "rows": rows},
        ]
        for head, lines in self._lists():
            items = [[{"kind": "paragraph", "spans": _spans(line)}] for line in lines or ["nothing"]]
            blocks += [
                {"kind": "heading", "level": 2, "spans": _spans(head)},
                {"kind": "bullets", "items": items},
            ]
        blocks += [{"kind": "paragraph", "spans": _spans(line)} for line in self._closing()]
        return {"title": self._title(), "language": "en", "footer": self._title(), "blocks": blocks}

    def _title(self) -> str:
        return f"Recording {self.manifest['recording']}"

    def _facts(self) -> list[tuple[str, str]]:
        said = self.manifest
        keys = ", ".join(f"{key['digit']} at {key['at']}" for key in said["choice"]["keys"])
        gaps = ", ".join(f"{gap['started_at']} – {gap['ended_at']}" for gap in said["gaps"])
        facts = [
            ("Recording", said["recording"]),
            ("Call", said["call"]),
            ("Line, node", f"{said['line']}, {said['node']}"),
            ("From, to (UTC)", f"{said['started_at']} – {said['ended_at']}"),
            ("Length", f"{said['frames'] / said['rate']:.2f} s"),
            ("Sound", _SOUND[said.get("codec", "flac")]),
            ("Purposes", ", ".join(said["purposes"])),
            ("Policy", said["policy"]),
            ("Choice", f"{said['choice']['outcome']}; keys: {keys or 'none'}"),
            ("Voices in this copy", self.voices),
            ("Exported", f"{self.made_at} by {self.by}, for: {self.reason}"),
            ("Gaps", gaps or "none"),
        ]
        if self.silent:
            seconds = ", ".join(f"{start:.2f} s to {end:.2f} s" for start, end in self.silent)
            facts.append(("Silent in this copy, since it is missing or damaged", seconds))
        for step in said.get("derived", []):
            rate, spans = said["rate"], step["spans"]
            where = ", ".join(f"{first / rate:.2f} s to {last / rate:.2f} s" for first, last in spans)
            words = "silenced" if step["kind"] == "redacted" else "cut out"
            facts.append(("Made of", f"{step['manifest']['recording']}, {step['at']}: {where} {words}"))
        return facts

    def _lists(self) -> list[tuple[str, list[str]]]:
        said = self.manifest
        parts = [
            f"{part['id']}, {'heard to its end' if part['heard'] else 'not heard to its end'}"
            + (f": “{part['text']}”" if part.get("text") else "")
            for part in said["notice"]["parts"]
        ]
        parties = [
            f"{party['role']}: {party['why']}, {'cleared' if party['cleared'] else 'not cleared'}"
            for party in said["parties"]
        ]
        changes = [
            f"{change['at']} {'muted' if change['muted'] else 'opened'}: {change['reason']}"
            for capture in said["captures"]
            for change in capture["changes"]
        ]
        return [
            (f"What the caller heard first ({said['notice']['language']})", parts),
            ("Who was in the call besides the caller", parties),
            ("When it was captured", changes),
        ]

    def _closing(self) -> list[str]:
        within = f"Times are right to within {self.manifest['time_map']['tolerance_ms']} ms."
        return [f"{_CHANNELS} {within}", _CHECK]


def _list(lines: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{html.escape(line)}</li>' for line in lines)}</ul>" if lines else ""


def _spans(text: str) -> list[dict[str, Any]]:
    return [{"text": text, "code": False, "em": False, "strong": False, "link": None}]
