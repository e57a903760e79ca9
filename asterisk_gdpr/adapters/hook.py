"""A command of the admin's that is handed the ledger's signed heads."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from asterisk_gdpr.errors import Unreachable

_PATIENCE = 60.0


class CommandHook:
    """Plays `service.proof.anchors.Hook`: the document on standard input, nothing of it in the command."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)

    def run(self, document: bytes) -> None:
        """Run it and wait for its end; Unreachable when it fails, cannot be run, or takes a minute."""
        name = self._command[0]
        try:
            done = subprocess.run(
                self._command, input=document, capture_output=True, timeout=_PATIENCE, check=False
            )
        except subprocess.TimeoutExpired:
            raise _failed(name, "it takes too long") from None
        except OSError as error:
            raise _failed(name, error.strerror or "it cannot be run") from None
        if done.returncode:
            raise _failed(name, f"its exit status is {done.returncode}")


def _failed(command: str, why: str) -> Unreachable:
    return Unreachable(f"The command {command} did not take the ledger's head: {why}.", id="hook-failed")
