"""One S3 server for all tests of a module that ask for it: moto, and a Ceph gateway among the slow ones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.vault.moto import Moto
from tests.vault.s3 import CephServer, S3Server


@pytest.fixture(scope="module")
def moto() -> Iterator[Moto]:
    """A real S3 server, for this module."""
    with Moto() as server:
        yield server


@pytest.fixture(scope="session")
def ceph() -> Iterator[CephServer]:
    """A real object store; it takes twenty seconds to start, so it is there once."""
    with CephServer() as server:
        yield server


@pytest.fixture(scope="module", params=["moto", pytest.param("ceph", marks=pytest.mark.slow)])
def s3(request: pytest.FixtureRequest) -> S3Server:
    """Each kind of server in turn."""
    server: S3Server = request.getfixturevalue(request.param)
    return server
