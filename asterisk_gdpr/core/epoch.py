"""Epochs, recipients, and what is sealed to an epoch's key, as values: the words of the register.

An *epoch* is the life of one key pair of the vault. A *recipient* is who can open an epoch's private key:
a key pair of its own, with a name and a role. At an epoch's end everything that lives is sealed anew to the
next one, and its private key is destroyed: the only thing that reaches old copies of the register.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Role(StrEnum):
    """What a recipient is for."""

    PAGE = "page"
    """Opens recordings day by day: its private key lies on the page's machine, protected."""
    ESCROW = "escrow"
    """Lies elsewhere, for the day on which the page's key is lost."""


@dataclass(frozen=True)
class Recipient:
    """Who can open the private keys of epochs; `public` is encoded as `algorithm` says."""

    name: str
    role: Role
    algorithm: str
    key_id: str
    public: bytes
    added_at: datetime


@dataclass(frozen=True)
class Epoch:
    """One key pair of the vault; `ended_at`: nothing is sealed to it any more, nor may be.

    `destroyed_at`: its private key is gone, which `certificate` proves. `voucher` is the installation's
    signed word that it made this pair: the register alone is not believed (`seal.vouchers`).
    """

    id: str
    algorithm: str
    public: bytes
    began_at: datetime
    ended_at: datetime | None = None
    destroyed_at: datetime | None = None
    certificate: bytes | None = None
    voucher: bytes | None = None


@dataclass(frozen=True)
class Binding:
    """What a sealed value is bound to: `use` is `data-key` or `field`, `parts` name its place."""

    use: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class SealedRow:
    """A row of the register in which values are sealed to an epoch's key; `key` names the row in `table`."""

    table: str
    key: tuple[str | int, ...]
    epoch: str
    values: Mapping[str, tuple[Binding, bytes]]


@dataclass(frozen=True)
class SealedAnew:
    """The same row under the next epoch: what lay there, and what is to lie there, by column."""

    before: SealedRow
    values: Mapping[str, bytes]


@dataclass(frozen=True)
class Position:
    """Where a walk over everything that is sealed stands: a table, and the row last seen in it."""

    table: str = ""
    key: tuple[str | int, ...] = ()


def current(epochs: Sequence[Epoch]) -> Epoch | None:
    """The one that everything new is sealed to."""
    return max(epochs, key=lambda epoch: epoch.began_at, default=None)


def unfinished(epochs: Sequence[Epoch]) -> list[Epoch]:
    """Those that should be gone and are not: all but the current one, oldest first."""
    newest = current(epochs)
    living = [epoch for epoch in epochs if epoch is not newest and epoch.destroyed_at is None]
    return sorted(living, key=lambda epoch: epoch.began_at)


def is_over(epoch: Epoch, life: timedelta, now: datetime) -> bool:
    """Whether an epoch has lived as long as it may."""
    return now - epoch.began_at >= life


def is_overdue(epochs: Sequence[Epoch], life: timedelta, grace: timedelta, now: datetime) -> bool:
    """Whether an epoch that must end has not done so in time, or an old private key is still there."""
    newest = current(epochs)
    if newest is None:
        return False
    late = is_over(newest, life + grace, now)
    return late or (bool(unfinished(epochs)) and now - newest.began_at >= grace)
