"""What a step of the machine leaves beside the legs: for the manifest, and for the next life of this process.

Who joined goes to the desk, in its turn. A pause and a hold are noted at once, in memory alone: a process
that is killed while the register is locked must not forget that card data is being said.
"""

from __future__ import annotations

from datetime import datetime

from asterisk_gdpr.core.call.state import Call
from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.service.call.desk import Desk


def note_step(desk: Desk, before: Call, call: Call, at: datetime) -> None:
    """Note what this step has changed of who is there, of a pause and of a hold."""
    _note_parties(desk, before, call, at)
    if (before.paused, before.pausing) != (call.paused, call.pausing):
        since = to_text(at) if call.paused else None
        desk.note_now(lambda notes: setattr(notes, "paused_since", since))
    if before.held != call.held:
        desk.note_now(lambda notes: setattr(notes, "on_hold", call.held))


def _note_parties(desk: Desk, before: Call, call: Call, at: datetime) -> None:
    """Who joined, or is cleared now: their clearance and its rule, never who they are."""
    known = {party.channel: (party.cleared, party.why) for party in before.parties}
    new = [party for party in call.parties if known.get(party.channel) != (party.cleared, party.why)]
    if new:
        since = to_text(at)
        told = [{"role": "agent", "cleared": p.cleared, "why": p.why or "unknown", "at": since} for p in new]
        desk.note(lambda notes: notes.parties.extend(told))
