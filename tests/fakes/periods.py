"""The fake register's part that plays `ports.PeriodBook` and `ports.ClockBook`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from asterisk_gdpr.core.recording import State
from asterisk_gdpr.ports import Deadline, Shortening, Watched


class MemoryPeriods:
    """Deadlines in a dict; `_tables` is the register's own."""

    if TYPE_CHECKING:
        _tables: Any

        def record(self, kind: str, payload: Mapping[str, Any], at: datetime) -> Any: ...
        def erase_payloads(self, seqs: Iterable[int]) -> None: ...

    def begin(
        self, kind: str, of: str, at: datetime, policy: str = "", made_at: datetime | None = None
    ) -> None:
        self._tables.deadlines.setdefault((kind, of), Deadline(kind, of, at, policy, made_at=made_at))

    def stop(self, kind: str, of: str) -> None:
        self._tables.deadlines.pop((kind, of), None)

    def settle_call(self, call: str, at: datetime) -> None:
        row = self._tables.calls[call]
        if row.ended_at is not None:
            self.begin("call_data", call, row.ended_at, row.policy, row.arrived_at)
            if any(evidence.call == call for evidence in self._tables.choices):
                self.begin("choices", call, max(at, row.ended_at), row.policy, row.arrived_at)

    def undated(self, limit: int) -> list[Deadline]:
        return [each for each in self._tables.deadlines.values() if each.ends_at is None][:limit]

    def set_deadlines(self, dated: Iterable[Deadline]) -> None:
        for each in dated:
            old = self._tables.deadlines.get((each.kind, each.of))
            if old is not None and old.ends_at is None:
                self._tables.deadlines[each.kind, each.of] = replace(old, ends_at=each.ends_at)

    def deadlines(self, kind: str, after: str, limit: int) -> list[Deadline]:
        mine = [each for each in self._tables.deadlines.values() if each.kind == kind and each.of > after]
        return sorted(mine, key=lambda each: each.of)[:limit]

    def bring_forward(self, dated: Iterable[Deadline]) -> None:
        for each in dated:
            old = self._tables.deadlines.get((each.kind, each.of))
            if old is not None and old.ends_at is not None and each.ends_at and each.ends_at < old.ends_at:
                self._tables.deadlines[each.kind, each.of] = replace(old, ends_at=each.ends_at)

    def add_shortening(self, rule: Shortening, count: int, policy: str) -> None:
        self._tables.shortenings.append(rule)
        told = {"kind": rule.kind, "keep": str(rule.keep), "count": count, "policy": policy}
        self.record("data-shortened", told, rule.at)

    def shortenings(self) -> list[Shortening]:
        return list(self._tables.shortenings)

    def count_waiting(self, made_after: datetime | None = None) -> Mapping[str, Mapping[str, int]]:
        found: dict[str, Counter[str]] = {}
        for row in self._tables.calls.values():
            recording = self._tables.recordings.get(row.recording)
            lives = recording is not None and recording.state is not State.ERASED
            if (row.ended_at is not None and not lives) or (made_after and row.arrived_at <= made_after):
                continue
            counts = found.setdefault(row.policy, Counter())
            counts["call_data"] += 1
            counts["choices"] += row.chosen_at is not None
            counts["receipts"] += row.ended_at is None and row.id in self._tables.receipts
            counts["references"] += row.ended_at is None and row.id in self._tables.references
        return found

    def data_due(self, now: datetime, limit: int) -> list[Deadline]:
        return sorted(self._ended(now), key=lambda each: each.ends_at or now)[:limit]

    def count_deadlines(self, due_at: datetime | None = None) -> Mapping[str, int]:
        every = self._tables.deadlines.values() if due_at is None else self._ended(due_at)
        return Counter(each.kind for each in every)

    def _ended(self, now: datetime) -> list[Deadline]:
        return [each for each in self._tables.deadlines.values() if each.ends_at and each.ends_at <= now]

    def overwrite(self, deadlines: Sequence[Deadline]) -> None:
        for each in deadlines:
            getattr(self, f"_wipe_{each.kind}")(each.of)

    def _wipe_call_data(self, of: str) -> None:
        self._tables.queues.pop(of, None)
        row = self._tables.calls[of]
        midnight = {"hour": 0, "minute": 0, "second": 0, "microsecond": 0}
        days = {
            name: getattr(row, name) and getattr(row, name).replace(**midnight)
            for name in ("arrived_at", "chosen_at", "ended_at")
        }
        self._tables.calls[of] = replace(row, channel="", linkedid="", **days)
        for other in [one for one in self._tables.recorders.values() if one.call == of]:
            self._tables.recorders[other.id] = replace(other, sealed=None)

    def _wipe_choices(self, of: str) -> None:
        midnight = {"hour": 0, "minute": 0, "second": 0, "microsecond": 0}
        self._tables.choices = [
            replace(each, facts={}, at=each.at.replace(**midnight)) if each.call == of else each
            for each in self._tables.choices
        ]

    def _wipe_listening_log(self, of: str) -> None:
        self.erase_payloads([int(of)])

    def _wipe_agents(self, of: str) -> None:
        self._tables.agents[of] = replace(self._tables.agents[of], endpoint="", version="")

    def _wipe_users(self, of: str) -> None:
        self._tables.users.pop(of, None)

    def _wipe_alarms(self, of: str) -> None:
        alarm = self._tables.alarms[int(of)]
        self._tables.alarms[int(of)] = replace(alarm, about="", message="", seen_to_by="")

    def _wipe_receipts(self, of: str) -> None:
        self._tables.receipts.pop(of, None)

    def _wipe_references(self, of: str) -> None:
        self._tables.references.pop(of, None)

    def _wipe_never_list(self, of: str) -> None:
        self._tables.nevers.pop(of, None)

    def _wipe_recipients(self, of: str) -> None:
        self._tables.handovers[of] = replace(self._tables.handovers[of], by="", recipient="")

    def _wipe_requests(self, of: str) -> None:
        words = ("contact", "asked", "extension", "opened_by", "identified_by", "assigned_to", "closed_by")
        blank: dict[str, Any] = dict.fromkeys(words, "")
        self._tables.requests[of] = replace(self._tables.requests[of], subject=None, **blank)

    def _wipe_holds(self, of: str) -> None:
        hold, kept = self._tables.holds[of]
        self._tables.holds[of] = (replace(hold, case="", why="", by="", ended_by=""), kept)

    def close_deadlines(self, deadlines: Sequence[Deadline], at: datetime) -> None:
        counts: Counter[str] = Counter()
        for each in deadlines:
            if self._tables.deadlines.pop((each.kind, each.of), None):
                counts[each.kind] += 1
        for kind, count in sorted(counts.items()):
            self.record("data-erased", {"kind": kind, "count": count}, at)

    def claim(self, work: str, node: str, now: datetime, until: datetime) -> bool:
        holder = self._tables.claims.get(work)
        if holder is not None and holder[0] != node and holder[1] > now:
            return False
        self._tables.claims[work] = (node, until)
        return True

    def watched(self, node: str) -> Watched | None:
        return self._tables.clocks.get(node)

    def watch(self, watched: Watched) -> None:
        before = self._tables.clocks.get(watched.node)
        self._tables.clocks[watched.node] = watched
        if (before is None or before.doubted_at is None) != (watched.doubted_at is None):
            kind = "clock-believed" if watched.doubted_at is None else "clock-doubted"
            self.record(kind, {"node": watched.node}, watched.doubted_at or watched.seen.at)
