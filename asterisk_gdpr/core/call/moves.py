"""What several phases do: play a part, pass the call on without a recording, undo what was made ready."""

from __future__ import annotations

from dataclasses import replace

from asterisk_gdpr.core.call import effects as do
from asterisk_gdpr.core.call.state import Call, Capture, Outcome, Part, Phase

Step = tuple[Call, tuple[do.Effect, ...]]
"""The call as it is then, and what must be done, in order."""

READYING = (Capture.STARTING, Capture.MUTED)
"""A recording exists (its key is committed) though the call has not been passed on."""


def play(call: Call, phase: Phase, part: Part, *before: do.Effect) -> Step:
    """Play a part of the notice, after whatever must be done before."""
    number = call.playing + 1
    question = len(call.answers) if part is Part.QUESTION else 0
    return replace(call, phase=phase, playing=number), (*before, do.Play(number, part, question))


def pass_on(call: Call, outcome: Outcome) -> Step:
    """Pass the call on without having asked anything."""
    call = replace(call, phase=Phase.PASSED, outcome=outcome)
    commit = do.CommitChoice(outcome, call.answers, frozenset(), call.keys)
    return call, (do.PassOn(outcome, recording=False), commit)


def unavailable(call: Call, *after: do.Effect, sounding: bool = False) -> Step:
    """The notice could not be given, or its answer not kept: the call goes on, unrecorded."""
    stop = (do.StopPlaying(),) if sounding else ()
    passing = do.PassOn(Outcome.UNAVAILABLE, recording=False)
    return given_up(call), (*stop, passing, *undo(call), *after)


def given_up(call: Call) -> Call:
    """The call as it goes on without a recording, whatever of one was made ready."""
    return replace(
        call,
        phase=Phase.PASSED,
        outcome=Outcome.UNAVAILABLE,
        purposes=frozenset(),
        capture=Capture.NONE if call.capture is Capture.NONE else Capture.STOPPED,
        acknowledging=False,
    )


def undo(call: Call) -> tuple[do.Effect, ...]:
    """What takes back a recording that was made ready."""
    return (do.StopCapture(), do.Abandon()) if call.capture in READYING else ()
