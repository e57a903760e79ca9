"""The copy that somebody who takes calls is given of what is kept of them (Art. 15): one zip.

`index.html` says it, `data.json` holds the same for programs, `notice.html` is the notice for those who take
calls, with bases, periods and rights as they are now. `audio/` has their side of the recordings that they
took part in, and nothing of the caller's; which those are is known only under the staff agreement.
The ledger has each recording before its first byte is opened.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import Any, Protocol

from asterisk_gdpr.core.evaluation import Evaluation
from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Agent, Clock
from asterisk_gdpr.service.documents.documents import Documents, Kind
from asterisk_gdpr.service.documents.facts import said
from asterisk_gdpr.service.listening.exports import Book as ExportBooks
from asterisk_gdpr.service.listening.exports import Exports
from asterisk_gdpr.service.listening.masking import others_side
from asterisk_gdpr.service.listening.sound import HEADER_LENGTH
from asterisk_gdpr.service.people.agents import Kept, KeptBook, kept_of
from asterisk_gdpr.service.rights.packages import controller_data

FORMAT = 1
"""The version of `data.json`."""


class Book(KeptBook, ExportBooks, Protocol):
    """What a copy needs of the register."""


class AgentCopies:
    """Puts the copies together; with the sound, the vault must be unlocked."""

    def __init__(
        self,
        register: Book,
        exports: Exports,
        documents: Documents,
        policy: Callable[[], Policy],
        clock: Clock,
        zone: tzinfo,
    ) -> None:
        self._register = register
        self._exports = exports
        self._documents = documents
        self._policy = policy
        self._clock = clock
        self._zone = zone

    def check(self, language: str) -> None:
        """Raise Refused (`no-template`) where this cannot be said in a language."""
        there = self._documents.languages(Kind.AGENT)
        if language not in there:
            raise Refused(
                f"There are no words for it in {language!r}.",
                hint=f"There are: {', '.join(there)}.",
                id="no-template",
            )

    def zip(self, agent: Agent, by: str, language: str, *, sound: bool) -> bytes:
        """The copy as a zip file; raises Refused as `check`, or `vault-locked`, `container-missing`."""
        self.check(language)
        kept = kept_of(self._register, agent)
        data = self._data(kept, language)
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
            for told in data["recordings"] if sound else ():
                if (flac := self._sound(told["recording"], by, agent)) is not None:
                    told["audio"] = f"audio/{told['recording']}.flac"
                    package.writestr(told["audio"], flac, zipfile.ZIP_STORED)
            if not sound:
                what = {"agent": agent.id, "user": by}
                self._register.record("agent-data-given", what, self._clock.now())
            package.writestr("data.json", json.dumps(data, ensure_ascii=False, indent=2))
            package.writestr("index.html", self._page(data, language))
            notice = self._documents.agents(language)
            package.writestr("notice.html", self._documents.html(notice))
        return stream.getvalue()

    # --- inside

    def _sound(self, recording: str, by: str, agent: Agent) -> bytes | None:
        """Their side; None of what is not closed yet, or gone meanwhile."""
        try:
            self._exports.check_for_subject(recording)
        except Refused:
            return None
        exported = self._exports.take_for_agent(recording, by, agent.id)
        return others_side(exported.wav[HEADER_LENGTH:], exported.rate)

    def _data(self, kept: Kept, language: str) -> dict[str, Any]:
        policy, agent = self._policy(), kept.agent
        return {
            "format": FORMAT,
            "made_at": to_text(self._clock.now()),
            "controller": controller_data(policy.controller),
            "agent": {
                "agent": agent.id,
                "endpoint": agent.endpoint,
                "standing": agent.standing,
                "version": agent.version,
                "since": to_text(agent.withdrawn_at or agent.at),
            },
            "history": [
                {"at": to_text(each.at), "standing": each.standing, "version": each.version}
                for each in kept.history
            ],
            "agreement": policy.agents.agreement or None,
            "recordings": [self._recording(each, language) for each in kept.recordings],
            "evaluations": [self._evaluation(each, language) for each in kept.evaluations],
            "periods": {"agents": str(policy.keep.agents), "evaluations": str(policy.keep.evaluations)},
        }

    def _recording(self, recording: str, language: str) -> dict[str, Any]:
        found, known = self._register.found(recording), self._policy().purposes
        row = found.recording
        return {
            "recording": recording,
            "line": row.line,
            "created_at": to_text(row.created_at),
            "seconds": round(row.frames / row.rate, 3),
            "audio": None,
            "purposes": [
                {
                    "purpose": term.purpose,
                    "title": said(known[term.purpose].title, language) if term.purpose in known else None,
                    "until": term.expires_at and to_text(term.expires_at),
                    "ended_at": term.ended_at and to_text(term.ended_at),
                }
                for term in found.terms
            ],
        }

    def _evaluation(self, given: Evaluation, language: str) -> dict[str, Any]:
        form = self._policy().evaluations.get(given.form)
        return {
            "recording": given.recording,
            "form": given.form,
            "title": said(form.title, language) if form else None,
            "at": to_text(given.at),
            "by": given.user,
            "score": given.score,
            "points": {
                said(form.items[name].title, language) if form and name in form.items else name: points
                for name, points in given.points.items()
            },
            "comment": given.comment,
        }

    def _page(self, data: Mapping[str, Any], language: str) -> str:
        def moment(text: str | None) -> str:
            if text is None:
                return "–"
            return datetime.fromisoformat(text).astimezone(self._zone).strftime("%Y-%m-%d %H:%M")

        common = self._documents.common(language)
        told = {**common, "data": data, "moment": moment}
        return self._documents.html(self._documents.write(Kind.AGENT, language, told))
