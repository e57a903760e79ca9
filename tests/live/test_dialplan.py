"""What a dialplan sees of the one line that it added: on a real Asterisk, with and without an app."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue

import pytest

from asterisk_gdpr.adapters.ari.client import AriClient
from asterisk_gdpr.adapters.ari.events import UnknownEvent
from asterisk_gdpr.adapters.ari.generated import AnyEvent, StasisStart
from asterisk_gdpr.core.dialplan import exempt_dialplan
from asterisk_gdpr.core.policy import Line
from asterisk_gdpr.rig.bench import Bench
from asterisk_gdpr.rig.pbx import USER
from asterisk_gdpr.rig.phone_call import PhoneCall
from tests.calls.stage import POLICY
from tests.live.conftest import BenchMaker

pytestmark = pytest.mark.live

SHIPPED = Path(__file__).resolve().parents[2] / "dialplan" / "asterisk_gdpr.conf"
EXEMPT = exempt_dialplan(
    replace(POLICY, lines={"outage": Line("outage", exempt=True)}, exempt_numbers=("112", "+49 30 110110")),
    "DE",
)
ODD = "o'dd & Söhne) [1] | a,b"
"""Asterisk itself takes double quotes out of every application's arguments."""

_SAY = "Log(NOTICE,case ${CASE} %s at ${STRFTIME(,,%%s.%%q)} in ${CONTEXT} choice ${GDPR_CHOICE} left %s)"


def say(what: str, left: str = "${TIMEOUT(absolute)}") -> str:
    """A line of the dialplan that tells where a call is."""
    return _SAY % (what, left)


def case(name: str, *before: str, line: str = "sales", after: tuple[str, ...] = ()) -> str:
    """An extension that runs the notice between two lines that tell."""
    steps = [
        f"Set(__CASE={name})",
        *before,
        say("begins"),
        f"Gosub(asterisk-gdpr,notice,1({line}))",
        say("back"),
        *after,
        "Wait(30)",
    ]
    return f"exten => {name},1," + "\n same => n,".join(steps) + "\n"


NO_BOUNDS = {"no-word": "never", "no-time": "0", "no-number": ".", "no-end": "0.0"}
"""Cases whose GDPR_WATCHDOG is no time at all."""

ASKED = (
    "bare",
    "bound",
    *NO_BOUNDS,
    "again",
    "local",
    "odd",
    "empty",
    "forged",
    "long",
    "eight",
    "two",
    "nested",
    "hangs",
    "handled",
)
PASSING = ("outage", "112", "+4930110110", "called-back")
"""Cases that are exempt, by their line, by what was dialled, and by who calls."""

DIALPLAN = f"""#include "{SHIPPED}"
[from-trunk]
{case("bare", after=("Dial(PJSIP/anna,20)",))}
{case("bound", "Set(GDPR_WATCHDOG=1)")}
{"".join(case(name, f"Set(GDPR_WATCHDOG={bound})") for name, bound in NO_BOUNDS.items())}
{case("again", "Set(GDPR_WATCHDOG=1)", after=("Gosub(asterisk-gdpr,notice,1(sales))", say("again")))}
{case("local", "Set(GDPR_WATCHDOG=1)", after=("Dial(Local/inner@from-trunk)",))}
exten => inner,1,{say("enters")}
 same => n,Gosub(asterisk-gdpr,notice,1(sales))
 same => n,{say("leaves")}
{case("odd", "Set(GDPR_WATCHDOG=1)", "Set(GDPR_LANGUAGE=de_AT)", line=f'"{ODD}"')}
{case("empty", "Set(GDPR_WATCHDOG=1)", line="")}
{case("forged", "Set(GDPR_WATCHDOG=1)", "Set(CALLERID(num)=1x1y2)")}
{case("outage", line="outage", after=("Dial(PJSIP/anna,20)",))}
{case("112")}
{case("+4930110110")}
{case("called-back")}
exten => long,1,Goto(own,long,1)
exten => eight,1,Goto(own,eight,1)
exten => two,1,Goto(own,two,1)
exten => hangs,1,Goto(own,hangs,1)
exten => nested,1,Goto(own,nested,1)
exten => handled,1,Goto(own,handled,1)
[own]
{case("long", "Set(TIMEOUT(absolute)=3600)")}
{case("eight", "Set(TIMEOUT(absolute)=8)")}
{case("two", "Set(TIMEOUT(absolute)=2)")}
{case("hangs")}
exten => nested,1,Set(CASE=nested)
 same => n,Set(TIMEOUT(absolute)=3600)
 same => n,Gosub(middle,s,1)
 same => n,{say("outermost")}
 same => n,Wait(30)
{case("handled", "Set(CHANNEL(hangup_handler_push)=handler,s,1)")}
exten => T,1,{say("T")}
 same => n,Hangup()
exten => h,1,{say("h")}
[middle]
exten => s,1,{say("begins")}
 same => n,Gosub(asterisk-gdpr,notice,1(sales))
 same => n,{say("back")}
 same => n,Return()
[handler]
exten => s,1,{say("handler")}
 same => n,Return()
"""

