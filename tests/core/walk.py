"""Every history that a call can have, walked: the machine together with a world that answers it.

The world keeps what the machine cannot know: which results are still under way, whether a prompt
sounds, and what has truly happened to the recording. Its laws are asserted at every step.
Two histories that lead to the same machine and the same world are walked on from there once,
so that the walk ends although histories do not.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime
from operator import attrgetter
from typing import NamedTuple

from asterisk_gdpr.core.call import MAX_ROUNDS, begin, events, step
from asterisk_gdpr.core.call import effects as do
from asterisk_gdpr.core.call.moves import Step
from asterisk_gdpr.core.call.state import Call, Capture, Outcome, Part, Party, Phase, Verb
from asterisk_gdpr.core.line_rules import LineRules, Question
from asterisk_gdpr.core.policy import Mode, Permission, Receipt

_IN_NOTICE = (Phase.STATEMENT, Phase.QUESTION, Phase.WAITING, Phase.DETAILS)
_NOT_RUNNING = (Capture.NONE, Capture.STOPPED)
AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CLEARED = Party("a1", cleared=True)
UNCLEARED = Party("a2", cleared=False)

OPT_IN = Question(opt_in=frozenset({"quality"}))
OPT_OUT = Question(opt_out=frozenset({"disputes"}))
BOTH = Question(opt_in=frozenset({"quality"}), opt_out=frozenset({"disputes"}))
SECOND = Question(opt_in=frozenset({"training"}))


def rules(*questions: Question, mandatory: frozenset[str] = frozenset(), mode: Mode = Mode.LIVE) -> LineRules:
    """A line's rules as the tests need them."""
    return LineRules("sales", mode, Permission.ALL_CONSENT, questions, mandatory, 3.0, 0)


LINES = {
    "opt-in": rules(OPT_IN),
    "opt-out": rules(OPT_OUT),
    "both in one question": rules(BOTH),
    "one question each": rules(OPT_IN, SECOND),
    "mandatory": rules(mandatory=frozenset({"mifid"})),
    "mandatory and opt-in": rules(OPT_IN, mandatory=frozenset({"mifid"})),
    "shadow": rules(OPT_IN, mode=Mode.SHADOW),
    "disabled": rules(OPT_IN, mode=Mode.DISABLED),
}


SPOKEN = {
    "in two languages": replace(rules(OPT_IN), multilingual=True),
    "with a code": replace(rules(OPT_IN), receipt=Receipt.ALWAYS),
    "with a code by key": replace(rules(OPT_OUT), receipt=Receipt.KEY),
    "with a code by key, in two languages": replace(
        rules(OPT_OUT, mandatory=frozenset({"mifid"})), receipt=Receipt.KEY, multilingual=True
    ),
    "in early media": replace(rules(OPT_IN, SECOND), early_media=True),
    "in early media, without agreement": replace(
        rules(OPT_OUT, mandatory=frozenset({"mifid"})), early_media=True
    ),
}
"""Lines whose callers may ask for another language, hear a code, or hear the notice unanswered."""

_HEARD, _SILENCE = events.PromptEnded(0, heard=True), events.WaitEnded(0)
_AGREES, _REFUSES = events.KeyPressed("1", AT), events.KeyPressed("2", AT)
_READY = (events.ChoiceCommitted(), events.RecordingPrepared(), events.CaptureStarted())
_TALKS = (events.PartiesChanged((CLEARED,)),)
TALKS: dict[str, tuple[str, tuple[events.Event, ...]]] = {
    "agreed": ("opt-in", (_HEARD, _HEARD, _AGREES, *_READY, _HEARD, *_TALKS)),
    "not objected": ("opt-out", (_HEARD, _HEARD, _SILENCE, *_READY, *_TALKS)),
    "kept by law": ("mandatory and opt-in", (_HEARD, _HEARD, _AGREES, *_READY, _HEARD, *_TALKS)),
    "refused": ("opt-in", (_HEARD, _HEARD, _REFUSES, events.ChoiceCommitted(), *_TALKS)),
    "refused early": ("opt-in", (_REFUSES, events.ChoiceCommitted(), *_TALKS)),
}
"""Talks to walk on from: the line, and what has happened until somebody talks."""


class World(NamedTuple):
    """What is so outside the machine; a tuple, since a walk makes and compares a hundred thousand of them."""

    sounding: bool = False
    waiting: bool = False
    committing: bool = False
    preparing: bool = False
    starting: bool = False
    withdrawing: bool = False
    renewing: bool = False
    paused: bool = False
    in_stasis: bool = True
    alive: bool = True
    statement_heard: bool = False
    """In the language that is spoken now."""
    agreed: bool = False
    """The same of the key; what was pressed in another language is not said in this one."""
    pressed: bool = False
    """One of the keys that answer a question."""
    coded: bool = False
    wants_code: bool = False
    exists: bool = False
    running: bool = False
    open: bool = False
    unwatched: bool = False
    doubt: bool = False
    """Something was captured while nobody watched, and has not been called silence."""
    passed_on: int = 0
    ended: int = 0
    moved: bool = False
    """The caller is there, and goes on as another call."""
    late: bool = False
    """They have agreed by a key in the talk."""


