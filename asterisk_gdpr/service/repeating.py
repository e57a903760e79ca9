"""Something done again and again in a thread of its own, for a process that has no event loop."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from asterisk_gdpr.errors import GdprError

_log = logging.getLogger(__name__)


class Repeating:
    """Calls `act` every `seconds` from `start` to `stop`; what it raises is logged, and it is tried again."""

    def __init__(self, name: str, seconds: float, act: Callable[[], object]) -> None:
        self._seconds = seconds
        self._act = act
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Begin no other round; one that goes on may be killed with the process."""
        self._over.set()

    def _run(self) -> None:
        while not self._over.wait(self._seconds):
            try:
                self._act()
            except GdprError as error:
                _log.error("%s: %s", self._thread.name, error.id)
            except Exception as error:
                _log.error("%s", self._thread.name, exc_info=error)