_TOLD = re.compile(r"case (?P<case>\S+) (?P<what>\S+) at (?P<at>\S+) in (?P<context>\S+) "
                   r"choice (?P<choice>\S*) left (?P<left>\S+)")  # fmt: skip


class Told(dict[str, str]):
    """One line that the dialplan told."""

    @property
    def at(self) -> float:
        return float(self["at"])

    @property
    def left(self) -> float:
        return float(self["left"])


class Silent:
    """An app that is connected and never says a word, as one that is frozen."""

    def __init__(self, bench: Bench) -> None:
        self.seen: list[list[str]] = []
        self._bench = bench
        self._stop: SimpleQueue[tuple[asyncio.AbstractEventLoop, asyncio.Task[None]]] = SimpleQueue()
        self._up = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def __enter__(self) -> Silent:
        self._thread.start()
        assert self._up.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        loop, task = self._stop.get()
        loop.call_soon_threadsafe(task.cancel)
        self._thread.join()

    async def _run(self) -> None:
        client = AriClient(
            self._bench.pbx.ari_url,
            USER,
            self._bench.pbx.address.secret,
            "asterisk-gdpr",
            on_event=self._note,
            on_connected=self._up.set,
            on_lost=lambda _: None,
        )
        async with client:
            running = asyncio.create_task(client.run())
            self._stop.put((asyncio.get_running_loop(), running))
            await asyncio.wait([running])

    def _note(self, event: AnyEvent | UnknownEvent) -> None:
        if isinstance(event, StasisStart):
            self.seen.append(list(event.args))


@pytest.fixture(scope="module")
def bench(make_bench: BenchMaker) -> Bench:
    """A bench with the dialplan above and the product's own."""
    return make_bench(extra={"extensions.conf": DIALPLAN, "asterisk_gdpr_exempt.conf": EXEMPT})


def told(bench: Bench) -> list[Told]:
    """Everything that the dialplan has told so far."""
    return [Told(found.groupdict()) for found in _TOLD.finditer(bench.pbx.log())]


