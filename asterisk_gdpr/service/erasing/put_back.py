"""A register that is older than its erasure journal: somebody put back a copy of it, or the whole machine.

Such a register would bring back what was erased since. Each line of the journal names the entry of the
ledger that it copies, so the last line tells at once: the ledger has that entry, or it is another ledger.
Then the lines that it does not know are done again, before anything is opened or served, as by `restore`.

    lines that the ledger does not know → done again → the ledger and an alarm told → the journal told

Killed anywhere, the journal is ahead still, and the next start does it anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from asterisk_gdpr.errors import Damaged, Unreachable
from asterisk_gdpr.ports import Alarm, Clock, LedgerBook, Upkeep
from asterisk_gdpr.seal.canonical import canonical
from asterisk_gdpr.seal.signing import VerifyKey
from asterisk_gdpr.service.erasing.journal import COPIED, ErasureJournal, Line
from asterisk_gdpr.service.erasing.replay import Book as ReplayBook
from asterisk_gdpr.service.erasing.replay import replay

OLDER = "register-older"


class Book(ReplayBook, Upkeep, Protocol):
    """What doing it again needs of the register."""


def heed(
    files: ErasureJournal, register: Book, keys: Sequence[VerifyKey], clock: Clock, node: str
) -> Sequence[Line]:
    """Do again what the register does not know of its journal; returns those lines, as a rule none.

    A journal that cannot be reached tells nothing: that is an alarm of its own, and nothing is erased then.
    Raises Damaged when its end is not what was written.
    """
    try:
        with files.alone():
            last = files.last(keys)
            if last is None or _knows(register, last):
                return []
            behind = unknown(register, files.lines(keys))
            again = replay(register, behind, [], clock)
            told = {"lines": len(behind), "destroyed": len(again.destroyed), "left": len(again.left)}
            register.record("erased-again", told, clock.now())
            message = f"The register was older than its erasure journal: {len(behind)} lines were done again."
            register.raise_alarm(Alarm(OLDER, node, clock.now(), message))
            register.checkpoint()
            head = register.head()
            files.note_restored(head.seq if head else 0, {"lines": len(behind)})
            return behind
    except Unreachable:
        return []


def unknown(register: LedgerBook, lines: Sequence[Line]) -> Sequence[Line]:
    """The lines behind the last one that the ledger knows."""
    count = len(lines)
    while count and not _knows(register, lines[count - 1]):
        count -= 1
    return lines[count:]


def _knows(register: LedgerBook, line: Line) -> bool:
    """Whether the ledger has the entry that a line copies; of an erased payload its place and kind tell."""
    if line.ledger_seq == 0:
        return True
    try:
        found = register.entries(line.ledger_seq - 1, 1)
    except Damaged:
        return True  # `ledger verify` tells where
    if not found or found[0].seq != line.ledger_seq:
        return False
    if line.what not in COPIED:
        return True
    entry = found[0]
    if entry.kind != line.what:
        return False
    if entry.payload is None:
        return True
    facts = {name: entry.payload.get(name) for name in COPIED[line.what]}
    return canonical(facts) == canonical(dict(line.facts))
