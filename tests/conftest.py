"""What holds for every test."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from asterisk_gdpr.rig.postgres import Postgres
from tests.register.fixtures import (  # noqa: F401  # fixtures, for all that ask a register
    empty_file,
    lasting,
    lasting_postgres,
    path,
    postgres,
    register,
    sql,
    url,
)

# How fast a machine makes values up says nothing of the product.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("here")


def pytest_configure(config: pytest.Config) -> None:
    """Begin without an event loop: on Python 3.11 one would be made unasked, and never closed."""
    asyncio.set_event_loop(None)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """A PostgreSQL server, for all tests of a process that need one."""
    with Postgres() as server:
        yield server
