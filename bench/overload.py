"""More callers than can be served: how many are served, how many go on at once, and how many only late."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bench.calls import _ARRIVED, Crowd, _drained
from bench.figure import Line, Run, Target
from bench.house import live_house, product_of
from bench.softphones import Call

TITLE = "calls beyond capacity that go on only late"
RIVAL = "none: what counts is that the others go on at once"

_REST = 1.0
"""Seconds before somebody who was not served dials again."""


@dataclass
class Throng(Crowd):
    """Callers who agree; `at_once` went on unasked, without a moment of waiting, `late` by the watchdog."""

    at_once: int = 0
    late: int = 0

    def _changed(self, call: Call) -> None:
        if call.ended_at is None or call.cause == _ARRIVED:
            return super()._changed(call)
        self.under_way.discard(call)
        self.failed += 1
        if call.answered_at is None:
            self.at_once += 1
        else:
            self.late += 1
        self.phones.later(_REST, self._dial)
        return None


def measure(run: Run) -> Iterable[Line]:
    """One crowd, as large as no machine that this is for can serve."""
    callers = run.pick(300, 150)
    with live_house() as (house, phones):
        phones.agent_stays = 0.5
        register = product_of(house).register()
        throng = Throng(phones, "choose-1", "1")
        rate = throng.run(callers, run.pick(15.0, 8.0), lambda: _drained(register))
        register.close()
    told = throng.done + throng.failed
    yield Line(
        TITLE,
        f"{throng.late} of {told} late, {throng.at_once} at once, {throng.done} served ({rate:.1f}/s)",
        "-",
        100 * throng.late / max(1, told),
        Target(1, unit="%"),
    )