BEFORE = World()
"""Before a call arrives."""


def happenings(call: Call, world: World, *, steered: bool = False, keys: str = "") -> Iterator[events.Event]:
    """Whatever can happen next; `steered` also what people ask for in the talk, and nobody watching it.

    `keys` are those that mean something on this line alone.
    """
    if world.sounding:
        yield events.PromptEnded(call.playing, heard=True)
        yield events.PromptEnded(call.playing, heard=False)
    if world.waiting:
        yield events.WaitEnded(call.playing)
    if world.alive:
        for digit in _digits(call) + (keys if call.phase not in (Phase.CONFIRMING, Phase.PASSED) else ""):
            yield events.KeyPressed(digit, AT)
        if world.in_stasis:
            yield events.LeftNotice()
            yield events.FaxHeard()
        else:
            for parties in ((), (CLEARED,), (CLEARED, UNCLEARED)):
                if parties != call.parties:
                    yield events.PartiesChanged(parties)
            yield events.HoldChanged(not call.held)
        if steered and not world.in_stasis:
            yield from (events.Commanded(verb) for verb in (Verb.TOGGLE, Verb.STOP))
            if call.paused:
                yield events.PauseEnded(call.pausing)
            if not call.statement_heard and call.outcome is Outcome.REFUSED:
                yield events.WhisperEnded(Part.STATEMENT, heard=True)
            if not world.unwatched:
                yield events.SightLost()
            else:
                yield events.SightRegained(same=True)
                yield events.SightRegained(same=False)
        if world.exists and call.phase is Phase.PASSED:
            yield events.ErasureOrdered()
        if not world.in_stasis:
            yield events.MovedOn()
        yield events.HungUp()
        yield events.NodeLeaving()
        yield events.WentWrong()
    if world.committing:
        yield events.ChoiceCommitted()
        yield events.ChoiceNotCommitted()
    if world.preparing:
        yield events.RecordingPrepared()
        yield events.RecordingNotPrepared()
    if world.starting:
        yield events.CaptureStarted()
        yield events.CaptureFailed()
    elif world.running:
        yield events.CaptureFailed()
    if world.renewing:
        yield events.StretchReady()
        yield events.CaptureFailed()
    if world.withdrawing:
        yield events.WithdrawalCommitted()
        yield events.WithdrawalNotCommitted()


def _keys(line: LineRules) -> str:
    return ("3" if line.multilingual else "") + ("8" if line.receipt is Receipt.KEY else "")


def _digits(call: Call) -> str:
    """The keys worth walking: asking again and again for details leads nowhere new until it is refused."""
    if call.phase is Phase.PASSED:
        return "49*"
    if call.phase is Phase.CONFIRMING:
        return "129*"
    return "1259*7" if call.rounds in (0, MAX_ROUNDS) else "129*"


def happens(world: World, call: Call, event: events.Event) -> World:
    """The world after an event, before the machine has answered."""
    match event:
        case events.PromptEnded(playing, heard) if playing == call.playing:
            heard_it = world.statement_heard or (heard and call.phase is Phase.STATEMENT)
            return world._replace(sounding=False, statement_heard=heard_it)
        case events.WaitEnded(playing) if playing == call.playing:
            return world._replace(waiting=False)
        case events.KeyPressed("1") if call.phase is not Phase.PASSED:
            return world._replace(agreed=True, pressed=True)
        case events.KeyPressed("2" | "9") if call.phase is not Phase.PASSED:
            return world._replace(pressed=True)
        case events.KeyPressed("8") if call.phase in _IN_NOTICE:
            return world._replace(wants_code=True)
        case events.KeyPressed("4") if call.phase is Phase.PASSED:
            return world._replace(agreed=True, late=True, pressed=True)
        case events.MovedOn():
            return world._replace(alive=False, moved=True, renewing=False)
        case events.WhisperEnded(Part.STATEMENT, True):
            return world._replace(statement_heard=True)
        case events.Commanded(Verb.TOGGLE):
            return world._replace(paused=not call.paused and call.capture not in _NOT_RUNNING)
        case events.PauseEnded():
            return world._replace(paused=False)
        case events.StretchReady():
            return world._replace(renewing=False)
        case events.LeftNotice() | events.FaxHeard():
            return world._replace(in_stasis=False, sounding=False, waiting=False)
        case events.SightLost():
            return world._replace(unwatched=True, doubt=world.open)
        case events.SightRegained(same):
            return world._replace(unwatched=False, doubt=world.doubt and not same)
        case events.HungUp():
            return world._replace(
                alive=False, sounding=False, waiting=False, running=False, open=False, renewing=False
            )
        case events.ChoiceCommitted() | events.ChoiceNotCommitted():
            return world._replace(committing=False)
        case events.RecordingPrepared():
            return world._replace(preparing=False, exists=True)
        case events.RecordingNotPrepared():
            return world._replace(preparing=False)
        case events.CaptureStarted():
            return world._replace(starting=False, running=world.alive or world.moved)
        case events.CaptureFailed():
            return world._replace(starting=False, renewing=False, running=False, open=False)
        case events.ErasureOrdered():
            return world._replace(exists=False)
        case events.WithdrawalCommitted() | events.WithdrawalNotCommitted():
            return world._replace(withdrawing=False)
    return world


