"""The fake register's part that plays `ports.RightsBook`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from asterisk_gdpr.core.rights import Handover, Remark, Restriction
from asterisk_gdpr.errors import Refused


class MemoryRights:
    """Restrictions, remarks and handovers in dicts; `_tables` is the register's own."""

    if TYPE_CHECKING:
        _tables: Any

        def record(self, kind: str, payload: Mapping[str, Any], at: datetime) -> Any: ...
        def begin(self, kind: str, of: str, at: datetime, policy: str = "") -> None: ...
        def recording(self, recording: str) -> Any: ...
        def tombstone(self, recording: str) -> Any: ...

    def add_restriction(self, restriction: Restriction) -> None:
        old = self.recording(restriction.recording)
        self._tables.restrictions[restriction.id] = restriction
        self._tables.recordings[old.id] = replace(old, restricted=True)
        entry = {"recording": old.id, "reason": str(restriction.ground)}
        self.record("recording-restricted", entry, restriction.at)

    def note_told(self, restriction: str, at: datetime) -> None:
        self._tables.restrictions[restriction] = replace(self.restriction(restriction), told_at=at)

    def lift_restriction(self, restriction: str, at: datetime) -> None:
        standing = self.restriction(restriction)
        if standing.lifted_at is not None:
            raise Refused("It is lifted already.", id="lifted-already")
        self._tables.restrictions[restriction] = replace(standing, lifted_at=at)
        old = self.recording(standing.recording)
        if not self.restrictions(old.id) and self.tombstone(old.id) is None:
            self._tables.recordings[old.id] = replace(old, restricted=False)
        self.record("restriction-lifted", {"recording": old.id}, at)

    def restriction(self, restriction: str) -> Restriction:
        if restriction not in self._tables.restrictions:
            raise Refused("There is no such restriction.", id="unknown-restriction")
        found: Restriction = self._tables.restrictions[restriction]
        return found

    def restrictions(self, recording: str = "") -> list[Restriction]:
        standing = [
            each
            for each in self._tables.restrictions.values()
            if each.lifted_at is None and recording in ("", each.recording)
        ]
        return sorted(standing, key=lambda each: (each.at, each.id))

    def add_remark(self, remark: Remark) -> None:
        self.recording(remark.recording)
        self._tables.remarks[remark.id] = remark
        entry = {"recording": remark.recording, "remark": remark.id, "kind": str(remark.kind)}
        self.record("remark-added", entry, remark.at)

    def remarks(self, recording: str) -> list[Remark]:
        found = [each for each in self._tables.remarks.values() if each.recording == recording and each.text]
        return sorted(found, key=lambda each: (each.at, each.id))

    def wipe_remarks(self, recording: str) -> None:
        for remark in self.remarks(recording):
            self._tables.remarks[remark.id] = replace(remark, text="", by="")

    def add_handover(self, handover: Handover) -> None:
        self.recording(handover.recording)
        self._tables.handovers[handover.id] = handover

    def handovers(self, recording: str = "", *, untold: bool = False) -> list[Handover]:
        found = [
            each
            for each in self._tables.handovers.values()
            if recording in ("", each.recording) and (each.untold or not untold)
        ]
        return sorted(found, key=lambda each: (each.at, each.id))

    def tell_recipients(self, recording: str, about: str, at: datetime) -> int:
        told = [each for each in self.handovers(recording) if each.recipient]
        for each in told:
            self._tables.handovers[each.id] = replace(each, tell_since=at, tell_about=about, told_at=None)
        return len(told)

    def settle_handovers(self, recording: str, at: datetime) -> None:
        self.tell_recipients(recording, "erased", at)
        for each in self.handovers(recording):
            self.begin("recipients", each.id, at)

    def note_recipient_told(self, handover: str, at: datetime) -> None:
        if handover not in self._tables.handovers:
            raise Refused("There is no such handover.", id="unknown-handover")
        self._tables.handovers[handover] = replace(self._tables.handovers[handover], told_at=at)
        self.record("recipient-told", {"handover": handover}, at)
