"""The policy for a process that runs for weeks: as it stood when it was last told to read it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.errors import ConfigFaults

_log = logging.getLogger(__name__)


class PolicyInForce:
    """Returns the policy when called; `reload` takes another one, if it is without fault."""

    def __init__(self, load: Callable[[], Policy]) -> None:
        """Raises ConfigFaults when the policy does not load even now."""
        self._load = load
        self._lock = threading.Lock()
        self._policy = load()

    def __call__(self) -> Policy:
        """The policy now."""
        return self._policy

    def reload(self) -> None:
        """Take the policy as its file stands; a faulty one raises ConfigFaults, and the old one stays."""
        with self._lock:
            try:
                self._policy = self._load()
            except ConfigFaults as faults:
                _log.error("the policy has %d faults; the one in force stays", len(faults.faults))
                raise
