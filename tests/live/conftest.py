"""What live tests stand on: an Asterisk that is fetched once, and benches that live as long as a module."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from asterisk_gdpr.rig.bench import Bench
from asterisk_gdpr.rig.debian import Programs
from asterisk_gdpr.rig.debian import programs as fetch
from tests.live.house import House

BenchMaker = Callable[..., Bench]


@pytest.fixture(scope="session")
def programs() -> Programs:
    """The real Asterisk and espeak-ng."""
    return fetch()


@pytest.fixture(scope="module")
def make_bench(programs: Programs) -> Iterator[BenchMaker]:
    """Start a PBX with its phones (arguments as for `Bench`); they end with the module."""
    with ExitStack() as running:

        def make(**arguments: object) -> Bench:
            return running.enter_context(Bench(programs, **arguments))

        yield make


@pytest.fixture(scope="module")
def house(programs: Programs) -> Iterator[House]:
    """The product beside a PBX, with its daemon running; it ends with the module."""
    with House(programs) as house:
        yield house
