"""The calls that somebody is in themselves, and what they may do about them: for the strip and for programs.

The page asks and the daemon does: a press is a command, and what came of it is told.
Whoever asks sees the calls that the agent is in who they are, and no others.
"""

from __future__ import annotations

from dataclasses import dataclass

from asterisk_gdpr.core.call.now import Because, Light
from asterisk_gdpr.core.call.state import Verb
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import SILENT, CallRow, Mark
from asterisk_gdpr.service.call import commands
from asterisk_gdpr.service.ids import new_id
from asterisk_gdpr_web.guard import person
from asterisk_gdpr_web.settings import services

VERBS = {"pause": Verb.PAUSE, "resume": Verb.RESUME, "stop": Verb.STOP}
"""What an agent may ask of the daemon; `stop` destroys what was recorded."""

LONGEST_MARK = 200


@dataclass(frozen=True)
class Own:
    """A call that the agent is in now."""

    call: CallRow
    light: str
    because: str

    @property
    def running(self) -> bool:
        """Whether there is a recording that can be paused or stopped."""
        return self.light in (Light.ON, Light.MUTED)

    @property
    def paused(self) -> bool:
        """Whether somebody paused it."""
        return self.because == Because.PAUSED


def whose() -> str:
    """The agent who the person is, by our id; empty for whoever is joined to none."""
    return services().accounts.user(person().name).agent


def own_calls() -> list[Own]:
    """The calls that the person is in, as the daemons said last."""
    agent = whose()
    if not agent:
        return []
    register, at = services().register, services().clock.now()
    told = [
        one
        for when, facts in register.beats().values()
        if at - when < SILENT
        for one in facts.get("now", ())
        if agent in one.get("agents", ())
    ]
    return [Own(register.call(one["call"]), one["light"], one["because"]) for one in told]


def mine(call: str) -> Own:
    """One of them; Refused (`unknown-call`) for any other, which does not exist for them."""
    found = next((own for own in own_calls() if own.call.id == call), None)
    if found is None:
        raise Refused("You are not in this call.", id="unknown-call")
    return found


def steer(call: str, verb: Verb) -> str:
    """Ask the daemon, wait, and return what came of it; raises Refused or Unreachable."""
    return commands.ask(services().register, services().clock, mine(call).call.id, verb, person().name)


def mark(call: str, text: str) -> Mark:
    """Mark this moment: what is sealed so far ends at it, or a few seconds before; Refused `no-recording`."""
    recording = mine(call).call.recording
    if recording is None:
        raise Refused("This call has no recording.", id="no-recording")
    register, now = services().register, services().clock.now()
    at_ms = 1000 * register.progress(recording).frames // register.recording(recording).rate
    made = Mark(new_id("k"), recording, at_ms, person().name, now, text.strip()[:LONGEST_MARK])
    register.add_mark(made)
    return made


def refer(call: str, reference: str) -> None:
    """Write down what a customer or a ticket is called, as a keyed hash: it is found, and not read."""
    services().office.references.set(mine(call).call.id, reference, person().name)
