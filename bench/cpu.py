"""CPU of Asterisk and the daemon for each call that is recorded and sealed while it goes on."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from asterisk_gdpr.errors import Unreachable
from asterisk_gdpr.ports import Search
from asterisk_gdpr.rig.house import House
from bench.figure import Line, Run, Target, alternating, median, ratio
from bench.house import STATEMENT, daemon_pid, live_house, product_of
from bench.machine import cpu_seconds
from bench.softphones import Softphones
from bench.voices import voices

TITLE = "CPU per recorded, sealed call (Asterisk + daemon)"
RIVAL = "the same call with MixMonitor(x.wav) on disk, Asterisk alone"

_COMING = 0.2
"""Seconds between two callers: a node that has just begun asks no more at once."""
_SETTLE = 2.0
"""Seconds in which the last recordings are closed."""
_WARM_UP = 6.0
"""Seconds until the first segments are being sealed."""


def measure(run: Run) -> Iterable[Line]:
    """Calls that all talk at once, ours and the rival's in turn; of the rival only Asterisk counts."""
    costs: dict[str, list[float]] = {"talk": [], "plain-talk": [], "bare-talk": []}
    with live_house() as (house, phones):
        daemon = daemon_pid(house)
        caller, phones.agent_voice = voices(house.programs)
        for extension in alternating(run.pick(3, 1), *costs):
            processes = [house.pbx.pid, daemon] if extension == "talk" else [house.pbx.pid]
            cost = _cost(run, phones, extension, caller, processes)
            costs[extension].append(cost)
            _prove_recorded(house, run, extension, costs)
            run.say(f"{extension}: {cost:.2f} % of a core per call")
    ours, rival, bare = (median(each) for each in costs.values())
    yield Line(
        TITLE,
        f"{ours:.2f} % of a core",
        f"MixMonitor(x.wav) {rival:.2f} % (not recorded: {bare:.2f} %)",
        ratio(ours, rival),
        Target(1.35),
    )


def _prove_recorded(house: House, run: Run, extension: str, costs: Mapping[str, Sequence[float]]) -> None:
    """A figure counts only if every call of ours was sealed, and each of the rival's written, at length."""
    count, seconds = run.pick((50, 25.0), (15, 10.0))
    due = count * len(costs[extension])
    if extension == "talk":
        product = product_of(house)
        found = product.register().search(Search(limit=due + 1))
        product.close()
        lengths = [one.recording.frames / one.recording.rate for one in found]
    else:
        files = (house.folder / "plain").glob("*.wav")
        lengths = [file.stat().st_size / 16000 for file in files]
        due = due if extension == "plain-talk" else len(lengths)
    if len(lengths) != due or min(lengths, default=seconds) < seconds:
        raise Unreachable(f"{extension}: {len(lengths)} of {due} calls were recorded, or not at length.")


def _cost(run: Run, phones: Softphones, extension: str, voice: bytes, processes: Sequence[int]) -> float:
    """Percent of a core that the processes take for each of many calls."""
    count, seconds = run.pick((50, 25.0), (15, 10.0))
    calls = []
    for _ in range(count):
        call = phones.call(extension, voice=voice)
        if extension == "talk":
            phones.later(STATEMENT + 0.3, partial(phones.press, call, "1"))
        calls.append(call)
        time.sleep(_COMING)
    phones.wait(lambda: len(phones.answered()) == count, 15, "everybody to talk")
    time.sleep(_WARM_UP)
    before, began = sum(map(cpu_seconds, processes)), time.monotonic()
    time.sleep(seconds)
    used = (sum(map(cpu_seconds, processes)) - before) / (time.monotonic() - began)
    for call in calls:
        phones.hang_up(call)
    phones.wait(lambda: not phones.answered(), 15, "everybody to hang up")
    time.sleep(_SETTLE)
    return 100 * used / count
