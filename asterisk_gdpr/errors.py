"""Every error that the product raises on purpose.

    GdprError
    ├── Refused          the answer is no, or the data is wrong          (exit 1)
    │   ├── ConfigFaults   the configuration or the policy has faults     (exit 1)
    │   └── Damaged        something stored is not what was written       (exit 1)
    ├── Misuse           a command was called in a way it cannot mean     (exit 2)
    └── Unreachable      a part that is needed does not answer; try again (exit 3)

What is none of these is a bug and keeps its traceback.
Each error that a person meets carries a stable id, what is wrong, and what to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class GdprError(Exception):
    """The root: `id` is stable and may be relied on, `hint` says what to do next (may be empty)."""

    exit_code = 1
    default_id = "error"

    def __init__(self, message: str, *, hint: str = "", id: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.id = id or self.default_id

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class Refused(GdprError):
    """The answer is no: a wrong number, key, file or name, or a rule against it; nothing changed."""

    default_id = "refused"


class Damaged(Refused):
    """Something stored (container, manifest, certificate, ledger, key file) is not what was written."""

    default_id = "damaged"


@dataclass(frozen=True)
class Fault:
    """One fault in a file that a person wrote: where it stands, what is wrong, what to do."""

    id: str
    file: str
    line: int
    message: str
    hint: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: " if self.file else ""
        return f"{where}{self.message}" + (f" ({self.hint})" if self.hint else "")


class ConfigFaults(Refused):
    """All faults of a configuration or a policy at once, in the order of their lines."""

    default_id = "config-faults"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class Misuse(GdprError):
    """A command, an API or a module was used in a way it cannot mean."""

    exit_code = 2
    default_id = "misuse"


class Unreachable(GdprError):
    """A part that is needed (Asterisk, the register, the vault, the page) does not answer now."""

    exit_code = 3
    default_id = "unreachable"