def wait_told(bench: Bench, name: str, what: str, seconds: float = 12) -> Told:
    """The first line in which a case tells this."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for line in told(bench):
            if (line["case"], line["what"]) == (name, what):
                return line
        time.sleep(0.05)
    raise AssertionError(f"{name} never told {what}")


def has_told(bench: Bench, name: str, what: str) -> bool:
    """Whether a case has told this."""
    return any((line["case"], line["what"]) == (name, what) for line in told(bench))


def took(bench: Bench, name: str) -> float:
    """Seconds from before the notice to after it."""
    return wait_told(bench, name, "back").at - wait_told(bench, name, "begins").at


@pytest.fixture(scope="module")
def silent(bench: Bench) -> Iterator[tuple[Silent, dict[str, PhoneCall]]]:
    """All calls of this module at once, with an app that says nothing."""
    bench.phones.agent("anna", answer_after=0.1)
    numbers = {"called-back": "112"}
    with Silent(bench) as app:
        calls = {
            name: bench.phones.call(name, number=numbers.get(name, "+4915112345678"), script="tone 400")
            for name in (*ASKED, *PASSING)
        }
        time.sleep(0.6)
        for name in ("hangs", "handled"):
            calls[name].hangup()
        wait_told(bench, "eight", "T")
    yield app, calls
    for call in calls.values():
        call.hangup()


Silenced = tuple[Silent, dict[str, PhoneCall]]


def test_a_silent_app_gives_the_call_back_after_three_seconds(bench: Bench, silent: Silenced) -> None:
    """A call waits three seconds for an app that says nothing, then goes on unrecorded to the agent."""
    assert took(bench, "bare") == pytest.approx(3.0, abs=0.1)
    back = wait_told(bench, "bare", "back")

    assert (back["choice"], back.left) == ("unavailable", 0)
    assert silent[1]["bare"].wait_answered().answered_at is not None


def test_the_bound_can_be_chosen(bench: Bench, silent: Silenced) -> None:
    """A variable sets another bound than three seconds."""
    assert took(bench, "bound") == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("name", NO_BOUNDS)
def test_a_bound_that_is_none_is_three_seconds(bench: Bench, silent: Silenced, name: str) -> None:
    """A mistyped bound, or none at all, never leaves a call to wait for an app without end."""
    assert took(bench, name) == pytest.approx(3.0, abs=0.1)
    assert wait_told(bench, name, "back").left == 0


def test_an_outer_timeout_goes_on_running(bench: Bench, silent: Silenced) -> None:
    """What was left of the dialplan's own TIMEOUT(absolute) is left afterwards, less the time that passed."""
    back = wait_told(bench, "long", "back")

    assert back.at - wait_told(bench, "long", "begins").at == pytest.approx(3.0, abs=0.1)
    assert back.left == pytest.approx(3597, abs=0.1)
    assert not has_told(bench, "long", "T")


def test_an_outer_timeout_fires_when_it_would_have(bench: Bench, silent: Silenced) -> None:
    """The dialplan's own T runs at its time, though the notice lay in between."""
    begins, back, fired = (wait_told(bench, "eight", what) for what in ("begins", "back", "T"))

    assert back.at - begins.at == pytest.approx(3.0, abs=0.1)
    assert fired.at - begins.at == pytest.approx(8.0, abs=0.1)
    assert fired["context"] == "own"


def test_an_outer_timeout_that_fires_in_the_notice(bench: Bench, silent: Silenced) -> None:
    """A timeout shorter than the watchdog ends in the dialplan's own T and h, and never comes back."""
    begins, fired = wait_told(bench, "two", "begins"), wait_told(bench, "two", "T")

    assert fired.at - begins.at == pytest.approx(2.0, abs=0.1)
    assert wait_told(bench, "two", "h")["context"] == "own"
    assert not has_told(bench, "two", "back")


def test_a_gosub_within_a_gosub(bench: Bench, silent: Silenced) -> None:
    """From within another Gosub the call returns to where it was, with what was left of the timeout."""
    outermost = wait_told(bench, "nested", "outermost")

    assert took(bench, "nested") == pytest.approx(3.0, abs=0.1)
    assert outermost["context"] == "own"
    assert outermost.left == pytest.approx(3597, abs=0.2)


def test_hanging_up_in_the_notice_runs_the_outer_h(bench: Bench, silent: Silenced) -> None:
    """The h of the dialplan around runs in its own context, as if the notice were not there."""
    ran = wait_told(bench, "hangs", "h")

    assert ran["context"] == "own"
    assert ran.at - wait_told(bench, "hangs", "begins").at < 2.5


