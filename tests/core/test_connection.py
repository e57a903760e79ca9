"""The rules of putting two people together, over every short history."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import get_args

import pytest

from asterisk_gdpr.core import connection as rules
from asterisk_gdpr.core.call.state import Result
from asterisk_gdpr.core.connection import IGNORED, RULES, Connection, Stage, Status, status_of

LONGEST = 7


@dataclass(frozen=True)
class World:
    """What is so outside: which legs ring, live, talk; where the caller is."""

    ringing: frozenset[int] = frozenset()
    up: frozenset[int] = frozenset()
    joining: tuple[int, ...] = ()
    joined: frozenset[int] = frozenset()
    asking: bool = False
    transferred: bool = False
    telling: bool = False
    alive: bool = True
    ours: bool = True
    history: tuple[rules.Event, ...] = field(default=(), compare=False)


def happenings(world: World, call: Connection) -> Iterator[tuple[rules.Event, World]]:
    """Whatever can happen next, and the world after it."""
    for leg in world.ringing:
        gone = replace(world, ringing=world.ringing - {leg})
        yield rules.LegAnswered(leg), replace(gone, up=world.up | {leg})
        yield rules.LegGone(leg, 17), gone
    for leg in world.up:
        rest = replace(world, up=world.up - {leg}, joined=world.joined - {leg})
        yield rules.LegGone(leg, 16), replace(rest, telling=False)
        if leg in world.joined and not world.transferred:
            yield rules.LegGone(leg, 16, others=True), replace(rest, transferred=True)
    if not world.asking:
        yield rules.Swap("PJSIP/ben", 7), replace(world, asking=True)
    if world.joining:
        first, *rest = world.joining
        settled = replace(world, joining=tuple(rest))
        if first in world.up:
            yield rules.Joined(first), replace(settled, joined=world.joined | {first})
        yield rules.NotJoined(first), settled
    if world.transferred:
        yield rules.Alone(), replace(world, transferred=False)
    if world.telling:
        yield rules.Ready(), replace(world, telling=False)
    if world.alive and world.ours:
        yield rules.CallerGone(), replace(world, alive=False, telling=False)
        yield rules.CallerLeft(), replace(world, ours=False, telling=False)
        if not call.leaving:
            yield rules.Leaving(), world
    if world.alive and not world.ours:
        yield rules.Again("PJSIP/carla", 9), replace(world, ours=True)


def obeys(world: World, call: Connection, effect: rules.Effect) -> World:
    """The world after an effect; the laws of one effect."""
    match effect:
        case rules.Dial(leg):
            assert world.alive and world.ours, "nobody is called for a caller whom we do not have"
            return replace(world, ringing=world.ringing | {leg})
        case rules.Join(leg):
            assert leg in world.up, "only who has answered is joined"
            assert not world.telling, "nobody is joined before the notice is over"
            return replace(world, joining=(*world.joining, leg))
        case rules.Tell():
            assert call.outbound
            return replace(world, telling=True)
        case rules.HangUpLeg(leg):
            out = frozenset({leg})
            return replace(world, ringing=world.ringing - out, up=world.up - out, joined=world.joined - out)
        case rules.HangUpCaller():
            assert world.alive and world.ours
            return replace(world, alive=False)
        case rules.HandBack():
            assert world.alive and world.ours, "a caller is handed back once"
            return replace(world, ours=False)
        case rules.Dissolve():
            return replace(world, joined=frozenset(), transferred=False)
        case rules.Report():
            assert world.asking, "what came of a swap is said once"
            return replace(world, asking=False)
    return world


@pytest.mark.parametrize("outbound", [False, True])
def test_every_history_of_a_connection_ends_with_nobody_left_behind(outbound: bool) -> None:
    """When a connection is over no leg of it lives, and the caller is in the dialplan, hung up, or gone."""
    call, effects = rules.begin(Connection(outbound, "PJSIP/anna", 20))
    world = World(telling=not outbound)
    for effect in effects:
        world = obeys(world, call, effect)
    seen = {(call, world)}
    frontier = [(call, world)]
    for _ in range(LONGEST):
        following = []
        for before, was in frontier:
            for event, world in happenings(was, before):
                call, effects = rules.step(before, event)
                told = f"{[*was.history, event]} → {call}"
                for effect in effects:
                    world = obeys(world, call, effect)
                if call.stage is Stage.OVER:
                    assert not world.ringing and not world.up, f"a leg is left behind: {told}"
                    assert not (world.alive and world.ours), f"the caller is left behind: {told}"
                    assert not world.asking, f"who asked for a swap waits in vain: {told}"
                if call.stage is Stage.TALKING:
                    somebody = world.joined or world.joining or world.transferred or world.ringing
                    assert somebody, f"the caller talks to nobody: {told}"
                if (call, world) not in seen:
                    seen.add((call, world))
                    following.append((call, replace(world, history=(*was.history, event))))
        frontier = following
    assert len(seen) > 40


def test_every_pair_of_stage_and_event_of_a_connection_has_a_declared_answer() -> None:
    """Nothing that can happen to a connection is lost in silence, and nothing is declared twice."""
    pairs = {(stage, event) for stage in Stage for event in get_args(rules.Event)}

    assert RULES.keys() | IGNORED == pairs
    assert not RULES.keys() & IGNORED


@pytest.mark.parametrize(
    ("cause", "status"),
    [
        (17, Status.BUSY),
        (19, Status.NOANSWER),
        (18, Status.NOANSWER),
        (34, Status.CONGESTION),
        (20, Status.CHANUNAVAIL),
        (0, Status.CHANUNAVAIL),
    ],
)
def test_what_a_leg_came_to_is_said_in_asterisks_own_words(cause: int, status: Status) -> None:
    """Busy, no answer, congestion and no way there are told apart."""
    assert status_of(cause) is status


def test_who_takes_over_is_joined_before_the_other_one_goes() -> None:
    """A swap leaves the caller alone at no moment, and its outcome is said to who asked."""
    talking = rules.talking(Connection(False, "PJSIP/anna", 30), 1)
    swapping, dialled = rules.step(talking, rules.Swap("PJSIP/ben", 7))

    assert dialled == (rules.Dial(2, "PJSIP/ben", rules.SWAP_RINGS),)
    there, effects = rules.step(swapping, rules.LegAnswered(2))
    assert effects == (rules.Join(2),) and there.leg == 1
    after, effects = rules.step(there, rules.Joined(2))
    assert effects == (rules.HangUpLeg(1), rules.Report(7, Result.SWAPPED)) and after.leg == 2


def test_a_swap_that_fails_changes_nothing() -> None:
    """Busy, no answer or a bridge that takes nobody more: the talk goes on, and who asked learns it."""
    talking = rules.talking(Connection(False, "PJSIP/anna", 30), 1)
    swapping, _ = rules.step(talking, rules.Swap("PJSIP/ben", 7))
    not_reached = rules.Report(7, Result.NOT_REACHED)

    assert rules.step(swapping, rules.LegGone(2, 17)) == (replace(talking, legs=2), (not_reached,))
    there, _ = rules.step(swapping, rules.LegAnswered(2))
    failed = rules.step(there, rules.NotJoined(2))
    assert failed == (replace(talking, legs=2), (rules.HangUpLeg(2), not_reached))
    again = rules.step(swapping, rules.Swap("PJSIP/carla", 8))
    assert again == (swapping, (rules.Report(8, Result.SWAPPING),))


def test_who_waits_alone_for_the_next_agent_is_not_left_waiting() -> None:
    """An agent who hangs up while the next one rings takes the caller along if nobody comes."""
    swapping, _ = rules.step(rules.talking(Connection(False, "PJSIP/anna", 30), 1), rules.Swap("PJSIP/ben"))
    alone, effects = rules.step(swapping, rules.LegGone(1, 16))
    assert effects == ()

    over, effects = rules.step(alone, rules.LegGone(2, 17))
    assert over.stage is Stage.OVER and rules.HangUpCaller() in effects
