"""What every long-running process is before it does anything."""

from __future__ import annotations

import subprocess
import sys

LOOK = """
import ctypes, resource
from asterisk_gdpr.cli.processes import prepare_process
prepare_process(verbose=False)
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), *resource.getrlimit(resource.RLIMIT_CORE))
"""
"""Prints PR_GET_DUMPABLE and the limit of core dumps."""


def test_nobody_gets_the_memory_of_a_process() -> None:
    """A process with keys leaves no core dump, and no other process of its user looks into it."""
    told = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)

    assert told.stdout.split() == ["0", "0", "0"]
