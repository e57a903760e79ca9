"""One provider for all tests of signing in by it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from asterisk_gdpr.rig.provider import Glewlwyd
from tests.web.house import House

BACK = "http://localhost/sign-in/openid/back"


@pytest.fixture(scope="session")
def glewlwyd() -> Iterator[Glewlwyd]:
    """A real provider that knows `quality`, `officer` and `stranger`."""
    with Glewlwyd(BACK, ("quality", "officer", "stranger")) as provider:
        yield provider


@pytest.fixture
def house() -> House:
    """The page's house, with one person of each role."""
    return House()
