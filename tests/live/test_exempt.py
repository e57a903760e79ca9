"""Exempt lines and numbers: emergency calls and the like have nothing to do with this product."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

import pytest

from tests.live.house import House

pytestmark = pytest.mark.live

STATES = ("up", "frozen", "down")
EXEMPT = ("outage", "112")
PLAIN = "plain-anna"
CALLS = 5


@pytest.fixture(scope="module", params=STATES)
def state(house: House, request: pytest.FixtureRequest) -> Iterator[str]:
    """The daemon as it is for some tests."""
    match request.param:
        case "frozen":
            house.freeze("run")
        case "down":
            house.stop("run")
    yield request.param
    match request.param:
        case "frozen":
            house.thaw("run")
        case "down":
            house.start("run")


def _rings_after(house: House, extension: str) -> float:
    """Seconds from the caller's INVITE to the ring of the agent's phone."""
    anna = house.phones.agent("anna", script="ring 10")
    count = len(anna.calls) + 1
    call = house.phones.call(extension, number="+4915112345201")
    agent = anna.wait_call(count=count)
    call.hangup()
    call.wait_ended()
    agent.wait_ended()
    assert call.started_at is not None and agent.started_at is not None
    return agent.started_at - call.started_at


@pytest.mark.parametrize("extension", EXEMPT)
def test_what_is_exempt_rings_as_soon_as_by_plain_dial(house: House, state: str, extension: str) -> None:
    """Whatever the daemon does, an exempt call rings at most 100 ms later than by plain Dial."""
    before = len(house.register.calls(limit=500))
    plain, exempt = [], []
    for _ in range(CALLS):
        plain.append(_rings_after(house, PLAIN))
        exempt.append(_rings_after(house, extension))

    assert median(exempt) - median(plain) < 0.1
    assert len(house.register.calls(limit=500)) == before, "no app was reached"
