"""The laws of sweeps that many ask for: one at a time, and none that began before it was asked for."""

from __future__ import annotations

import asyncio
import time

import pytest

from asterisk_gdpr.errors import Unreachable
from asterisk_gdpr.service.erasing.sweeps import Sweeps


class Broom:
    """Sweeps slowly, and knows what lay there when it began."""

    def __init__(self) -> None:
        self.lying: set[int] = set()
        self.swept: set[int] = set()
        self.sweeps = 0
        self.at_work = 0
        self.away = False

    def sweep(self) -> None:
        assert self.at_work == 0, "two at a time"
        self.at_work += 1
        self.sweeps += 1
        there = set(self.lying)
        time.sleep(0.02)
        self.at_work -= 1
        if self.away:
            raise Unreachable("The vault is away.")
        self.swept |= there


async def test_a_crowd_shares_its_sweeps() -> None:
    """However many ask at the same time, few sweeps are made, and what each asked for is swept."""
    broom = Broom()
    sweeps = Sweeps(broom.sweep)

    async def ask(number: int) -> None:
        await asyncio.sleep(0.001 * (number % 10))
        broom.lying.add(number)
        await sweeps.sweep()
        assert number in broom.swept

    await asyncio.gather(*(ask(number) for number in range(100)))

    assert broom.sweeps <= 3


async def test_a_sweep_that_fails_is_told_to_whoever_asked() -> None:
    """Everybody who waits for it learns that it failed, and the next one is made anew."""
    broom = Broom()
    broom.away = True
    sweeps = Sweeps(broom.sweep)
    came = await asyncio.gather(*(sweeps.sweep() for _ in range(5)), return_exceptions=True)
    assert all(isinstance(one, Unreachable) for one in came)
    broom.away = False
    await sweeps.sweep()

    assert broom.sweeps == 2


async def test_who_gives_up_keeps_nobody_else_from_it() -> None:
    """A call that ends its waiting leaves the sweep to the others."""
    broom = Broom()
    sweeps = Sweeps(broom.sweep)
    broom.lying.add(1)
    first, second = (asyncio.create_task(sweeps.sweep()) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await second

    assert broom.swept == {1}
    with pytest.raises(asyncio.CancelledError):
        await first
