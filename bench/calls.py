"""Calls a second through notice and choice: a crowd of callers, each of whom calls again and again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from asterisk_gdpr.errors import Unreachable
from asterisk_gdpr.ports import Register
from bench.figure import Line, Run, Target, alternating, ratio
from bench.house import NODE, STATEMENT, VOICE, live_house, product_of
from bench.softphones import Call, Softphones

TITLE = "calls a second through notice and choice"
RIVAL = "Answer + Read() of the same prompts, and after agreeing MixMonitor(x.wav) and the same Dial"

_THINKING = STATEMENT + 0.15
"""Seconds after the answer at which a caller presses: the question has just begun."""
_ARRIVED = 16
"""The cause with which the dialplan ends a call whose choice is the one that was pressed."""
_COMING = 1.5
"""Seconds within which the callers come: not all at once, which no PBX would bear."""
_FEW = 8
"""Callers before anything is measured."""
_PATIENCE = 20.0


@dataclass
class Crowd:
    """So many callers; each dials anew when its call has ended, until the time is over."""

    phones: Softphones
    extension: str
    key: str
    done: int = 0
    failed: int = 0
    under_way: set[Call] = field(default_factory=set)
    over: bool = False

    def run(self, callers: int, seconds: float, drained: Callable[[], None]) -> float:
        """Calls a second; what was begun counts only once it is `drained`, and so does its time."""
        began = time.monotonic()
        for _ in range(callers):
            self._dial()
            time.sleep(_COMING / callers)
        time.sleep(max(0.0, began + seconds - time.monotonic()))
        self.over = True
        try:
            self.phones.wait(lambda: not self.under_way, _PATIENCE, "the last calls")
        except Unreachable:
            self.failed += len(self.under_way)
        drained()
        return self.done / (time.monotonic() - began)

    def _dial(self) -> None:
        if not self.over:
            self.under_way.add(self.phones.call(self.extension, voice=VOICE, on_change=self._changed))

    def _changed(self, call: Call) -> None:
        if call.ended_at is None:
            self.phones.later(_THINKING, lambda: self.phones.press(call, self.key))
            return
        self.under_way.discard(call)
        if call.cause == _ARRIVED:
            self.done += 1
        else:
            self.failed += 1
        self._dial()


@dataclass
class Side:
    """One of the two that are compared: the rates that it reached, and how its calls failed in the end."""

    extension: str
    rates: list[float] = field(default_factory=lambda: [0.0])
    failed: str = ""


def measure(run: Run) -> Iterable[Line]:
    """More and more callers on ours and on the rival in turn, until calls fail; the best rate before that."""
    with live_house() as (house, phones):
        phones.agent_stays = 0.5
        register = product_of(house).register()
        warm_up(phones, register)
        for name, key in (("refusing", "2"), ("agreeing", "1")):
            sides = [Side(f"choose-{key}"), Side(f"plain-choose-{key}")]
            for callers in run.pick((25, 50, 75, 100, 150, 200), (15, 40)):
                for side in alternating(1, *sides):
                    _try(run, phones, register, side, key, callers)
            yield _line(name, *sides)
        register.close()


def warm_up(phones: Softphones, register: Register) -> None:
    """A few callers, by whom the daemon learns what it can serve, as on any PBX that has run for a minute."""
    Crowd(phones, "choose-1", "1").run(_FEW, 4.0, lambda: _drained(register))


def _try(run: Run, phones: Softphones, register: Register, side: Side, key: str, callers: int) -> None:
    if side.failed:
        return
    crowd = Crowd(phones, side.extension, key)
    rate = crowd.run(callers, run.pick(10.0, 5.0), lambda: _drained(register))
    run.say(f"{side.extension}: {callers} callers, {rate:.1f} calls a second, {crowd.failed} failed")
    if crowd.failed:
        side.failed = f"; {crowd.failed} of {crowd.failed + crowd.done} fail with {callers} callers"
    else:
        side.rates.append(rate)


def _line(name: str, ours: Side, rival: Side) -> Line:
    return Line(
        f"{TITLE} ({name})",
        f"{max(ours.rates):.1f}/s{ours.failed}",
        f"Read() {max(rival.rates):.1f}/s{rival.failed}",
        ratio(max(ours.rates), max(rival.rates)),
        Target(0.8, at_least=True),
    )


def _drained(register: Register) -> None:
    """Wait until the daemon has written down the end of every call, and sealed what was captured."""
    deadline = time.monotonic() + _PATIENCE
    while register.calls_alive(NODE) or register.unfinished(NODE):
        if time.monotonic() > deadline:
            raise Unreachable("The daemon has not come to the end of its calls.", id="not-drained")
        time.sleep(0.05)