def obeys(world: World, line: LineRules, before: Call, call: Call, effect: do.Effect) -> World:
    """The world after an effect; the laws of capture are asserted here."""
    match effect:
        case do.Play(part=Part.RECEIPT):
            assert world.in_stasis and world.alive and not world.coded, (
                "the code is told once, and before the talk"
            )
            assert call.purposes, "a call of which nothing is recorded has no code"
            return world._replace(sounding=True, coded=True)
        case do.NextLanguage():
            assert line.multilingual
            return world._replace(statement_heard=False, agreed=False)
        case do.Play():
            assert world.in_stasis and world.alive, "a prompt plays only while the call is ours"
            return world._replace(sounding=True, waiting=False)
        case do.StopPlaying():
            assert world.sounding, "only a prompt that sounds is stopped"
            return world._replace(sounding=False)
        case do.WaitForKey():
            return world._replace(waiting=True)
        case do.CommitChoice(outcome=outcome, purposes=purposes):
            if outcome is Outcome.FAX:
                assert not purposes, "nothing of a fax is recorded"
            if outcome is Outcome.AGREED:
                assert world.agreed, "agreed is never written for a caller who did not press the key"
            told = world.statement_heard or purposes <= line.carried
            assert told or not purposes, "no purpose is granted before the statement was heard"
            proven = world.pressed or not line.early_media
            assert proven or not purposes, "in early media nothing is granted without a key"
            return world._replace(committing=True)
        case do.PrepareRecording(purposes=purposes):
            assert purposes and (world.statement_heard or purposes <= line.carried)
            assert world.late or not purposes & line.barred, "what was refused before stays refused"
            return world._replace(preparing=True)
        case do.StartCapture():
            assert world.in_stasis or call.renewing or world.agreed, "it starts before there is a bridge"
            assert not world.running, "one capture at a time"
            return world._replace(starting=True)
        case do.RenewCapture():
            assert not world.paused, "what is paused is not started anew"
            return world._replace(running=False, open=False, renewing=True)
        case do.OpenCapture():
            assert world.running and world.exists, "only a running capture of a prepared recording opens"
            told = world.statement_heard or call.purposes <= line.carried
            assert told, "no capture without a proven notice"
            assert world.late or not call.purposes & line.barred, "what was refused before stays refused"
            assert call.purposes, "no capture without a purpose that the choice allows"
            assert call.outcome not in (Outcome.REFUSED, Outcome.UNAVAILABLE) or line.mandatory
            assert call.parties and all(p.cleared for p in call.parties), "nobody uncleared is captured"
            assert not call.held, "hold is not captured"
            assert not world.paused, "a pause is not captured"
            assert not call.overdue, "a capture that others wore out is not opened for somebody new"
            assert not world.unwatched, "nothing opens while nobody watches"
            assert not world.doubt, "what was captured unwatched is called silence first"
            return world._replace(open=True)
        case do.MuteCapture():
            return world._replace(open=False)
        case do.StopCapture():
            return world._replace(running=False, open=False)
        case do.PassOn(recording=recording):
            assert world.alive and world.in_stasis, "only a call that is ours is passed on"
            assert not recording or (world.running and world.exists), "`on` is said only of a running capture"
            wanted = line.receipt is Receipt.ALWAYS or (line.receipt is Receipt.KEY and world.wants_code)
            assert not recording or not wanted or world.coded, "whoever is to hear the code hears it"
            return world._replace(
                passed_on=world.passed_on + 1, in_stasis=False, sounding=False, waiting=False
            )
        case do.AgreeAnew():
            assert world.late and world.statement_heard, "only who was told agrees, by key"
            assert not call.purposes and not world.running, "what was withdrawn has ended before"
            return world
        case do.CommitWithdrawal(remaining=remaining):
            return world._replace(withdrawing=True, exists=bool(remaining) and world.exists)
        case do.Silence():
            assert not world.open, "muted before what was captured unwatched is called silence"
            return world._replace(doubt=False)
        case do.CloseRecording(in_doubt):
            assert in_doubt or not world.doubt, "what was captured unwatched is never sealed as sound"
            return world._replace(exists=False, doubt=False)
        case do.Abandon():
            return world._replace(exists=False)
        case do.EndCall():
            return world._replace(ended=world.ended + 1)
    return world


