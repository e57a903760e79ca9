"""The ticker."""

from __future__ import annotations

import asyncio
import logging
import threading

import pytest

from asterisk_gdpr.adapters.scheduler import Ticker
from asterisk_gdpr.errors import Unreachable


async def test_failing_jobs_go_on(caplog: pytest.LogCaptureFixture) -> None:
    """A job that fails is logged by its name and id, and called again; the others go on."""
    ticker, ran = Ticker(), {"thread": 0, "loop": 0}
    done, here = asyncio.Event(), threading.get_ident()

    def in_thread() -> None:
        assert threading.get_ident() != here
        ran["thread"] += 1
        raise Unreachable("The vault does not answer.", id="vault-away")

    async def on_loop() -> None:
        assert threading.get_ident() == here
        ran["loop"] += 1
        if min(ran.values()) > 1:
            done.set()
        raise RuntimeError

    with caplog.at_level(logging.ERROR, "asterisk_gdpr"):
        ticker.every(0.01, "sweep", in_thread)
        ticker.every(0.01, "beat", on_loop)
        ticker.start()
        await asyncio.wait_for(done.wait(), 2)
        ticker.stop()

    assert {"job sweep failed: vault-away", "job beat failed"} <= set(caplog.messages)


async def test_job_never_runs_twice_at_once() -> None:
    """A job that takes longer than its interval is not begun again before it has ended."""
    ticker, inside, most, rounds = Ticker(), 0, 0, 0
    done = asyncio.Event()

    async def slow() -> None:
        nonlocal inside, most, rounds
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0.03)
        inside -= 1
        rounds += 1
        if rounds == 2:
            done.set()

    ticker.every(0.01, "slow", slow)
    ticker.start()
    await asyncio.wait_for(done.wait(), 2)
    ticker.stop()

    assert most == 1


def test_stopping_what_was_never_started() -> None:
    """Stopping a ticker that was never started is no error."""
    Ticker().stop()
