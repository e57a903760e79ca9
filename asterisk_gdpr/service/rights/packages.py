"""The copy that a person is given of their data (Art. 15 and 20): one zip, for people and for programs.

`index.html` says it in the person's language, `data.json` holds the same for programs, `audio/` has each
recording as FLAC. It is put together in memory and leaves as an age file: plaintext touches no disk of ours.
The ledger has each recording before its first byte is opened.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Protocol

from jinja2 import Environment, StrictUndefined

from asterisk_gdpr.core.letters import LetterTexts
from asterisk_gdpr.core.policy import Controller, Policy
from asterisk_gdpr.core.requests import Request, Right, Voices
from asterisk_gdpr.core.rights import RemarkKind
from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import ActivityBook, CallBook, Clock, Found, Looked, MarkBook
from asterisk_gdpr.service.listening.exports import Book as ExportBooks
from asterisk_gdpr.service.listening.exports import Exports
from asterisk_gdpr.service.listening.masking import flac_of
from asterisk_gdpr.service.listening.sound import HEADER_LENGTH

FORMAT = 1
"""The version of `data.json`."""

_ENVIRONMENT = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


class Book(ExportBooks, CallBook, ActivityBook, MarkBook, Protocol):
    """What a package needs of the register."""


@dataclass(frozen=True)
class Template:
    """The page of a package (Jinja), and the words of each language."""

    page: str
    letters: Mapping[str, LetterTexts]


class Packages:
    """Puts packages together; `heard` tells the text of a prompt by the SHA-256 of its sound, if known."""

    def __init__(
        self,
        register: Book,
        exports: Exports,
        policy: Callable[[], Policy],
        heard: Callable[[str], str | None],
        template: Template,
        clock: Clock,
        zone: tzinfo,
    ) -> None:
        self._register = register
        self._exports = exports
        self._policy = policy
        self._heard = heard
        self._template = template
        self._clock = clock
        self._zone = zone

    def check(self, recordings: Sequence[str]) -> None:
        """Raise Refused when one cannot be opened for its subject: `not-sealed`, `unknown-recording`."""
        for recording in recordings:
            self._exports.check_for_subject(recording)

    def check_given(self, request: Request, recordings: Sequence[str]) -> None:
        """Raise Refused (`no-package`) unless each was handed out for this request; the ledger knows."""
        given = set()
        for recording in recordings:
            for entry in self._register.look_up(Looked(about=(recording,), kind="given", limit=1000)):
                if entry.payload is not None and entry.payload.get("request") == request.id:
                    given.add(recording)
        if given != set(recordings):
            raise Refused(
                "The copies have not been handed out.", hint="Take the package first.", id="no-package"
            )

    def zip(self, request: Request, recordings: Sequence[str], by: str, voices: Voices) -> bytes:
        """The package as a zip file; raises Refused as `check`, or `vault-locked`, `container-missing`."""
        self.check(recordings)
        texts = self._texts(request.language)
        data = self._data(request, recordings, voices, texts)
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
            for place, recording in enumerate(recordings):
                exported = self._exports.take_for_subject(recording, by, request.id)
                flac = flac_of(exported.wav[HEADER_LENGTH:], exported.rate, voices)
                package.writestr(f"audio/{recording}.flac", flac, zipfile.ZIP_STORED)
                data["recordings"][place]["silent"] = [
                    {"from_seconds": span.start, "to_seconds": span.end} for span in exported.silent
                ]
            text = json.dumps(data, ensure_ascii=False, indent=2)
            package.writestr("data.json", text)
            package.writestr("index.html", self._page(request, data, texts))
        return stream.getvalue()

    # --- what it says

    def _texts(self, language: str) -> LetterTexts:
        texts = self._template.letters.get(language)
        if texts is None:
            raise Refused(f"There are no words in {language!r}.", id="no-letter")
        return texts

    def _data(
        self, request: Request, recordings: Sequence[str], voices: Voices, texts: LetterTexts
    ) -> dict[str, Any]:
        policy, say = self._policy(), texts.words["package"]
        return {
            "format": FORMAT,
            "request": request.id,
            "right": request.right.value,
            "made_at": to_text(self._clock.now()),
            "controller": controller_data(policy.controller),
            "voices": voices.value,
            "recipients": [
                {
                    "title": _title(each.title, request.language),
                    "processor": each.processor,
                    "country": each.country or None,
                    "safeguards": each.safeguards or None,
                }
                for each in policy.recipients.values()
            ],
            "law": {part: say[part] for part in ("rights", "source", "automated", "complaint")},
            "recordings": [self._recording(recording, request.language) for recording in recordings],
        }

    def _recording(self, recording: str, language: str) -> dict[str, Any]:
        found = self._register.found(recording)
        row, call = found.recording, found.call
        evidence = self._register.evidence(call.id)
        facts: Mapping[str, Any] = evidence.facts if evidence else {}
        return {
            "recording": row.id,
            "audio": f"audio/{row.id}.flac",
            "seconds": round(row.frames / row.rate, 3),
            "rate": row.rate,
            "restricted": row.restricted,
            "call": {
                "call": call.id,
                "line": call.line,
                "language": call.language,
                "arrived_at": to_text(call.arrived_at),
                "ended_at": call.ended_at and to_text(call.ended_at),
                "queues": self._register.queues_of(call.id),
                "asterisk_channel": call.channel,
            },
            "choice": call.choice,
            "keys_pressed": facts.get("keys", []),
            "notice": [
                {
                    "part": part["id"],
                    "heard_to_the_end": part["heard"],
                    "text": part.get("text") or self._heard(part["sha256"]),
                    "sha256": part["sha256"],
                }
                for part in facts.get("notice", [])
            ],
            "purposes": self._purposes(found, language),
            "recipients": [
                {"recipient": copy.recipient, "at": to_text(copy.at)}
                for copy in self._register.handovers(recording)
                if copy.recipient
            ],
            "corrections": [
                {"text": remark.text, "at": to_text(remark.at)}
                for remark in self._register.remarks(recording)
                if remark.kind is RemarkKind.CORRECTION
            ],
            "comments": self._comments(recording),
        }

    def _comments(self, recording: str) -> list[dict[str, Any]]:
        """What listeners noted at it, which is the caller's own data too; not who they were."""
        noted = [
            {"text": remark.text, "at": to_text(remark.at), "at_seconds": None}
            for remark in self._register.remarks(recording)
            if remark.kind is RemarkKind.COMMENT
        ]
        marked = [
            {"text": mark.text, "at": to_text(mark.made_at), "at_seconds": mark.at_ms / 1000}
            for mark in self._register.marks(recording)
            if mark.text
        ]
        return noted + marked

    def _purposes(self, found: Found, language: str) -> list[dict[str, Any]]:
        known = self._policy().purposes
        return [
            {
                "purpose": term.purpose,
                "title": _title(known[term.purpose].title, language) if term.purpose in known else None,
                "basis": term.basis.value,
                "keep": str(term.keep),
                "until": term.expires_at and to_text(term.expires_at),
                "ended_at": term.ended_at and to_text(term.ended_at),
            }
            for term in found.terms
        ]

    def _page(self, request: Request, data: Mapping[str, Any], texts: LetterTexts) -> str:
        def moment(text: str | None) -> str:
            if text is None:
                return "–"
            return datetime.fromisoformat(text).astimezone(self._zone).strftime(texts.moment)

        page = _ENVIRONMENT.from_string(self._template.page)
        return page.render(
            data=data,
            say=texts.words["package"],
            bases=texts.words["bases"],
            choices=texts.words["choices"],
            language=texts.language,
            moment=moment,
            portable=request.right is Right.PORTABILITY,
        )


def controller_data(controller: Controller) -> dict[str, str | None]:
    """Who is responsible, as a copy says it to programs."""
    return {
        "name": controller.name,
        "contact": controller.contact,
        "officer": controller.officer or None,
        "authority": controller.authority or None,
        "privacy_url": controller.privacy_url,
    }


def _title(titles: Mapping[str, str], language: str) -> str:
    return titles.get(language) or next(iter(titles.values()))
