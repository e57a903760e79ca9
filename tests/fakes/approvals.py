"""The part of the register in memory that holds approvals."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Approval


class MemoryApprovals:
    """Plays `ports.ApprovalBook` on the tables of the register that it is a part of."""

    _tables: Any
    record: Any

    def ask_approval(self, approval: Approval) -> None:
        self._tables.approvals[approval.id] = approval
        names = ("id", "recording", "purpose", "user", "reason")
        self.record("approval-asked", {name: getattr(approval, name) for name in names}, approval.asked_at)

    def approval(self, id: str) -> Approval:
        if id not in self._tables.approvals:
            raise Refused(f"There is no approval {id}.", id="unknown-approval")
        found: Approval = self._tables.approvals[id]
        return found

    def decide_approval(self, id: str, by: str, granted: bool, at: datetime, ends_at: datetime) -> None:
        asked = self.approval(id)
        if asked.user == by:
            raise Refused("A second person decides, not whoever asked.", id="own-approval")
        if asked.lapsed:
            raise Refused("Nobody has answered in time.", id="approval-lapsed")
        if asked.decided_at is not None:
            raise Refused("This has been decided already.", id="decided-already")
        self._tables.approvals[id] = replace(
            asked, decided_by=by, decided_at=at, granted=granted, ends_at=ends_at
        )
        told = {"approval": id, "recording": asked.recording, "user": by, "granted": granted}
        self.record("approval-decided", told, at)

    def lapse_approvals(self, asked_until: datetime, at: datetime) -> int:
        late = [one for one in self.open_approvals() if one.asked_at <= asked_until]
        for one in late:
            self._tables.approvals[one.id] = replace(one, decided_at=at)
            told = {"approval": one.id, "recording": one.recording, "user": one.user}
            self.record("approval-lapsed", told, at)
        return len(late)

    def open_approvals(self) -> list[Approval]:
        waiting = [one for one in self._tables.approvals.values() if one.decided_at is None]
        return sorted(waiting, key=lambda one: one.asked_at)

    def approvals(self, recording: str, user: str) -> list[Approval]:
        mine = [o for o in self._tables.approvals.values() if (o.recording, o.user) == (recording, user)]
        return sorted(mine, key=lambda one: one.asked_at, reverse=True)

    def approvals_by(self, user: str, limit: int) -> list[Approval]:
        mine = [one for one in self._tables.approvals.values() if one.user == user]
        return sorted(mine, key=lambda one: one.asked_at, reverse=True)[:limit]

    def wipe_approvals(self, recording: str) -> None:
        for id, one in list(self._tables.approvals.items()):
            if one.recording == recording:
                self._tables.approvals[id] = replace(
                    one, user="", decided_by="", decided_at=one.decided_at or one.asked_at
                )
