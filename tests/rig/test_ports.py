"""Ports of benches that run side by side."""

from __future__ import annotations

import subprocess
import sys

from asterisk_gdpr.rig.instance import free_port


def test_no_port_is_given_twice() -> None:
    """A port that one bench has been given, and not bound yet, is given to no other process."""
    mine = free_port()
    ask = f"from asterisk_gdpr.rig import instance; instance._PORTS = range({mine}, {mine + 200});"
    ask += "print(*(instance.free_port() for _ in range(20)))"
    told = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    theirs = [int(port) for port in told.stdout.split()]
    assert len(set(theirs)) == 20 and mine not in theirs
