"""A call that an earlier life of this process left behind, made ready to be acted on again."""

from __future__ import annotations

from datetime import datetime

from asterisk_gdpr.core import call as machine
from asterisk_gdpr.core.call import effects as do
from asterisk_gdpr.core.call.state import Call, Outcome
from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.ports import CallRow
from asterisk_gdpr.service.call.actor import Actor
from asterisk_gdpr.service.call.found import Found
from asterisk_gdpr.service.call.left_behind import LeftBehind
from asterisk_gdpr.service.call.shared import Shared, Taken

LEAST = 2.0
"""Seconds that a pause goes on for at least: whoever talks is known by then, and hears its end."""

Start = tuple[Call, tuple[do.Effect, ...]]
"""A call as it is when its actor begins, and what must be done first."""


def again(shared: Shared, left: LeftBehind, policy: Policy, found: Found | None = None) -> Actor:
    """The actor of a call; `policy` is the one in force, where its own can be read no more."""
    row = left.row
    its = left.policy or policy
    taken = Taken(row.id, row.channel, its, left.rules, row.language, earlier=left.earlier, heard=left.heard)
    return Actor(
        shared,
        taken,
        recording=_held_recording(shared, row),
        capture=row.capture,
        to_connect=found.to_connect if found else None,
    )


def resumed(shared: Shared, left: LeftBehind) -> Start:
    """The call as it was passed on, muted until its parties are known again."""
    row = left.row
    outcome = Outcome(row.choice) if row.choice else Outcome.UNAVAILABLE
    recording = _held_recording(shared, row)
    purposes = left.purposes if recording else frozenset[str]()
    found = shared.sealing.found(recording or "")
    call, effects = machine.resume(
        outcome=outcome,
        purposes=purposes,
        capturing=row.capture is not None,
        talked=found.talked,
        in_doubt=found.in_doubt,
        unseen=recording is None,
        pause=_rest(found.paused_since, left.rules.pause_limit, shared.clock.now()),
        withdrawn=left.withdrawn,
        told=left.told,
    )
    return left.earlier.known_by(call), effects


def _rest(paused_since: datetime | None, limit: int, now: datetime) -> float:
    """For how many seconds a pause goes on: the rest of the line's limit, however the clock was set."""
    if paused_since is None:
        return 0.0
    gone = (now - paused_since).total_seconds()
    return min(max(limit - gone, LEAST), float(max(limit, LEAST)))


def _held_recording(shared: Shared, row: CallRow) -> str | None:
    return row.recording if row.recording and shared.sealing.holds(row.recording) else None