def is_over(world: World) -> bool:
    """Nothing is under way any more and the caller has gone."""
    under_way = world.committing or world.preparing or world.starting or world.withdrawing
    return not world.alive and not under_way


def take(
    line: LineRules, before: Call, world: World, event: events.Event | None, start: Step | None = None
) -> tuple[Call, World]:
    """One step of both, with the laws that hold after every step; `start` is another beginning than usual."""
    if event is None:
        call, effects = start or begin(line)
    else:
        world = happens(world, before, event)
        call, effects = step(line, before, event)
    for effect in effects:
        world = obeys(world, line, before, call, effect)
    if world.open:
        assert world.alive and not world.in_stasis, "no capture survives the call"
        assert call.purposes, "no capture survives a refusal or a withdrawal"
        assert call.parties and all(p.cleared for p in call.parties) and not call.held
    if not world.unwatched and world.exists:
        assert not world.doubt, "doubt ends when somebody watches again"
    assert not (world.moved and world.running), "nothing runs on for a caller who has moved on"
    if call.phase is Phase.ENDED:
        assert call.ending is not None and world.ended == 1, "every end is named, once"
    assert world.passed_on <= 1, "a call is passed on once"
    if is_over(world):
        assert not world.exists, "a recording that was prepared is closed, withdrawn or erased"
    return call, world


_ELSEWHERE = ("playing", "keys", "rounds", "pausing", "beeping")
_COUNTS = attrgetter(*(field.name for field in fields(Call) if field.name not in _ELSEWHERE))
_AFTER_NOTICE = (Phase.CONFIRMING, Phase.PASSED, Phase.ENDED)


def _same(call: Call, world: World) -> Hashable:
    """What makes two histories one.

    The number of a prompt does not matter, nor keys but a begun `*9`, nor, once the notice is over,
    how often something of it was asked for again.
    """
    keys = call.keys[-1:] if call.keys and call.keys[-1].digit == "*" else ()
    rounds = 0 if call.phase in _AFTER_NOTICE else call.rounds
    return _COUNTS(call), keys, rounds, world


def follow(
    line: LineRules, after: Iterable[events.Event], start: Step | None = None, world: World = BEFORE
) -> tuple[Call, World]:
    """A call to which these things have happened; prompts and waits that end are those that are under way."""
    call, world = take(line, Call(Phase.STATEMENT), world, None, start)
    for event in after:
        its = isinstance(event, events.PromptEnded | events.WaitEnded)
        call, world = take(line, call, world, replace(event, playing=call.playing) if its else event)
    return call, world


def walk(
    line: LineRules,
    *,
    rounds: int = 0,
    after: Iterable[events.Event] = (),
    steered: bool = False,
    depth: int | None = None,
    start: Step | None = None,
    world: World = BEFORE,
    visit: Callable[[Call, World], None] = lambda _call, _world: None,
) -> int:
    """Walk every history there is, or those of `depth` events; the number of different situations met.

    `rounds` is how often the caller has asked for details or a repeat before the walk begins; `after` is
    what has happened before it; `steered` adds what people ask for in the talk. It begins with `start` in
    `world`, where that is not how every call begins; each situation is shown to `visit`.

    A law that breaks is told with the shortest history that breaks it.
    """
    call, world = follow(line, after, start, world)
    call = replace(call, rounds=rounds)
    history: dict[Hashable, tuple[events.Event, ...]] = {_same(call, world): ()}
    frontier = [(call, world)]
    while frontier and depth != 0:
        depth = None if depth is None else depth - 1
        following = []
        for call, world in frontier:
            past = history[_same(call, world)]
            for event in happenings(call, world, steered=steered, keys=_keys(line)):
                try:
                    reached = take(line, call, world, event)
                except (AssertionError, KeyError) as broken:
                    told = "\n  ".join(str(one) for one in (*past, event))
                    raise AssertionError(f"{broken}\nafter\n  {told}\nfrom {call}") from broken
                if isinstance(event, events.NodeLeaving):
                    continue  # who has left acts no more
                if (same := _same(*reached)) not in history:
                    visit(*reached)
                    history[same] = (*past, event)
                    following.append(reached)
        frontier = following
    return len(history)
