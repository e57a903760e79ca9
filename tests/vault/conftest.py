"""One S3 server for all tests of a module that ask for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.vault.moto import Moto


@pytest.fixture(scope="module")
def moto() -> Iterator[Moto]:
    """A real S3 server, for this module."""
    with Moto() as server:
        yield server
