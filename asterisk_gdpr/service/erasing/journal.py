"""The erasure journal: what may never come back from a backup, in files apart from the register.

Each line is a signed document of the kind `erasure_journal`; each names the SHA-256 of the line before it,
and the entry of the ledger that it copies. It is written before a key is destroyed, to every folder that the
configuration names, and what a folder has missed is written there later.

    {"body":{"at":…,"before":…,"facts":{…},"ledger_seq":…,"seq":1,"what":"tombstone-set"},…}

So whoever restores an older register can do again every erasure that came after it, and can tell a journal
that was changed, cut or left behind.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from asterisk_gdpr.core.times import from_text, to_text
from asterisk_gdpr.errors import Damaged, GdprError, Refused, Unreachable
from asterisk_gdpr.ports import Alarm, Clock, LedgerBook, Upkeep
from asterisk_gdpr.seal.canonical import parse_canonical
from asterisk_gdpr.seal.evidence import sign_document, verify_document
from asterisk_gdpr.seal.signing import SigningKey, VerifyKey

NAME = "erasures.journal"
BEGUN = "begun"
"""The first line."""

RESTORED = "restored"
"""A line which says that the register was restored: from here on its ledger counts anew."""

COPIED = {
    "tombstone-set": ("recording", "reason"),
    "tombstone-moved": ("recording", "reason"),
    "keys-destroyed": ("recording",),
    "purposes-ended": ("recording", "purposes", "by"),
    "recording-restricted": ("recording", "reason"),
    "hold-lifted": ("hold",),
    "hold-over": ("hold",),
    "request-fulfilled": ("request",),
    "request-refused": ("request",),
}
"""The kinds of the ledger's entries that are copied, with what of them: ids and codes, and no person."""

_kind = "erasure_journal"
_page = 1000
_LONGEST = 16384
"""Bytes of a line at most: ids and codes, and no text of anybody."""


class Book(LedgerBook, Protocol):
    """What the journal follows."""


@dataclass(frozen=True)
class Line:
    """One line: `ledger_seq` is the entry of the ledger that it copies, `hash` the SHA-256 of its bytes."""

    seq: int
    at: datetime
    what: str
    ledger_seq: int
    facts: Mapping[str, Any]
    hash: str


@dataclass(frozen=True)
class JournalHead:
    """How far a journal had come: what a backup remembers of it; `seq` 0 is an empty one."""

    seq: int = 0
    hash: str = ""
    ledger_seq: int = 0


@dataclass(frozen=True)
class _Copy:
    """A file of the journal as it lies there: its length up to the last whole line, and that line's head."""

    file: Path
    size: int
    head: JournalHead
    line: bytes = b""


