"""The page's list of recordings among a million: every way of looking that it offers, through its server."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

from asterisk_gdpr.adapters.register.database import file_of
from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.rig.debian import programs
from asterisk_gdpr.rig.house import House
from asterisk_gdpr.service.keys.keeper import seal_number
from bench.figure import Line, Run, Target, alternating, milliseconds, percentile, ratio
from bench.house import POLICY, product_of
from bench.registers import BUSY, LINES, RARE, Filling, fill
from bench.visitor import Visitor

TITLE = "search page, p95"
RIVAL = "the same among 10,000"

SMALL = 10_000


def measure(run: Run) -> Iterable[Line]:
    """The same person's ways through a large and a small archive in turn, with the vault open."""
    large = run.pick(1_000_000, 100_000)
    times: dict[int, list[float]] = {large: [], SMALL: []}
    with ExitStack() as opened:
        archives = {count: opened.enter_context(_archive(run, count)) for count in times}
        for number in range(run.pick(60, 15)):
            for count in alternating(1, *(times if number % 2 else reversed(times))):
                visitor, filling = archives[count]
                times[count] += _looks(visitor, filling, number)
    ours, rival = times.values()
    yield Line(
        f"{TITLE} among {large:,}",
        milliseconds(ours),
        f"among {SMALL:,} {milliseconds(rival)}",
        ratio(percentile(ours, 0.95), percentile(rival, 0.95)),
        Target(2.0),
    )


@contextmanager
def _archive(run: Run, count: int) -> Iterator[tuple[Visitor, Filling]]:
    """An installation with so many recordings, its page unlocked, and somebody at it."""
    made: list[Filling] = []
    house = House(programs(), {}, lambda house: made.append(_fill(run, house, count)))
    try:
        house.furnish()
        house.start("web")
        house.command("unlock", "--passphrase-file", str(house.folder / "passphrase"))
        visitor = Visitor(house, house.web_port)
        _looks(visitor, made[0], 0)
        yield visitor, made[0]
        visitor.close()
    finally:
        house.close()


def _fill(run: Run, house: House, count: int) -> Filling:
    began = time.monotonic()
    (house.installation / "policy.yaml").write_text(POLICY)
    product = product_of(house)
    filling = Filling(
        count,
        datetime.now(UTC),
        partial(seal_number, product.vault_public_key()),
        partial(product.index_key().blind, "calls.caller"),
        product.vault_public_key().id,
    )
    product.close()
    fill(file_of(product.config.register.url), filling)
    run.say(f"{count:,} recordings made in {time.monotonic() - began:.0f} s")
    return filling


def _looks(visitor: Visitor, filling: Filling, number: int) -> list[float]:
    """The newest, a line, a day, a later page, a caller, a busy queue, a rare one, what is long: seconds."""
    midnights = filling.midnights()
    midnight = midnights[number % len(midnights)]
    day = (midnight - timedelta(days=1)).date().isoformat()
    line = LINES[number % len(LINES)]
    searched = visitor.submit("/recordings", "/recordings/search", number=filling.number(number * 37))
    return [
        visitor.get("/recordings")[0],
        visitor.get(f"/recordings?line={line}")[0],
        visitor.get(f"/recordings?line={line}&from={day}&until={day}")[0],
        visitor.get(f"/recordings?after={to_text(midnight)}~r")[0],
        searched + visitor.get("/recordings?number=1")[0],
        visitor.get(f"/recordings?queue={BUSY}&line={line}")[0],
        visitor.get(f"/recordings?queue={RARE}&after={to_text(midnight)}~r")[0],
        visitor.get("/recordings?shortest=3600")[0],
    ]
