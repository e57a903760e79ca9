"""The ledger's head, signed every few minutes and put where the register's owner cannot take it back.

A chain shows what was changed in it, and not that its end was cut or that all of it was written anew. A head
that was signed earlier and lies elsewhere shows both. It is appended to files, best on another machine's
disk, put into an S3 bucket, and handed to a command of the admin's, which may have it stamped with the time
(RFC 3161) or post it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from asterisk_gdpr.core.ledger import Head
from asterisk_gdpr.errors import Damaged, GdprError
from asterisk_gdpr.ports import Alarm, Clock, LedgerBook, Upkeep
from asterisk_gdpr.seal.signing import SigningKey, VerifyKey
from asterisk_gdpr.service.proof.ledger import read_head, sign_head

FAILED = "anchor-failed"


class Book(LedgerBook, Upkeep, Protocol):
    """What anchoring needs of the register."""


class Hook(Protocol):
    """A command of the admin's, or a bucket; raises Unreachable when it does not end well."""

    def run(self, document: bytes) -> None:
        """Give it a signed head."""
        ...


class Anchors:
    """Signs the head when it has moved on; what cannot be written is an alarm, and tried again."""

    def __init__(
        self,
        register: Book,
        signer: SigningKey,
        clock: Clock,
        node: str,
        files: Sequence[Path],
        hooks: Sequence[Hook] = (),
    ) -> None:
        self._register = register
        self._signer = signer
        self._clock = clock
        self._node = node
        self._files = files
        self._hooks = hooks
        self._anchored = 0
        self._failed: bool | None = None

    def tick(self) -> bool:
        """Anchor the head; False when there is nothing new, or something could not be done."""
        entry = self._register.head()
        if entry is None or entry.seq == self._anchored or not (self._files or self._hooks):
            return False
        document = sign_head(Head(entry.seq, entry.hash), self._clock.now(), self._signer)
        problems = [problem for file in self._files if (problem := _append(file, document))]
        for hook in self._hooks:
            try:
                hook.run(document)
            except GdprError as error:
                problems.append(error.message)
        self._tell(problems)
        if problems:
            return False
        self._anchored = entry.seq
        return True

    def _tell(self, problems: Sequence[str]) -> None:
        now = self._clock.now()
        if problems:
            message = f"The ledger's head is not anchored everywhere: {problems[0]}"
            self._register.raise_alarm(Alarm(FAILED, self._node, now, message))
        elif self._failed is not False:
            self._register.clear_alarm(FAILED, self._node, now)
        self._failed = bool(problems)


def read_heads(data: bytes, keys: Iterable[VerifyKey]) -> list[Head]:
    """The heads in a file, in order; Damaged with the line that is not what was signed."""
    known = list(keys)
    heads: list[Head] = []
    for number, line in enumerate(data.splitlines(keepends=True), start=1):
        try:
            heads.append(read_head(line, known))
        except Damaged as damage:
            raise Damaged(f"Line {number} of the heads is not what was signed: {damage.message}") from None
    return heads


def _append(file: Path, document: bytes) -> str:
    """What keeps a head from a file; an empty text when it is there, durably."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            os.write(handle, document)
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        return f"{file} cannot be written ({error.strerror})."
    return ""
