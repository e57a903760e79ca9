"""The systemd units: what they keep the processes from, as systemd itself reckons it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.house import House

pytestmark = pytest.mark.thorough

MOST = 5.0
"""The exposure that systemd calls medium from 5 on; both need the network, and their own folders."""


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not on this machine")
@pytest.mark.parametrize("name", ["asterisk-gdpr.service", "asterisk-gdpr-web.service"])
def test_what_the_units_leave_open_is_little(house: House, tmp_path: Path, name: str) -> None:
    """Without privileges, namespaces, odd system calls or a core dump; systemd knows each word of it."""
    unit = tmp_path / name
    text = (house.folder / "systemd" / name).read_text()
    unit.write_text(re.sub(r"^User=.*$", "User=asterisk-gdpr", text, flags=re.MULTILINE))

    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    (level,) = re.findall(r"exposure level for \S+: ([0-9.]+)", done.stdout)
    assert float(level) < MOST, done.stdout
    assert "Unknown" not in done.stderr and "Failed to parse" not in done.stderr
    settings = dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))
    assert (settings["LimitCORE"], settings["MemorySwapMax"], settings["UMask"]) == ("0", "0", "0077")