class ErasureJournal:
    """The journal in its folders; one that is away is caught up when it is back."""

    def __init__(
        self,
        folders: Sequence[Path],
        ledger: Callable[[], Book],
        signer: Callable[[], SigningKey],
        clock: Clock,
    ) -> None:
        self._files = [folder / NAME for folder in folders]
        self._ledger = ledger
        self._signer = signer
        self._clock = clock
        self._looked_at = 0
        self._thread = threading.RLock()
        self._held = 0

    def catch_up(self) -> list[Path]:
        """Copy what the ledger has told since; returns the files that could not be written.

        Raises Unreachable (`journal-away`) when none could, and Damaged when the copies contradict.
        """
        with self.alone():
            copies = self._copies()
            last = _longest(copies).head
            fresh = b""
            if last.seq == 0:  # so that an empty journal is another thing than a missing one
                fresh, last = self._line(last, BEGUN, 0, {})
            after = max(last.ledger_seq, self._looked_at)
            while entries := self._ledger().entries(after, _page):
                for entry in entries:
                    if entry.kind in COPIED and entry.payload is not None:
                        facts = {name: entry.payload[name] for name in COPIED[entry.kind]}
                        line, last = self._line(last, entry.kind, entry.seq, facts)
                        fresh += line
                after = entries[-1].seq
            away = self._write(copies, fresh)
            self._looked_at = after
            return away

    def note_restored(self, ledger_seq: int, facts: Mapping[str, Any]) -> list[Path]:
        """The register that goes on from here is a restored one whose ledger stands at `ledger_seq`."""
        with self.alone():
            copies = self._copies()
            line, _ = self._line(_longest(copies).head, RESTORED, ledger_seq, facts)
            self._looked_at = 0
            return self._write(copies, line)

    def head(self) -> JournalHead:
        """How far the longest copy has come; Unreachable when none can be read."""
        return _longest(self._copies()).head

    def last(self, keys: Sequence[VerifyKey]) -> Line | None:
        """The last line of the longest copy, None of an empty one; Unreachable or Damaged."""
        line = _longest(self._copies()).line
        return _read(line, keys) if line else None

    def lines(self, keys: Sequence[VerifyKey]) -> list[Line]:
        """Every line; raises as `read_journal`, and Unreachable."""
        return read_journal([copy.file.read_bytes() for copy in self._copies() if copy.size], keys)

    def _line(
        self, last: JournalHead, what: str, ledger_seq: int, facts: Mapping[str, Any]
    ) -> tuple[bytes, JournalHead]:
        body: dict[str, object] = {
            "seq": last.seq + 1,
            "before": last.hash,
            "at": to_text(self._clock.now()),
            "what": what,
            "ledger_seq": ledger_seq,
            "facts": dict(facts),
        }
        line = sign_document(_kind, body, self._signer())
        return line, JournalHead(last.seq + 1, hashlib.sha256(line).hexdigest(), ledger_seq)

    def _copies(self) -> list[_Copy]:
        """What each file holds now, by its end; files whose folder is away are left out."""
        copies = []
        for file in self._files:
            try:
                if file.parent.is_dir():
                    copies.append(_look(file))
            except OSError:
                continue
        if not copies:
            raise Unreachable(
                "No folder of the erasure journal can be reached: nothing may be erased that is not in it.",
                hint="Look at journal.folders in the configuration.",
                id="journal-away",
            )
        return copies

    def _write(self, copies: Sequence[_Copy], fresh: bytes) -> list[Path]:
        longest = _longest(copies)
        there = {copy.file for copy in copies}
        away = [file for file in self._files if file not in there]
        for copy in copies:
            try:
                missing = _missing(longest, copy) + fresh
                if missing:
                    _append(copy.file, copy.size, missing)
            except OSError:
                away.append(copy.file)
        if len(away) == len(self._files):
            raise Unreachable("The erasure journal cannot be written anywhere.", id="journal-away")
        return away

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One writer at a time, by the first folder that can be locked; who has it may ask again."""
        with self._thread, ExitStack() as held:
            self._held += 1
            held.callback(self._let_go)
            for file in self._files if self._held == 1 else ():
                try:
                    handle = os.open(file.parent / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                except OSError:
                    continue
                held.callback(os.close, handle)
                fcntl.flock(handle, fcntl.LOCK_EX)
                break
            yield

    def _let_go(self) -> None:
        self._held -= 1


class Journal:
    """The journal of an installation: a folder that is away is an alarm until it has caught up."""

    def __init__(self, files: ErasureJournal, register: Upkeep, clock: Clock, node: str) -> None:
        self.files = files
        self._register = register
        self._clock = clock
        self._node = node
        self._lagging: bool | None = None

    def write(self) -> None:
        """Bring every copy up to date; raises when none could be."""
        try:
            lagging = bool(self.files.catch_up())
        except GdprError:
            self._tell(lagging=True)
            raise
        self._tell(lagging=lagging)

    def _tell(self, *, lagging: bool) -> None:
        if lagging == self._lagging:
            return
        now = self._clock.now()
        if lagging:
            message = "A copy of the erasure journal cannot be written: it lacks what is erased meanwhile."
            self._register.raise_alarm(Alarm("journal-away", self._node, now, message))
        else:
            self._register.clear_alarm("journal-away", self._node, now)
        self._lagging = lagging

    def head(self) -> JournalHead:
        """How far it has come."""
        return self.files.head()

    def note_restored(self, ledger_seq: int, facts: Mapping[str, Any]) -> None:
        """The register that goes on is a restored one."""
        self.files.note_restored(ledger_seq, facts)


def read_journal(copies: Iterable[bytes], keys: Sequence[VerifyKey]) -> list[Line]:
    """The lines of the longest copy; Damaged with the line that was changed, or when copies contradict."""
    known = sorted((_whole(copy) for copy in copies), key=len)
    if not known:
        raise Refused("There is no erasure journal.", id="journal-missing")
    longest = known[-1]
    if not all(longest.startswith(copy) for copy in known):
        raise Damaged("The copies of the erasure journal contradict each other.", id="journal-forked")
    lines: list[Line] = []
    before = ""
    for number, raw in enumerate(longest.splitlines(keepends=True), start=1):
        try:
            line = _read(raw, keys)
        except GdprError as error:
            raise Damaged(
                f"Line {number} of the erasure journal is not what was written: {error.message}",
                id="journal-damaged",
            ) from None
        body = verify_document(_kind, raw, keys)
        if line.seq != number or body["before"] != before:
            raise Damaged(
                f"Line {number} of the erasure journal does not follow on the one before it.",
                id="journal-damaged",
            )
        lines.append(line)
        before = line.hash
    return lines


def since(lines: Sequence[Line], head: JournalHead) -> list[Line]:
    """What came after a backup; Refused (`journal-older`) when the journal does not reach to it."""
    if head.seq == 0:
        return list(lines)
    if len(lines) < head.seq:
        raise Refused(
            f"The erasure journal ends at line {len(lines)}, and the backup knows of {head.seq}: "
            "it is older, or it was cut.",
            hint="Bring another copy of it.",
            id="journal-older",
        )
    if lines[head.seq - 1].hash != head.hash:
        raise Damaged(
            f"Line {head.seq} of the erasure journal is not the one that the backup knows.",
            id="journal-forked",
        )
    return list(lines[head.seq :])


def _read(raw: bytes, keys: Sequence[VerifyKey]) -> Line:
    match verify_document(_kind, raw, keys):
        case {
            "seq": int(seq),
            "at": str(at),
            "what": str(what),
            "ledger_seq": int(ledger_seq),
            "facts": dict(facts),
            "before": str(),
        }:
            return Line(seq, from_text(at), what, ledger_seq, facts, hashlib.sha256(raw).hexdigest())
        case _:
            raise Damaged("It has not the fields of a line.")


def _longest(copies: Sequence[_Copy]) -> _Copy:
    return max(copies, key=lambda copy: copy.size)


def _look(file: Path) -> _Copy:
    """Only its end is read: it grows for ten years."""
    try:
        with file.open("rb") as journal:
            length = journal.seek(0, os.SEEK_END)
            start = max(0, length - 2 * _LONGEST)
            journal.seek(start)
            tail = _whole(journal.read())
    except FileNotFoundError:
        return _Copy(file, 0, JournalHead())
    if not tail:
        return _Copy(file, 0, JournalHead())
    last = tail[tail.rfind(b"\n", 0, -1) + 1 :]
    try:
        body = parse_canonical(last[:-1])["body"]
        assert isinstance(body, dict)
        head = JournalHead(int(body["seq"]), hashlib.sha256(last).hexdigest(), int(body["ledger_seq"]))
    except (Damaged, KeyError, TypeError, ValueError, AssertionError):
        raise Damaged(f"The end of the erasure journal at {file} is not what was written.") from None
    return _Copy(file, start + len(tail), head, last)


def _missing(longest: _Copy, copy: _Copy) -> bytes:
    """What a copy lacks of the longest one, which must go on where it ends."""
    if copy.size == longest.size:
        if copy.head != longest.head:
            raise _forked(copy.file)
        return b""
    with longest.file.open("rb") as journal:
        journal.seek(copy.size)
        rest = journal.read(longest.size - copy.size)
    first = rest[: rest.find(b"\n")]
    try:
        body = parse_canonical(first)["body"]
        follows = isinstance(body, dict) and body["before"] == copy.head.hash
    except (Damaged, KeyError):
        follows = False
    if not follows:
        raise _forked(copy.file)
    return rest


def _forked(file: Path) -> Damaged:
    return Damaged(
        f"The copies of the erasure journal contradict each other at {file}.",
        hint="Verify them, and put a copy of the right one in the place of the other.",
        id="journal-forked",
    )


def _whole(data: bytes) -> bytes:
    """A torn last line was never committed: it is written anew."""
    return data[: data.rfind(b"\n") + 1]


def _append(file: Path, at: int, data: bytes) -> None:
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.ftruncate(handle, at)
        os.pwrite(handle, data, at)
        os.fsync(handle)
    finally:
        os.close(handle)
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
