"""The laws of a connection that comes back by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest

from asterisk_gdpr.adapters.link import Link, Pace
from asterisk_gdpr.adapters.refusals import CredentialsRefused
from asterisk_gdpr.errors import Unreachable

AWAY = Unreachable("away")
REFUSED = CredentialsRefused("who are you?")
QUICK = Pace(first=0.001, most=0.002, mend=0.003)


class Script:
    """Tries that end one after the other as the script says; an `up:` try comes up first."""

    def __init__(self, tries: Sequence[tuple[str, Exception]]) -> None:
        self._tries = iter(tries)
        self.told: list[str] = []
        self.link = Link(
            "TEST",
            self._serve,
            on_connected=lambda: self.told.append("connected"),
            on_lost=lambda problem: self.told.append(problem.id),
            pace=QUICK,
        )

    async def _serve(self, up: Callable[[], None]) -> None:
        how, end = next(self._tries)
        if how == "up":
            up()
        raise end

    async def play(self) -> list[str]:
        """Play the script to its end, and return what was told."""
        with pytest.raises(StopAsyncIteration):
            await self.link.run()
        return self.told


END = ("down", StopAsyncIteration())


async def test_an_outage_is_told_once() -> None:
    """However often a connection is tried in vain, its loss is told once, and its return once."""
    script = Script([("up", AWAY), ("down", AWAY), ("down", AWAY), ("up", AWAY), END])

    assert await script.play() == ["connected", "unreachable", "connected", "unreachable"]


async def test_an_outage_of_another_kind_is_told_anew() -> None:
    """When Asterisk comes back and then refuses us, that is told too, since a person must mend it."""
    script = Script([("down", AWAY), ("down", REFUSED), ("down", REFUSED), ("up", AWAY), END])

    assert await script.play() == ["unreachable", "asterisk-credentials", "connected", "unreachable"]


async def test_a_bug_is_not_tried_again() -> None:
    """What is not a lost connection ends the link with its own traceback, and it no longer counts as up."""
    script = Script([("up", ZeroDivisionError())])
    with pytest.raises(ZeroDivisionError):
        await script.link.run()

    assert not script.link.connected


async def test_waiting_for_a_connection_ends_when_it_stands() -> None:
    """Whoever waits for the connection goes on at the moment it can be used."""

    async def serve(up: Callable[[], None]) -> None:
        up()
        await asyncio.Event().wait()

    link = Link("TEST", serve, on_connected=lambda: None, on_lost=lambda _: None, pace=QUICK)
    running = asyncio.create_task(link.run())
    await link.wait_connected()
    running.cancel()

    assert link.connected


def test_waits_grow_but_never_beyond_their_bound() -> None:
    """The wait before the next try grows with each failure, is never nothing, and stays within its bound."""
    pace = Pace(first=0.05, most=2.0, mend=15.0)
    waits = [pace.wait(failures, AWAY) for failures in range(100)]

    assert 0.025 <= waits[0] <= 0.05
    assert all(1.0 <= wait <= 2.0 for wait in waits[6:])


def test_what_a_person_must_mend_is_tried_slowly() -> None:
    """Refused credentials are tried again only at the pace at which a person could have mended them."""
    assert Pace().wait(1, REFUSED) == Pace().mend


@pytest.mark.looptime
async def test_a_peer_that_is_away_for_an_hour_is_tried_all_the_time() -> None:
    """It is tried again within two seconds, for as long as it takes, and told of once."""
    loop, tries, told = asyncio.get_running_loop(), list[float](), list[str]()

    async def serve(up: Callable[[], None]) -> None:
        tries.append(loop.time())
        if loop.time() < 3600:
            raise AWAY
        up()
        await asyncio.Event().wait()

    link = Link(
        "TEST",
        serve,
        on_connected=lambda: told.append("connected"),
        on_lost=lambda problem: told.append(problem.id),
        pace=Pace(),
    )
    running = asyncio.create_task(link.run())
    await link.wait_connected()
    running.cancel()

    assert max(later - earlier for earlier, later in pairwise(tries)) <= Pace().most == 2.0
    assert len(tries) < 3600
    assert told == ["unreachable", "connected"]
