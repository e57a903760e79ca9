"""The part of the register in memory that knows epochs, recipients and what is sealed to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from asterisk_gdpr.core.epoch import Binding, Epoch, Position, Recipient, SealedAnew, SealedRow, current
from asterisk_gdpr.errors import Refused


class MemoryEpochs:
    """Plays `ports.EpochBook`; the rest of `tests.fakes.register` has the tables."""

    _tables: Any
    record: Any
    _change_call: Any

    def add_epoch(
        self, epoch: str, algorithm: str, public: bytes, at: datetime, voucher: bytes | None = None
    ) -> None:
        if epoch in self._tables.epochs:
            raise Refused("There is an epoch of this id.", id="register-conflict")
        self._tables.epochs[epoch] = Epoch(epoch, algorithm, public, at, voucher=voucher)
        self.record("epoch-begun", {"epoch": epoch}, at)

    def vouch_epoch(self, epoch: str, voucher: bytes) -> None:
        self._tables.epochs[epoch] = replace(self._epoch(epoch), voucher=voucher)

    def reject_epoch(self, epoch: str, by: str, at: datetime) -> bool:
        self._epoch(epoch)
        if self._sealed(epoch):
            return False
        del self._tables.epochs[epoch]
        self.record("epoch-rejected", {"user": by, "epoch": epoch}, at)
        return True

    def reject_recipient(self, name: str, key_id: str, by: str, at: datetime) -> None:
        found = self._tables.recipients.get(name)
        if found is not None and found.key_id == key_id:
            del self._tables.recipients[name]
            self.record("recipient-rejected", {"user": by, "recipient": name, "key": key_id}, at)

    def epoch(self) -> tuple[str, bytes, datetime] | None:
        found = current(self.epochs())
        return (found.id, found.public, found.began_at) if found else None

    def epochs(self) -> list[Epoch]:
        return sorted(self._tables.epochs.values(), key=lambda epoch: epoch.began_at)

    def add_recipient(self, recipient: Recipient) -> None:
        self._tables.recipients[recipient.name] = recipient
        entry = {"recipient": recipient.name, "role": str(recipient.role), "key": recipient.key_id}
        self.record("recipient-added", entry, recipient.added_at)

    def recipients(self) -> list[Recipient]:
        return [recipient for _, recipient in sorted(self._tables.recipients.items())]

    def sealed_rows(self, epoch: str, after: Position, limit: int) -> tuple[list[SealedRow], Position | None]:
        rows = [row for row in self._sealed(epoch) if (row.table, row.key) > (after.table, after.key)]
        return rows[:limit], Position(rows[:limit][-1].table, rows[:limit][-1].key) if rows else None

    def count_sealed(self, epoch: str) -> int:
        return len(self._sealed(epoch))

    def _sealed(self, epoch: str) -> list[SealedRow]:
        numbers = [
            SealedRow(
                "callers",
                (call.id,),
                epoch,
                {"sealed": (Binding("field", ("calls", "caller", call.id)), call.caller_sealed)},
            )
            for _, call in sorted(self._tables.calls.items())
            if call.caller_epoch == epoch and call.caller_sealed
        ]
        keys = [
            SealedRow(
                "wrapped_keys",
                place,
                epoch,
                {"wrapped": (Binding("data-key", (key.recording, str(key.generation))), key.wrapped)},
            )
            for place, key in sorted(self._tables.keys.items())
            if key.epoch == epoch
        ]
        listed = [
            SealedRow(
                "nevers",
                (one.id,),
                epoch,
                {"sealed": (Binding("field", ("nevers", "number", one.id)), one.sealed)},
            )
            for _, one in sorted(self._tables.nevers.items())
            if one.epoch == epoch
        ]
        files = [
            SealedRow(
                "recorders",
                (one.id,),
                epoch,
                {"sealed": (Binding("field", ("recorders", "file", one.id)), one.sealed)},
            )
            for _, one in sorted(self._tables.recorders.items())
            if one.epoch == epoch and one.sealed
        ]
        return numbers + listed + files + keys

    def seal_anew(self, rows: Sequence[SealedAnew], epoch: str) -> int:
        done = 0
        for row in rows:
            if row.before not in self._sealed(row.before.epoch):
                continue
            done += 1
            if row.before.table == "callers":
                call = str(row.before.key[0])
                self._change_call(call, caller_sealed=row.values["sealed"], caller_epoch=epoch)
            elif row.before.table == "nevers":
                one = self._tables.nevers[str(row.before.key[0])]
                anew = replace(one, sealed=row.values["sealed"], epoch=epoch)
                self._tables.nevers[one.id] = anew
            elif row.before.table == "recorders":
                id = str(row.before.key[0])
                self._tables.recorders[id] = replace(
                    self._tables.recorders[id], sealed=row.values["sealed"], epoch=epoch
                )
            else:
                place = (str(row.before.key[0]), int(row.before.key[1]))
                old = self._tables.keys[place]
                self._tables.keys[place] = replace(old, epoch=epoch, wrapped=row.values["wrapped"])
        return done

    def end_epoch(self, epoch: str, at: datetime) -> bool:
        old = self._epoch(epoch)
        if old.ended_at is None:
            if self._sealed(epoch):
                return False
            self._tables.epochs[epoch] = replace(old, ended_at=at)
            self.record("epoch-ended", {"epoch": epoch}, at)
        return True

    def finish_epoch(self, epoch: str, at: datetime, certificate: bytes) -> None:
        old = self._epoch(epoch)
        if old.ended_at is None:
            raise Refused(f"The epoch {epoch} has not ended.", id="epoch-lives")
        if old.destroyed_at is None:
            self._tables.epochs[epoch] = replace(old, destroyed_at=at, certificate=certificate)
            self.record("epoch-destroyed", {"epoch": epoch}, at)

    def _epoch(self, epoch: str) -> Epoch:
        if epoch not in self._tables.epochs:
            raise Refused(f"There is no epoch {epoch}.", id="unknown-epoch")
        return self._tables.epochs[epoch]

    def _require_living_epoch(self, epoch: str) -> None:
        known = self._tables.epochs.get(epoch)
        if known is not None and known.ended_at is not None:
            raise Refused(f"The epoch {epoch} has ended.", id="epoch-over")
