"""A spool that fills up in a talk, on a real Asterisk with a small memory of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

pytestmark = pytest.mark.live

OF_ITS_OWN = ["unshare", "--user", "--map-root-user", "--mount"]
"""A mount namespace, which needs no root where the kernel lets people have one."""


def _has_namespaces() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*OF_ITS_OWN, "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not _has_namespaces(), reason="the kernel gives nobody a mount namespace here")
def test_a_spool_that_fills_up_in_a_talk() -> None:
    """Nothing new is recorded, an alarm shows in `status`, calls go on; with room again it is as before."""
    words = [*OF_ITS_OWN, sys.executable, "-m", "tests.live.small_spool"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])

    assert told["status"] == 1
    assert told["heard"] == pytest.approx(told["talked"], abs=0.4), (
        "who was recorded already is so to the end"
    )
    assert told["connected"]
    assert (told["choice"], told["recording"]) == ("not_objected", None)
    assert told["again"] == "not_objected"
