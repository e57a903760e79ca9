"""One SoftHSM for a process: a module is initialised once, and reads where its tokens are only then."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.token import PIN
from tests.token.softhsm import SoftHsm


@pytest.fixture(scope="session")
def softhsm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoftHsm]:
    """SoftHSM with a token that is called `calls`."""
    found = SoftHsm.fetched(tmp_path_factory.mktemp("softhsm"))
    found.make_token(PIN)
    yield found
