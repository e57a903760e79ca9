"""Stories of more calls than can be served: some go on at once, the others are served, nobody waits."""

from __future__ import annotations

import asyncio

import pytest

from asterisk_gdpr.service.call.load import AT_DOOR, BEHIND, LATE, QUIET, TO_WRITE
from asterisk_gdpr.service.call.pace import ENOUGH, FIRST_RATE, FIRST_TURNS, IN_TIME, SHARE, Pace
from tests.calls.stage import NODE, SECONDS, SILENCE, Stage

pytestmark = pytest.mark.looptime

NOTICE = SECONDS["statement"] + SECONDS["question-1"]


async def test_calls_beyond_what_can_be_served_go_on_at_once(stage: Stage) -> None:
    """Of a crowd that arrives at once as many as can be served are asked; the others go on at once."""
    crowd = [stage.asterisk.arrive("support") for _ in range(40)]
    await asyncio.sleep(0.01)
    served = [here for here in crowd if here.in_stasis]
    assert len(served) == FIRST_TURNS
    assert all(here.played == ["sound:statement"] for here in served)
    gone = [here for here in crowd if not here.in_stasis]
    assert all(here.played == [] and here.variables["GDPR_CHOICE"] == "unavailable" for here in gone)
    assert all(here.passed_at == pytest.approx(0.0, abs=0.01) for here in gone)
    await asyncio.sleep(1 / FIRST_RATE)
    late = stage.asterisk.arrive("support")
    await asyncio.sleep(NOTICE + SILENCE + 0.1)

    assert all(here.variables["GDPR_CHOICE"] == "not_objected" for here in [*served, late])
    assert len(stage.register.calls(limit=1000)) == FIRST_TURNS + 1
    assert stage.calls.load.shed == 40 - FIRST_TURNS


async def test_no_more_wait_for_our_first_word_than_hear_it_in_time(stage: Stage) -> None:
    """Whatever could be served: while many have not heard a word yet, who arrives goes on at once."""
    for _ in range(60):
        stage.shared.pace.refused()  # nothing waits: as many as come could be served
    crowd = [stage.asterisk.arrive("support") for _ in range(2 * AT_DOOR)]
    await asyncio.sleep(0.01)

    assert sum(here.in_stasis for here in crowd) == AT_DOOR


@pytest.mark.thorough
@pytest.mark.parametrize("a_second", [3, 12, 40])
async def test_no_more_are_asked_than_can_be_served_in_time(stage: Stage, a_second: int) -> None:
    """However many call for minutes: whoever was asked is served, and the machine is not idle meanwhile."""
    stage.threads.slow = 0.05  # one call takes six pieces of work until it is recorded
    crowd = []
    for number in range(20 + 60 * a_second):
        here = stage.asterisk.arrive("sales")
        crowd.append(here)
        asyncio.get_running_loop().call_later(NOTICE + 0.1, stage.asterisk.press, here, "1")
        asyncio.get_running_loop().call_later(NOTICE + 6, stage.asterisk.hang_up, here)
        await asyncio.sleep(1 if number < 20 else 1 / a_second)
    await asyncio.sleep(60)
    asked = [here for here in crowd if here.played]
    late = [here for here in asked if here.variables["GDPR_CHOICE"] != "agreed"]

    assert len(late) <= 0.01 * len(crowd)
    assert len(asked) >= min(60 * a_second, 100)


async def test_where_nobody_waits_everybody_is_asked(stage: Stage) -> None:
    """What a node can serve is measured while somebody waits to be served, and not by how many called."""
    for _ in range(200):
        here = stage.asterisk.arrive("sales")
        asyncio.get_running_loop().call_later(NOTICE + 0.1, stage.asterisk.press, here, "1")
        await asyncio.sleep(0.3)
    burst = [stage.asterisk.arrive("sales") for _ in range(AT_DOOR)]
    await asyncio.sleep(0.01)

    assert stage.calls.load.shed == 0
    assert all(here.in_stasis for here in burst)


async def test_what_was_measured_outlives_a_restart(stage: Stage) -> None:
    """After a restart as many are asked at once as before it, until as much is measured anew."""
    for _ in range(ENOUGH):
        stage.shared.pace.begins()
        await asyncio.sleep(0.05)
        stage.shared.pace.ends(served=True)
    before = stage.shared.pace.rate
    assert before == pytest.approx(SHARE / 0.05)
    again = Pace(before)
    asked = [again.takes_one_more() for _ in range(40)]
    assert sum(asked) == int(before * IN_TIME) > FIRST_TURNS
    for _ in range(ENOUGH):
        again.begins()
        await asyncio.sleep(1.0)
        again.ends(served=True)

    assert again.rate == pytest.approx(SHARE)


