"""What every process of ours is before it does anything."""

from __future__ import annotations

import subprocess
import sys

LOOK = """
import ctypes, importlib, resource
program = importlib.import_module("asterisk_gdpr.cli.main")
def look():
    print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), *resource.getrlimit(resource.RLIMIT_CORE))
    return 0
program.run = look
program.main()
"""
"""Prints PR_GET_DUMPABLE and the limit of core dumps, as a command finds them."""


def test_nobody_gets_the_memory_of_a_process() -> None:
    """A process with keys, be it a short command, leaves no core dump, and none of its user looks into it."""
    told = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)

    assert told.stdout.split() == ["0", "0", "0"]
