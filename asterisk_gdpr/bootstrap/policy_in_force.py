"""The policy for a process that runs for weeks: as the file stands, read again only when it has changed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.errors import ConfigFaults

_log = logging.getLogger(__name__)


class PolicyInForce:
    """Returns the policy when called; a file that has become faulty leaves the last good one in force."""

    def __init__(self, path: Path, load: Callable[[], Policy]) -> None:
        """Raises ConfigFaults when the policy does not load even now."""
        self._path = path
        self._load = load
        self._lock = threading.Lock()
        self._seen = self._state()
        self._policy = load()

    def __call__(self) -> Policy:
        """The policy now."""
        with self._lock:
            state = self._state()
            if state != self._seen:
                self._seen = state
                try:
                    self._policy = self._load()
                except ConfigFaults as faults:
                    _log.error("the policy has %d faults; the last good one stays", len(faults.faults))
            return self._policy

    def _state(self) -> tuple[int, int, int] | None:
        """What tells one version of the file from another; None when it cannot be seen."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
