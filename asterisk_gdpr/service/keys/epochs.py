"""The change of epochs: a new key pair, everything that lives sealed anew to it, the old private key gone.

    files of the new key written → epoch committed → rows sealed anew, batch by batch → old epoch ended
    → journal emptied → old private key destroyed, looked for → certificate signed and committed

Each step may be repeated, and where it stands is in the register: what is killed anywhere is carried on by
the next run. An old private key goes only when nothing is sealed to it any more and the new one is on the
disk for every recipient. It is what ends the wrapped keys in old copies of the register.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from asterisk_gdpr.core.epoch import (
    Binding,
    Epoch,
    Position,
    Recipient,
    Role,
    SealedAnew,
    SealedRow,
    current,
    is_over,
    is_overdue,
    unfinished,
)
from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.errors import Damaged, GdprError, Refused, Unreachable
from asterisk_gdpr.ports import Alarm, Clock, EpochBook, ErasureBook, LedgerBook, Upkeep
from asterisk_gdpr.seal.epochs import seal_epoch
from asterisk_gdpr.seal.keys import ALGORITHM, VaultPrivateKey, data_key_info, field_info
from asterisk_gdpr.seal.signing import SigningKey
from asterisk_gdpr.service.keys.epoch_files import EpochFiles
from asterisk_gdpr.service.keys.vault_keys import public_key, strange_epochs, vouched_key, voucher_of
from asterisk_gdpr.service.proof.certificates import certify_epoch

_log = logging.getLogger(__name__)

OVERDUE = "epoch-overdue"
FAILED = "epoch-failed"
ESCROW_AWAY = "escrow-away"

_LEAST = timedelta(microseconds=1)
"""An epoch begins after the one before it, also by a clock that was set back."""

GRACE = timedelta(days=3)
"""How late an epoch may end before that is an alarm: a weekend on which nobody unlocks the vault."""


class Book(EpochBook, ErasureBook, LedgerBook, Upkeep, Protocol):
    """What the change of epochs needs of the register."""


@dataclass(frozen=True)
class Standing:
    """How an epoch stands: what is still sealed to it, and whether its private key is here."""

    epoch: Epoch
    sealed: int
    files: tuple[str, ...]


Told = Callable[[int, int], None]
"""Progress: rows sealed anew so far, and rows that were left when it began."""


class Epochs:
    """Begins and ends epochs.

    `keys` returns the private keys of all living epochs, read from their files anew, and raises
    `vault-locked`; `alone` keeps every other process from doing the same meanwhile.
    """

    def __init__(
        self,
        register: Book,
        files: EpochFiles,
        signer: SigningKey,
        clock: Clock,
        keys: Callable[[], Mapping[str, VaultPrivateKey]],
        *,
        life: timedelta,
        alone: Callable[[], AbstractContextManager[None]],
        batch: int = 200,
        pause: float = 0.0,
    ) -> None:
        """A `batch` of rows is one transaction, for which calls wait; `pause` seconds are left after it."""
        self._register = register
        self._files = files
        self._signer = signer
        self._clock = clock
        self._keys = keys
        self._life = life
        self._alone = alone
        self._batch = batch
        self._pause = pause

    def standings(self) -> list[Standing]:
        """Every epoch, oldest first."""
        return [self._standing(epoch) for epoch in self._register.epochs()]

    def rotate(self, by: str, told: Told | None = None) -> Epoch:
        """Begin a new epoch and end all others; returns the new one. Raises as `finish` does."""
        self._keys()
        with self._alone():
            self._refuse_strange_epochs()
            begun = begin_epoch(self._register, self._files, self._clock, self._signer)
            self._register.record("epoch-ordered", {"user": by, "epoch": begun.id}, self._clock.now())
            self._finish_all(told)
        return begun

    def finish(self, told: Told | None = None) -> list[Epoch]:
        """Carry on what was begun: seal anew, end, destroy; returns the epochs that are gone now.

        Raises Refused (`vault-locked`, `epoch-key-missing`), Damaged (`sealed-damaged`) or Unreachable; what
        was done is done, and the next run goes on.
        """
        with self._alone():
            return self._finish_all(told)

    def destroy(self, epoch: str) -> Epoch:
        """End one epoch to which nothing is sealed any more; Refused (`epoch-lives`, `unknown-epoch`)."""
        with self._alone():
            self._refuse_strange_epochs()
            found = next((each for each in self._register.epochs() if each.id == epoch), None)
            if found is None:
                raise Refused(f"There is no epoch {epoch}.", id="unknown-epoch")
            newest = current(self._register.epochs())
            if newest is not None and newest.id == epoch:
                raise Refused(
                    f"The epoch {epoch} is the current one: everything new is sealed to it.",
                    hint="Begin the next one by `asterisk-gdpr keys rotate`.",
                    id="epoch-lives",
                )
            return self._end(found)

    def tick(self) -> None:
        """What the page does again and again while it is unlocked; what goes wrong is an alarm."""
        epochs = self._register.epochs()
        newest = current(epochs)
        if newest is None:
            return
        due = is_over(newest, self._life, self._clock.now())
        if not due and not unfinished(epochs):
            return
        try:
            if due:
                self.rotate("page")
            else:
                self.finish()
        except GdprError as error:
            message = f"The change of the vault's key waits: {error.message}"
            self._register.raise_alarm(Alarm(FAILED, newest.id, self._clock.now(), message))
        else:
            _clear(self._register, FAILED, self._clock)

    def _finish_all(self, told: Told | None) -> list[Epoch]:
        self._refuse_strange_epochs()
        gone = []
        for epoch in unfinished(self._register.epochs()):
            if epoch.ended_at is None:
                self._seal_anew(epoch, told)
            gone.append(self._end(epoch))
        return gone

    def _seal_anew(self, old: Epoch, told: Told | None) -> None:
        newest = current(self._register.epochs())
        assert newest is not None, "an unfinished epoch has a successor"
        keys = self._keys()
        private, new = self._key(keys, old.id), self._key(keys, newest.id)
        public = vouched_key(newest, self._signer.verify_key)
        left, done, damaged = self._register.count_sealed(old.id), 0, 0
        for rows in self._walk(old.id):
            anew: list[SealedAnew] = []
            for row in rows:
                try:
                    values = {
                        column: _moved(private, new, public.seal, binding, value)
                        for column, (binding, value) in row.values.items()
                    }
                except Damaged:
                    damaged += 1
                    _log.error("a row of %s does not open under the epoch %s", row.table, old.id)
                else:
                    anew.append(SealedAnew(row, values))
            done += self._register.seal_anew(anew, newest.id)
            if told is not None:
                told(done, left)
            time.sleep(self._pause)
        if damaged:
            raise Damaged(
                f"{damaged} rows do not open under the epoch {old.id}: its key stays until they are gone.",
                hint="Look at `asterisk-gdpr recordings verify --open`, and restore the register if need be.",
                id="sealed-damaged",
            )

    def _refuse_strange_epochs(self) -> None:
        """While the register names a key that is not ours none is changed and none goes; `strange-epoch`."""
        for epoch in strange_epochs(self._register.epochs(), self._signer.verify_key):
            vouched_key(epoch, self._signer.verify_key)

    def _walk(self, epoch: str) -> Iterator[list[SealedRow]]:
        mark: Position | None = Position()
        while mark is not None:
            rows, mark = self._register.sealed_rows(epoch, mark, self._batch)
            if rows:
                yield rows

    def _end(self, epoch: Epoch) -> Epoch:
        self._require_successor()
        if not self._register.end_epoch(epoch.id, self._clock.now()):
            raise Refused(
                f"Something is still sealed to the epoch {epoch.id}.",
                hint="Seal it anew by `asterisk-gdpr keys rewrap`.",
                id="epoch-lives",
            )
        if epoch.destroyed_at is None:
            if not self._register.checkpoint():
                raise Unreachable(
                    "A reader holds up the register's journal, which still has what was sealed before.",
                    hint="Try again.",
                    id="register-busy",
                )
            ended = next(each for each in self._register.epochs() if each.id == epoch.id)
            names = self._files.destroy(epoch.id)
            now = self._clock.now()
            certificate = certify_epoch(ended, names, now, self._signer, wipes=self._register.wipes)
            self._register.finish_epoch(epoch.id, now, certificate)
        return next(each for each in self._register.epochs() if each.id == epoch.id)

    def _require_successor(self) -> None:
        """The key that everything is sealed to now must be on the disk for everybody before another goes."""
        newest = current(self._register.epochs())
        assert newest is not None, "an epoch that ends is known"
        for recipient in self._register.recipients():
            if not self._files.whole(newest.id, recipient):
                raise Refused(
                    f"The private key of the epoch {newest.id} is not there for {recipient.name}.",
                    hint="Restore its file; no key is destroyed before.",
                    id="epoch-key-missing",
                )

    def _key(self, keys: Mapping[str, VaultPrivateKey], epoch: str) -> VaultPrivateKey:
        try:
            return keys[epoch]
        except KeyError:
            raise Refused(
                f"The private key of the epoch {epoch} is not here, or not for this passphrase.",
                hint="Restore its file, or recover it by the escrow key: `asterisk-gdpr keys recover`.",
                id="epoch-key-missing",
            ) from None

    def _standing(self, epoch: Epoch) -> Standing:
        try:
            files = tuple(path.name for path in self._files.here(epoch.id))
        except Unreachable:
            files = ()
        return Standing(epoch, self._register.count_sealed(epoch.id), files)


def begin_epoch(register: Book, files: EpochFiles, clock: Clock, signer: SigningKey) -> Epoch:
    """Make a key pair, write its private half for every recipient, and let everything be sealed to it.

    Raises Refused (`no-recipient`, `strange-recipient`, `no-escrow`) and leaves nothing but files that hold
    nothing.
    """
    recipients = register.recipients()
    for stranger in files.strangers(recipients):
        raise Refused(
            f"The register names a key {stranger.key_id} for {stranger.name} that this installation did not "
            "make: nothing is sealed to it.",
            hint="Look who wrote that, then take it out: `asterisk-gdpr keys reject`.",
            id="strange-recipient",
        )
    for role in Role:
        if not any(recipient.role is role for recipient in recipients):
            raise Refused(
                f"There is no recipient of the role {role} who could open a new epoch.",
                hint="Run `asterisk-gdpr init` again.",
                id="no-recipient",
            )
    before = current(register.epochs())
    now = clock.now() if before is None else max(clock.now(), before.began_at + _LEAST)
    private = VaultPrivateKey.generate()
    for recipient in recipients:
        write_for(private, recipient, files, register, clock)
    begun = Epoch(private.public.id, ALGORITHM, private.public.to_bytes(), now)
    begun = replace(begun, voucher=voucher_of(begun, signer))
    register.add_epoch(begun.id, begun.algorithm, begun.public, now, begun.voucher)
    return begun


def write_for(
    private: VaultPrivateKey, recipient: Recipient, files: EpochFiles, register: Upkeep, clock: Clock
) -> None:
    """Write an epoch's private key for one recipient; a folder that is away is an alarm."""
    to = public_key(recipient.key_id, recipient.algorithm, recipient.public)
    document = seal_epoch(private, to, created_at=to_text(clock.now()))
    away = files.write(private.public.id, recipient, document)
    if away:
        message = f"{len(away)} of the folders for escrow copies could not be written: this epoch lacks them."
        register.raise_alarm(Alarm(ESCROW_AWAY, private.public.id, clock.now(), message))


