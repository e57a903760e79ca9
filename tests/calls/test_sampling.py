"""Lines that offer a share of their calls: nobody picks, and afterwards anyone can see that nobody did."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace

import pytest

from asterisk_gdpr.service.call.sampling import drawn, draws_of, seed_of
from tests.calls.stage import NODE, NOON, POLICY, Stage

pytestmark = pytest.mark.looptime

DAY = NOON.date()


def derive(text: str) -> bytes:
    """The stage's seeds."""
    return text.encode()


SEED = seed_of(derive, NODE, DAY.isoformat())


def share(stage: Stage, percent: int) -> None:
    """From now on line `support` offers so many of its calls."""
    lines = {**POLICY.lines, "support": replace(POLICY.lines["support"], share=percent)}
    stage.calls.now_in_force(replace(stage.calls.in_force, policy=replace(POLICY, lines=lines)))


async def arrivals(stage: Stage, count: int) -> list[str]:
    """So many calls, each hung up at the end of its notice; what became of each."""
    for _ in range(count):
        here = stage.asterisk.arrive("support")
        await asyncio.sleep(14)
        await stage.over(here)
    return [str(call.choice) for call in stage.register.calls(limit=count)]


async def test_the_draw_decides_and_nobody_else(stage: Stage) -> None:
    """A call whose draw is below the share is told and asked; any other is connected at once, unheard."""
    share(stage, 50)
    stage.shared.sampling.commit_day()
    became = await arrivals(stage, 20)

    calls = stage.register.calls(limit=20)
    assert became == ["not_objected" if drawn(SEED, call.id) < 50 else "sampled_out" for call in calls]
    assert len(set(became)) == 2


async def test_no_call_is_offered_before_the_days_seed_is_committed(stage: Stage) -> None:
    """Whatever the share: what could not be checked afterwards is not recorded."""
    share(stage, 99)

    assert await arrivals(stage, 3) == ["sampled_out"] * 3


@pytest.mark.parametrize(("percent", "became"), [(0, "sampled_out"), (100, "not_objected")])
async def test_all_and_none_need_no_luck(stage: Stage, percent: int, became: str) -> None:
    """A share of 0 offers no call, one of 100 each."""
    share(stage, percent)
    stage.shared.sampling.commit_day()

    assert await arrivals(stage, 3) == [became] * 3


async def test_every_draw_of_a_day_can_be_checked_afterwards(stage: Stage) -> None:
    """By the seed, whose hash the ledger had before the first draw, each call's fate is computed anew."""
    share(stage, 50)
    stage.shared.sampling.commit_day()
    await arrivals(stage, 20)
    draws = draws_of(DAY, NODE, SEED, stage.register.entries(), stage.register.evidence)

    assert draws.ok and len(draws.calls) == 20
    (told,) = [entry for entry in stage.register.entries() if entry.kind == "sampling-seeded"]
    assert told.payload and told.payload["seed_sha256"] == hashlib.sha256(SEED).hexdigest()
    assert SEED.hex() not in repr(stage.register.entries())


async def test_whoever_was_picked_is_found(stage: Stage) -> None:
    """A call that was offered against its draw, and a seed that was chosen afterwards, do not fit."""
    share(stage, 50)
    stage.shared.sampling.commit_day()
    await arrivals(stage, 20)
    other = draws_of(DAY, NODE, b"another seed", stage.register.entries(), stage.register.evidence)
    assert not other.committed_first and not all(call.fits for call in other.calls)

    picked = next(call for call in stage.register.calls(limit=20) if call.choice == "sampled_out")
    evidence = stage.register.evidence(picked.id)
    assert evidence is not None

    def changed(call: str) -> object:
        return (
            replace(evidence, outcome="not_objected") if call == picked.id else stage.register.evidence(call)
        )

    draws = draws_of(DAY, NODE, SEED, stage.register.entries(), changed)  # type: ignore[arg-type]  # a fake book
    assert [call.call for call in draws.calls if not call.fits] == [picked.id]
    assert not draws.ok


async def test_a_seed_that_was_committed_late_is_found(stage: Stage) -> None:
    """A commitment that comes after the first draw proves nothing."""
    share(stage, 50)
    sampling = stage.shared.sampling
    sampling.commit_day()
    await arrivals(stage, 2)
    entries = list(stage.register.entries())
    at = next(place for place, entry in enumerate(entries) if entry.kind == "sampling-seeded")
    late = [*entries[:at], *entries[at + 1 :], replace(entries[at], seq=entries[-1].seq + 1)]

    assert not draws_of(DAY, NODE, SEED, late, stage.register.evidence).ok
