"""A vault on each kind of register."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from asterisk_gdpr.adapters.register import open_register, upgrade
from tests.epochs.stage import Place
from tests.fakes.register import MemoryRegister


@pytest.fixture(params=["memory", "sql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A vault in its first epoch."""
    if request.param == "memory":
        yield Place(tmp_path, MemoryRegister())
        return
    url = f"sqlite:///{tmp_path}/register.db"
    upgrade(url)
    with closing(open_register(url)) as register:
        yield Place(tmp_path, register)


@pytest.fixture
def quick(tmp_path: Path) -> Place:
    """One in memory, for long walks."""
    return Place(tmp_path, MemoryRegister())