def watch_epochs(register: Book, life: timedelta, clock: Clock) -> None:
    """Raise the alarm when an epoch should have ended and has not, and clear it when it has."""
    now, epochs = clock.now(), register.epochs()
    if is_overdue(epochs, life, GRACE, now):
        message = "The vault's key should have been changed: somebody must unlock the vault, or look why not."
        register.raise_alarm(Alarm(OVERDUE, epochs[-1].id, now, message))
    else:
        _clear(register, OVERDUE, clock)


def _clear(register: Upkeep, id: str, clock: Clock) -> None:
    for alarm in register.alarms():
        if alarm.id == id:
            register.clear_alarm(id, alarm.about, clock.now())


def _moved(
    old: VaultPrivateKey,
    new: VaultPrivateKey,
    seal: Callable[[bytes, bytes], bytes],
    binding: Binding,
    value: bytes,
) -> bytes:
    """The same secret sealed to the next epoch, proven to open there."""
    info = info_of(binding)
    plain = old.open(value, info)
    sealed = seal(plain, info)
    if new.open(sealed, info) != plain or len(sealed) != len(value):
        raise Damaged("What was sealed anew does not open as it should.")
    return sealed


def info_of(binding: Binding) -> bytes:
    """What a sealed value of the register is bound to, as its HPKE `info`."""
    match binding:
        case Binding("data-key", (recording, generation)):
            return data_key_info(recording, int(generation))
        case Binding("field", (table, column, row)):
            return field_info(table, column, row)
        case _:
            raise AssertionError(f"a sealed column of the use {binding.use} is not known here")
