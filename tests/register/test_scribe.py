"""Writing for many calls at once: nobody's piece is lost, and a refused one harms no other."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from asterisk_gdpr.errors import Refused, Unreachable
from asterisk_gdpr.ports import Register
from asterisk_gdpr.service.call.scribe import MOST, Scribe
from tests.fakes.register import MemoryRegister
from tests.register.samples import call as call_row

MANY = 2 * MOST


class Counting:
    """A register that counts the transactions that are not parts of others."""

    def __init__(self, register: Any) -> None:
        self.register = register
        self.transactions = 0
        self._depth = 0
        self.lost = False

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.transactions += self._depth == 0
        self._depth += 1
        try:
            with self.register.transaction():
                yield
                if self._depth == 1 and self.lost:
                    raise Unreachable("The disk is full.", id="register-unreachable")
        finally:
            self._depth -= 1


async def test_many_share_few_transactions(register: Register) -> None:
    """What comes while something is written is written together, and each is told what came of its own."""
    counting = Counting(register)
    scribe = Scribe(counting)
    rows = [call_row(f"c{number:016x}") for number in range(MANY)]
    await asyncio.gather(*(scribe.write(register.add_call, row) for row in rows))

    assert len(register.calls(limit=2 * MANY)) == MANY
    assert counting.transactions <= MANY // MOST + 1
    assert await scribe.write(register.call, rows[0].id) == rows[0]


async def test_one_that_is_refused_harms_no_other(register: Register) -> None:
    """A piece that is refused, or that is a bug, is undone alone."""
    scribe = Scribe(register)

    def half_done() -> None:
        register.add_call(call_row("chalf"))
        raise ZeroDivisionError

    twice = call_row("ctwice")
    outcomes = await asyncio.gather(
        scribe.write(register.add_call, twice),
        scribe.write(register.add_call, call_row("cfirst")),
        scribe.write(half_done),
        scribe.write(register.add_call, twice),
        scribe.write(register.add_call, call_row("clast")),
        return_exceptions=True,
    )

    assert [type(outcome) for outcome in outcomes] == [
        type(None),
        type(None),
        ZeroDivisionError,
        Refused,
        type(None),
    ]
    assert {row.id for row in register.calls()} == {"ctwice", "cfirst", "clast"}


async def test_a_transaction_that_is_lost_is_lost_for_all() -> None:
    """Nobody is told that something is written when the commit that it was part of has failed."""
    register = MemoryRegister()
    counting = Counting(register)
    scribe = Scribe(counting)
    counting.lost = True
    first = asyncio.ensure_future(scribe.write(lambda: None))
    await asyncio.sleep(0)
    rows = [call_row(f"c{number}") for number in range(3)]
    outcomes = await asyncio.gather(
        *(scribe.write(register.add_call, row) for row in rows), return_exceptions=True
    )
    await first

    assert all(isinstance(outcome, Unreachable) for outcome in outcomes)
    assert register.calls() == []


async def test_whoever_waits_no_more_keeps_nobody_else_waiting(register: Register) -> None:
    """A call that ends while its piece waits leaves the others as they are."""
    scribe = Scribe(register)
    pieces = [asyncio.ensure_future(scribe.write(register.add_call, call_row(f"c{n}"))) for n in range(5)]
    await asyncio.sleep(0)
    pieces[2].cancel()
    await asyncio.wait(pieces)

    assert {row.id for row in register.calls()} >= {"c0", "c1", "c3", "c4"}
    assert scribe.waiting == 0