def test_hanging_up_in_the_notice_runs_the_hangup_handlers(bench: Bench, silent: Silenced) -> None:
    """Handlers that the dialplan has pushed run all the same."""
    wait_told(bench, "handled", "handler")
    wait_told(bench, "handled", "h")


def test_a_second_gosub_does_nothing(bench: Bench, silent: Silenced) -> None:
    """Whoever was asked in this call is not asked again, and what came of it stays."""
    again, back = wait_told(bench, "again", "again"), wait_told(bench, "again", "back")

    assert again.at - back.at < 0.05
    assert again["choice"] == "unavailable"


def test_a_gosub_on_a_channel_of_the_same_call_does_nothing(bench: Bench, silent: Silenced) -> None:
    """A Local channel that the call gives rise to is no new caller."""
    enters, leaves = wait_told(bench, "local", "enters"), wait_told(bench, "local", "leaves")

    assert leaves.at - enters.at < 0.05
    assert leaves["choice"] == "unavailable"


def test_a_line_may_be_called_anything(bench: Bench, silent: Silenced) -> None:
    """What an admin types as a line arrives as it was typed, and an empty one arrives as empty."""
    app, _ = silent
    wait_told(bench, "odd", "back")

    languages = {",".join(args[5:]): args[2] for args in app.seen}
    assert languages == {ODD: "de_AT", "": "", "sales": ""}
    assert {args[0] for args in app.seen} == {"notice"}


@pytest.mark.parametrize("name", PASSING)
def test_what_is_exempt_reaches_no_app(bench: Bench, silent: Silenced, name: str) -> None:
    """An exempt line, an exempt number that is dialled, and one that calls, pass at once, app or no app."""
    app, _ = silent

    assert took(bench, name) < 0.05
    assert wait_told(bench, name, "back")["choice"] == "exempt"
    assert len(app.seen) == len(ASKED)


def test_what_is_no_number_is_no_exempt_number(bench: Bench, silent: Silenced) -> None:
    """A caller who calls themselves by a word with an exempt number's digits in it is asked like anybody."""
    assert wait_told(bench, "forged", "back")["choice"] == "unavailable"


def test_an_exempt_line_rings_as_fast_as_without_us(bench: Bench) -> None:
    """Answering through an exempt line takes at most 100 ms longer than by plain Dial, without any app."""
    bench.phones.agent("anna", answer_after=0)

    def best(extension: str) -> float:
        waits = []
        for _ in range(3):
            call = bench.phones.call(extension, number="+4915112345678", script="tone 400").wait_answered()
            assert call.answered_at and call.started_at
            waits.append(call.answered_at - call.started_at)
            call.hangup()
            call.wait_ended()
        return min(waits)

    assert best("outage") - best("plain-anna") < 0.1


def test_without_an_app_the_call_goes_on_at_once(bench: Bench) -> None:
    """An app that is not there costs a call no time, and leaves its own word behind."""
    before = len(told(bench))
    call = bench.phones.call("long", number="+4915112345678", script="tone 400")
    deadline = time.monotonic() + 5
    while not [line for line in told(bench)[before:] if line["what"] == "back"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    call.hangup()
    begins, back = told(bench)[before : before + 2]

    assert back.at - begins.at < 0.05
    assert back["choice"] == "unavailable"
    assert back.left == pytest.approx(3600, abs=0.1)


def test_asterisk_finds_nothing_to_complain_about(bench: Bench, silent: Silenced) -> None:
    """Our dialplan leaves no warning in Asterisk's log, except that it names an app which is not there."""
    absent = ("Stasis app 'asterisk-gdpr' doesn't exist", "outbound websocket per-call config")
    complaints = [
        line
        for line in bench.pbx.log().splitlines()
        if re.search(r"WARNING|ERROR", line) and not any(known in line for known in absent)
    ]

    assert complaints == []
