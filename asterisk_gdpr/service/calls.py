"""Every call of a node: who gets an actor, which actor is told what, and what a restart finds.

This is the `Reports` side of the exchange: it hands each report to the call that it concerns.
Who is in a call is reckoned here from all bridges of the Asterisk, and each party's clearance from the
register of agents; an actor is told only what has changed for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from asterisk_gdpr.core import call as machine
from asterisk_gdpr.core.agents import cleared
from asterisk_gdpr.core.call_values import (
    Call,
    Effect,
    ErasureOrdered,
    HoldChanged,
    HungUp,
    KeyPressed,
    LeftNotice,
    Outcome,
    PartiesChanged,
    Party,
    PromptEnded,
)
from asterisk_gdpr.core.parties import Bridges, endpoint_of
from asterisk_gdpr.core.policy import LineRules, Mode, Permission, Policy, rules_of
from asterisk_gdpr.errors import GdprError
from asterisk_gdpr.ports import Alarm, Arrival, CallRow
from asterisk_gdpr.service.actor import Actor, House, Taken
from asterisk_gdpr.service.ids import new_id

log = logging.getLogger(__name__)

SealNumber = Callable[[str, str], tuple[bytes, bytes] | None]
"""(call, number as the network gave it) → sealed number and blind index; None for a withheld one."""

Start = tuple[Call, tuple[Effect, ...]]


@dataclass(frozen=True)
class InForce:
    """What holds for the calls that arrive now; replaced as a whole when it changes.

    `stopped` are lines that cannot be offered (a prompt is missing); `off` those that were switched off,
    `*` for all; `standings` tells of each endpoint what its agent has said.
    """

    policy: Policy
    stopped: frozenset[str] = frozenset()
    off: frozenset[str] = frozenset()
    standings: Mapping[str, str] | None = None

    def is_off(self, line: str) -> bool:
        """Whether calls of this line are passed on at once."""
        return line in self.stopped or line in self.off or "*" in self.off


class Calls:
    """The calls of one node, by their channel."""

    def __init__(self, house: House, in_force: InForce, seal_number: SealNumber, node: str) -> None:
        self._house = house
        self._in_force = in_force
        self._seal_number = seal_number
        self._node = node
        self._actors: dict[str, Actor] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._bridges = Bridges()
        self._held: set[str] = set()
        self._told: dict[str, tuple[tuple[Party, ...], bool]] = {}
        self._left_behind: list[CallRow] | None = None

    @property
    def alive(self) -> int:
        """How many calls are in our hands now."""
        return len(self._actors)

    @property
    def in_force(self) -> InForce:
        """What holds for the calls that arrive now."""
        return self._in_force

    def now_in_force(self, in_force: InForce) -> None:
        """Agents' words count at once, for calls alive too; the policy for those that arrive from now on."""
        before, self._in_force = self._in_force, in_force
        if before.standings != in_force.standings:
            for channel in list(self._actors):
                self._tell_parties(channel)

    def adopt(self, rows: list[CallRow]) -> None:
        """Calls that an earlier life of this process left behind; sorted out when the channels are known."""
        self._left_behind = rows

    async def finish(self) -> None:
        """Wait for the actors that are still at work (after the exchange has been left)."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- reports ------------------------------------------------------------------------------

    def call_arrived(self, arrival: Arrival) -> None:
        """A call is ours until it is passed on."""
        if arrival.channel in self._actors:
            return  # the same channel twice: a doubled event
        in_force = self._in_force
        line = in_force.policy.lines.get(arrival.line)
        if line is None:
            self._alarm(
                "unknown-line", arrival.line, "A dialplan names a line that the policy does not have."
            )
        rules = rules_of(in_force.policy, line) if line else _unknown(arrival.line)
        language = _language(arrival.language, line.languages if line else ())
        taken = Taken(new_id("c"), arrival.channel, in_force.policy, rules, language)
        start = machine.begin(
            rules,
            switched_off=in_force.is_off(arrival.line),
            sampled_out=not self._house.sampling.is_in(taken.id, rules.share),
        )
        self._act(Actor(self._house, taken, self._register(taken, arrival)), start)

    def prompt_ended(self, playback: str, heard: bool) -> None:
        """A prompt of one of our calls, or of nobody's."""
        for actor in self._actors.values():
            if (number := actor.playing(playback)) is not None:
                actor.tell(PromptEnded(number, heard))
                return

    def key_pressed(self, channel: str, digit: str) -> None:
        """A key of the data subject."""
        if actor := self._actors.get(channel):
            actor.tell(KeyPressed(digit, self._house.clock.now()))

    def left_notice(self, channel: str) -> None:
        """The channel is back in the dialplan."""
        if actor := self._actors.get(channel):
            actor.tell(LeftNotice())

    def hung_up(self, channel: str) -> None:
        """The channel is gone; told by both interfaces, and counted once."""
        if actor := self._actors.pop(channel, None):
            self._told.pop(channel, None)
            actor.tell(HungUp())
        self._held.discard(channel)

    def entered_bridge(self, channel: str, name: str, bridge: str) -> None:
        """Somebody joined a bridge."""
        self._bridges_are(channel, self._bridges.entered(channel, name, bridge))

    def left_bridge(self, channel: str) -> None:
        """Somebody left a bridge."""
        self._bridges_are(channel, self._bridges.left(channel))

    def hold_changed(self, channel: str, held: bool) -> None:
        """Somebody put the others on hold, or took them back."""
        (self._held.add if held else self._held.discard)(channel)
        for subject in self._bridges.together(channel):
            self._tell_parties(subject)

    def bridges_known(self, members: Sequence[tuple[str, str, str]]) -> None:
        """All bridges, after a (re)connect."""
        self._bridges = Bridges.of(members)
        for channel in list(self._actors):
            self._tell_parties(channel)

    def channels_known(self, channels: Mapping[str, Arrival | None]) -> None:
        """All channels, after a (re)connect: who has gone meanwhile, and whom we do not know yet."""
        for channel in [one for one in self._actors if one not in channels]:
            self.hung_up(channel)
        rows, self._left_behind = self._left_behind or [], None
        for row in rows:
            self._take_up(row, channels)
        for arrival in channels.values():
            if arrival is not None and arrival.channel not in self._actors:
                self.call_arrived(arrival)

    def erasure_ordered(self, recording: str) -> None:
        """A tombstone stands on a recording: the call that it grows in stops capturing."""
        for actor in self._actors.values():
            if actor.recording == recording:
                actor.tell(ErasureOrdered())

    # --- a restart ----------------------------------------------------------------------------

    def _take_up(self, row: CallRow, channels: Mapping[str, Arrival | None]) -> None:
        """Go on with a call where an earlier life of this process left it."""
        line = self._in_force.policy.lines.get(row.line)
        rules = rules_of(self._in_force.policy, line) if line else _unknown(row.line)
        taken = Taken(row.id, row.channel, self._in_force.policy, rules, row.language)
        recording = row.recording if row.recording and self._house.sealing.holds(row.recording) else None
        actor = Actor(self._house, taken, _done(), recording=recording, capture=row.capture)
        if row.channel not in channels:
            start = self._resumed(row, recording)
            self._act(actor, start, listed=False)
            actor.tell(HungUp())
        elif channels[row.channel] is None:
            self._act(actor, self._resumed(row, recording))
            self._later(self._house.exchange.follow(row.channel))
            self._tell_parties(row.channel)
        elif row.choice is None:
            self._act(actor, self._resumed(row, None), listed=False)
            actor.tell(HungUp())  # its notice was cut off: the channel gets a new one, as a new call
        else:
            self._act(actor, machine.give_back())

    def _resumed(self, row: CallRow, recording: str | None) -> Start:
        outcome = Outcome(row.choice) if row.choice else Outcome.UNAVAILABLE
        purposes: frozenset[str] = frozenset()
        if recording is not None:
            terms = self._house.register.terms(recording)
            purposes = frozenset(term.purpose for term in terms if term.ended_at is None)
        return machine.resume(outcome=outcome, purposes=purposes, capturing=row.capture is not None)

    # --- inside -------------------------------------------------------------------------------

    async def _register(self, taken: Taken, arrival: Arrival) -> None:
        sealed = self._seal_number(taken.id, arrival.number)
        row = CallRow(
            id=taken.id,
            channel=taken.channel,
            linkedid=taken.channel,
            line=taken.rules.line,
            language=taken.language,
            node=self._node,
            policy=taken.policy.version,
            arrived_at=self._house.clock.now(),
            caller_sealed=sealed[0] if sealed else None,
            caller_index=sealed[1] if sealed else None,
        )
        await asyncio.to_thread(self._house.register.add_call, row)

    def _act(self, actor: Actor, start: Start, *, listed: bool = True) -> None:
        if listed:
            self._actors[actor.taken.channel] = actor
        self._later(actor.run(start))

    def _later(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(_guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _bridges_are(self, channel: str, after: Bridges) -> None:
        before, self._bridges = self._bridges, after
        for subject in before.together(channel) | after.together(channel):
            self._tell_parties(subject)

    def _tell_parties(self, subject: str) -> None:
        actor = self._actors.get(subject)
        if actor is None:
            return
        present = self._bridges.with_subject(subject)
        parties = tuple(self._party(actor, channel, name) for channel, name in present.items())
        held = not self._held.isdisjoint(self._bridges.together(subject))
        told = self._told.get(subject, ((), False))
        self._told[subject] = (parties, held)
        if held and not told[1]:
            actor.tell(HoldChanged(True))  # before the parties: what is in doubt is muted first
        if parties != told[0]:
            actor.tell(PartiesChanged(parties))
        if told[1] and not held:
            actor.tell(HoldChanged(False))

    def _party(self, actor: Actor, channel: str, name: str) -> Party:
        standing = (self._in_force.standings or {}).get(endpoint_of(name))
        clearance = cleared(actor.taken.rules.permission, standing)
        return Party(channel, clearance.cleared, str(clearance.why))

    def _alarm(self, id: str, about: str, message: str) -> None:
        alarm = Alarm(id, about, self._house.clock.now(), message)
        self._later(asyncio.to_thread(self._house.register.raise_alarm, alarm))


def _language(wanted: str, offered: Sequence[str]) -> str:
    """The channel's language where the line speaks it (`de_AT` counts as `de`), else the line's first."""
    short = wanted.lower().replace("_", "-").partition("-")[0]
    return short if short in offered else (offered[0] if offered else "en")


def _unknown(line: str) -> LineRules:
    """A line that the policy does not have: nothing is asked, nothing is recorded."""
    return LineRules(line, Mode.DISABLED, Permission.ALL_CONSENT, (), frozenset(), 0.0, 0)


async def _done() -> None:
    """The call is in the register already."""


async def _guarded(work: Awaitable[None]) -> None:
    try:
        await work
    except GdprError as error:
        log.error("%s", error.id)
