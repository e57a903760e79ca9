"""A machine whose plug is pulled: from the n-th change of a file on, nothing changes any more.

A `Fuse` (`tests.erasure.stage`) kills between the deeds of our own parts; this one kills inside of them, and
no `finally` of the product tidies up afterwards: what a kill leaves behind is there.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from tests.erasure.stage import Killed

CHANGES = (
    "open",
    "link",
    "rename",
    "replace",
    "unlink",
    "mkdir",
    "rmdir",
    "fsync",
    "ftruncate",
    "pwrite",
    "chmod",
    "fchmod",
)
"""What changes files, of all that the product calls; an `open` counts where it makes one."""


class Plug:
    """Pulled after so many changes; `pulled` says whether it came to that."""

    def __init__(self, after: int) -> None:
        self._left = after
        self.pulled = False

    def lay(self, patch: pytest.MonkeyPatch) -> None:
        """Let every change go through it, until `patch` is undone."""
        for name in CHANGES:
            patch.setattr(os, name, self._through(name, getattr(os, name)))

    def _through(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def change(*args: Any, **named: Any) -> Any:
            if name == "open" and not args[1] & os.O_CREAT:
                return real(*args, **named)
            if self._left == 0:
                self.pulled = True
                raise Killed
            self._left -= 1
            return real(*args, **named)

        return change