async def test_a_register_that_cannot_keep_up_sheds_calls(stage: Stage) -> None:
    """When more waits to be written than can be written in time, who arrives is passed on at once."""
    waiting = [asyncio.ensure_future(stage.shared.scribe.write(lambda: None)) for _ in range(2 * TO_WRITE)]
    await asyncio.sleep(0)
    stage.threads.delay = 1.0
    here = stage.asterisk.arrive("support")
    await asyncio.sleep(0.01)
    assert not here.in_stasis
    stage.threads.delay = 0.0
    await asyncio.gather(*waiting)
    other = stage.asterisk.arrive("support")
    await asyncio.sleep(0.01)

    assert other.in_stasis


async def test_a_disk_that_stands_still_sheds_calls(stage: Stage) -> None:
    """While what was to be written half a second ago is not, who arrives is passed on at once, not later."""
    stage.threads.delay = 3.0
    first = stage.asterisk.arrive("support")
    await asyncio.sleep(3.1)  # its row is made by now, and waits to be written
    second = stage.asterisk.arrive("support")
    await asyncio.sleep(BEHIND)
    third = stage.asterisk.arrive("support")
    await asyncio.sleep(0.01)
    assert first.in_stasis and second.in_stasis
    assert not third.in_stasis and third.played == []
    stage.threads.delay = 0.0
    await asyncio.sleep(7)
    fourth = stage.asterisk.arrive("support")
    await asyncio.sleep(0.01)

    assert fourth.in_stasis


async def test_calls_that_wait_for_their_capture_shed_others(stage: Stage) -> None:
    """While somebody who has chosen waits for half a second to be recorded, nobody new is asked."""
    here = stage.asterisk.arrive("sales")
    await asyncio.sleep(NOTICE + 0.1)
    stage.threads.delay = 1.0
    stage.asterisk.press(here, "1")
    await asyncio.sleep(BEHIND - 0.1)
    early = stage.asterisk.arrive("support")
    await asyncio.sleep(0.2)
    late = stage.asterisk.arrive("support")
    await asyncio.sleep(0.01)
    assert early.in_stasis and not late.in_stasis
    stage.threads.delay = 0.0
    await asyncio.sleep(10)
    after = stage.asterisk.arrive("support")
    await asyncio.sleep(0.01)

    assert after.in_stasis


@pytest.mark.parametrize("how", ["refused", "a fax", "taken back", "agreed later and withdrew"])
async def test_who_waits_for_no_capture_keeps_nobody_away(stage: Stage, how: str) -> None:
    """A caller who talks unrecorded waits for nothing: who arrives meanwhile is asked as ever."""
    here = stage.asterisk.arrive("sales")
    await asyncio.sleep(1)
    if how == "a fax":
        stage.asterisk.fax(here)
    elif how == "taken back":
        await asyncio.sleep(NOTICE - 2)
        stage.threads.delay = 20.0  # longer than the watchdog lets anybody wait
        stage.asterisk.press(here, "1")
        await asyncio.sleep(10)
        stage.threads.delay = 0.0
        await asyncio.sleep(20)
    else:
        await asyncio.sleep(NOTICE - 2)
        stage.asterisk.press(here, "2")
    await asyncio.sleep(1)
    stage.asterisk.join("bridge-1", stage.asterisk.agent("PJSIP/anna"), here)
    if how == "agreed later and withdrew":
        stage.threads.delay = 0.2
        stage.asterisk.press(here, "*4")
        await asyncio.sleep(0.05)
        stage.asterisk.press(here, "*9")
    await asyncio.sleep(5)
    stage.threads.delay = 0.0
    other = stage.asterisk.arrive("support")
    await asyncio.sleep(0.01)

    assert not here.in_stasis and other.in_stasis


async def test_the_alarm_stands_while_calls_are_shed(stage: Stage) -> None:
    """That calls are passed on unserved is an alarm, until none has been for a minute."""
    watching = asyncio.create_task(stage.calls.load.run())
    for _ in range(AT_DOOR + 1):
        stage.asterisk.arrive("support")
    await asyncio.sleep(2)
    assert [(alarm.id, alarm.about) for alarm in stage.register.alarms()] == [("node-overloaded", NODE)]
    await asyncio.sleep(QUIET - 5)
    assert stage.alarms() == ["node-overloaded"]
    await asyncio.sleep(7)

    assert stage.alarms() == []
    watching.cancel()


async def test_a_late_event_loop_sheds_calls(stage: Stage) -> None:
    """While everything is late by half a second, nobody new is kept waiting for it."""
    stage.calls.load._late = LATE  # virtual time is never late
    here = stage.asterisk.arrive("support")
    await asyncio.sleep(0.01)

    assert not here.in_stasis
