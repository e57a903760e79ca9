"""How a command starts."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("sqlalchemy", "alembic", "pydantic", "numpy", "aiohttp", "flask")


def test_help_waits_for_nothing_heavy() -> None:
    """What only some commands need is imported by those alone, so that `--help` answers at once."""
    code = f"import sys, asterisk_gdpr.cli; print([name for name in {HEAVY!r} if name in sys.modules])"

    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert told.stdout.strip() == "[]"
