"""The part of the register in memory that tells of how the work goes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Any

from asterisk_gdpr.core.ledger import Entry
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Looked, Tally


class MemoryActivity:
    """Plays `ports.ActivityBook` on the tables of the register that it is a part of."""

    _tables: Any
    record: Any

    def tally(self, since: datetime, until: datetime) -> list[Tally]:
        counted = Counter(
            (
                call.arrived_at.replace(minute=0, second=0, microsecond=0),
                call.line,
                call.language,
                call.choice or "",
            )
            for call in self._tables.calls.values()
            if since <= call.arrived_at < until
        )
        return [Tally(*of, calls=count) for of, count in counted.items()]

    def look_up(self, looked: Looked) -> list[Entry]:
        found = [
            entry
            for entry in reversed(self._tables.ledger)
            if (not looked.about or _about(entry) in looked.about)
            and looked.kind in ("", entry.kind)
            and (looked.since is None or entry.at >= looked.since)
            and (looked.until is None or entry.at < looked.until)
            and (looked.before is None or entry.seq < looked.before)
        ]
        return found[: looked.limit]

    def kinds(self) -> list[str]:
        return sorted({entry.kind for entry in self._tables.ledger})

    def see_to(self, id: str, about: str, by: str, at: datetime) -> None:
        for place, alarm in enumerate(self._tables.alarms):
            if (alarm.id, alarm.about, alarm.cleared_at) == (id, about, None):
                self._tables.alarms[place] = replace(alarm, seen_to_at=at, seen_to_by=by)
                self.record("alarm-seen-to", {"user": by, "alarm": id, "about": about}, at)
                return
        raise Refused("This alarm stands no more.", id="no-such-alarm")


def _about(entry: Entry) -> str | None:
    told = entry.payload or {}
    return told.get("recording") or told.get("call")
