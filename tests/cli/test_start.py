"""How a command starts."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from tempfile import TemporaryDirectory

import pytest

from asterisk_gdpr.bootstrap.daemon import Daemon
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.service.checks.mounts import in_memory
from asterisk_gdpr.service.sealing.standstill import NOT_IN_MEMORY
from tests.cli.house import House

HEAVY = ("sqlalchemy", "alembic", "pydantic", "numpy", "aiohttp", "flask")


def test_help_waits_for_nothing_heavy() -> None:
    """What only some commands need is imported by those alone, so that `--help` answers at once."""
    code = f"import sys, asterisk_gdpr.cli; print([name for name in {HEAVY!r} if name in sys.modules])"

    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert told.stdout.strip() == "[]"


async def test_a_spool_on_a_disk_is_never_recorded_into(house: House) -> None:
    """A daemon whose spool is a disk's asks nobody, begins no recording, writes nothing there, and says so;
    with a spool in memory it records."""
    with closing(house.open()) as installation:
        register, policy = installation.register(), installation.policy()
        assert not in_memory(installation.config.paths.spool), "a test's folder lies on a disk"
        daemon = Daemon(installation, "test")
        with pytest.raises(Refused) as refused:
            daemon._sealing.prepare("r0123456789abcdef", "c1", "sales", policy, ["quality"], 8000)
        assert refused.value.id == NOT_IN_MEMORY
        assert daemon._in_force(policy).off == {"*"}
        assert list(installation.config.paths.spool.iterdir()) == []
        assert [alarm.id for alarm in register.alarms() if alarm.about == "pbx1"] == [NOT_IN_MEMORY]

    config = house.folder / "config.yaml"
    with TemporaryDirectory(dir="/dev/shm") as memory:
        config.write_text(config.read_text().replace(str(house.folder.parent / "spool"), memory))
        with closing(house.open()) as installation:
            assert str(installation.config.paths.spool) == memory
            daemon = Daemon(installation, "test")
            daemon._standstill.check()
            assert daemon._in_force(policy).off == frozenset()
            assert [each.id for each in installation.register().alarms() if each.about == "pbx1"] == []
