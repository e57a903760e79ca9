"""Taking calls: what a call is that arrives, comes again, or is agreed to once more in the talk.

It decides by which rules and under which choice a call begins; who keeps the calls acts on it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Protocol

from asterisk_gdpr.core import call as machine
from asterisk_gdpr.core import connection
from asterisk_gdpr.core.call.state import Pressed
from asterisk_gdpr.core.line_rules import rules_of
from asterisk_gdpr.core.policy import Direction
from asterisk_gdpr.ports import Arrival, CallRow, Way
from asterisk_gdpr.service.call.actor import Actor
from asterisk_gdpr.service.call.arrivals import passed_on, row_of, spoken, subject_of, treated
from asterisk_gdpr.service.call.connecting import Between
from asterisk_gdpr.service.call.entries import FIRST, begin_again, enter
from asterisk_gdpr.service.call.in_force import InForce
from asterisk_gdpr.service.call.left_behind import without_policy
from asterisk_gdpr.service.call.load import Load
from asterisk_gdpr.service.call.privacy_call import ALONE, PrivacyCall
from asterisk_gdpr.service.call.roster import Roster
from asterisk_gdpr.service.call.shared import Shared, Taken
from asterisk_gdpr.service.call.taken_up import Start
from asterisk_gdpr.service.ids import new_id
from asterisk_gdpr.service.keys.keeper import SealedNumber

NUMBER, DIALLED = "CALLERID(num)", "CALLERID(dnid)"
"""What a channel's dialplan knows of who calls, and of whom they called."""

SealNumber = Callable[[str, str], SealedNumber | None]
"""(call, number as the network gave it) → sealed number and blind index; None for a withheld one."""


class Keeps(Protocol):
    """Who keeps the calls of the node."""

    @property
    def in_force(self) -> InForce:
        """What holds for the calls that arrive now."""
        ...

    @property
    def leaving(self) -> bool:
        """Whether no call is taken any more."""
        ...

    def act(
        self, actor: Actor, start: Start, *, listed: bool = True, instead_of: Actor | None = None
    ) -> Actor:
        """Let a call be acted on, `instead_of` another one that ends first."""
        ...

    def tell_parties(self, subject: str) -> None:
        """Tell a call who is in it."""
        ...

    def pass_on(self, channel: str) -> None:
        """Let a channel go on in the dialplan."""
        ...

    def later(self, work: Awaitable[None]) -> None:
        """Have something done that nobody waits for."""
        ...

    def alarm(self, id: str, about: str, message: str) -> None:
        """Have a person look."""
        ...


class Taking:
    """Takes calls for whoever keeps them."""

    def __init__(
        self,
        shared: Shared,
        roster: Roster,
        load: Load,
        by: Keeps,
        seal_number: SealNumber,
        node: str,
        country: str,
    ) -> None:
        """`country` is the one in whose notation numbers without a `+` are; empty where it is not known."""
        self._shared = shared
        self._roster = roster
        self._load = load
        self._by = by
        self._seal_number = seal_number
        self._node = node
        self._country = country

    def comes_again(self, known: Actor, arrival: Arrival) -> None:
        """The caller comes to a line once more: the same one for them, or another one, as another call.

        Of a call to the privacy line nothing is recorded, so whatever was recorded until then ends there.
        """
        if self._roster.subject(arrival.channel) is not known:
            return  # a doubled event
        if arrival.way is Way.PRIVACY:
            self.take(arrival, known)
            return
        policy = self._by.in_force.policy
        line = treated(arrival, policy, self._by.in_force.agents).line
        outbound = line in policy.lines and policy.lines[line].direction is Direction.OUTBOUND
        if not outbound and not known.stays(policy, line):
            self.take(arrival, known)
        elif arrival.way is Way.CONNECT:
            self._connect_again(known, arrival)
        else:
            self._by.pass_on(arrival.channel)

    def take(self, arrival: Arrival, known: Actor | None = None) -> None:
        """A new call; `known` is what the caller was in until now, if they have come to another line."""
        in_force = self._by.in_force
        within = treated(arrival, in_force.policy, in_force.agents)
        line = in_force.policy.lines.get(within.line)
        if line is None:
            self._by.alarm(
                "unknown-line", arrival.line, "A dialplan names a line that the policy does not have."
            )
        rules = rules_of(in_force.policy, line) if line else without_policy(arrival.line)
        call = new_id("c")
        subject = subject_of(arrival, line, call, self._country)
        draw = self._shared.sampling.draw(call, rules.share)
        earlier = known.until_now if known else FIRST
        came = enter(earlier, in_force.policy, rules)
        rules = came.rules
        language = spoken(known.taken.language if known else "", line) or subject.language
        taken = Taken(call, subject.channel, in_force.policy, rules, language, draw, in_force.prompt, earlier)
        if arrival.way is Way.PRIVACY and self._shared.privacy is not None:
            privacy = PrivacyCall(
                self._shared, taken, self._shared.privacy, arrival.number, from_call=known is not None
            )
            self._by.act(privacy, ALONE, instead_of=known)
            return
        linkedid = arrival.linkedid or subject.channel
        row = partial(self._row, taken, linkedid, subject.number, self._shared.clock.now())
        start = machine.begin(
            rules,
            exempt=within.off or (line is not None and line.exempt),
            switched_off=in_force.is_off(within.line),
            sampled_out=draw is not None and not draw.is_in,
            never=in_force.is_never(rules, subject.number),
        )
        if known is not None:
            start = begin_again(earlier, came, start)
        actor = Actor(self._shared, taken, row, to_connect=subject.to_connect)
        actor.agrees_anew = partial(self._agrees_anew, actor, linkedid, subject.number)
        self._by.act(actor, start, instead_of=known)

    def may_agree_anew(self, actor: Actor, linkedid: str) -> None:
        """A call that a restart has found: if its caller agrees after a withdrawal, it is another one too."""
        actor.agrees_anew = lambda keys: self._by.later(self._asks_who(actor, linkedid, keys))

    async def _asks_who(self, known: Actor, linkedid: str, keys: tuple[Pressed, ...]) -> None:
        """The register has forgotten the number with what was withdrawn; Asterisk has not."""
        outbound = known.caller not in ("", known.taken.channel)
        asked = (known.caller, DIALLED) if outbound else (known.taken.channel, NUMBER)
        self._agrees_anew(known, linkedid, await self._shared.exchange.variable(*asked), keys)

    def _agrees_anew(self, known: Actor, linkedid: str, number: str, keys: tuple[Pressed, ...]) -> None:
        """Who has withdrawn agrees in the talk: from now on it is another call, with a new choice."""
        if self._roster.subject(known.taken.channel) is not known or self._by.leaving:
            return
        earlier = known.until_now
        taken = replace(known.taken, id=new_id("c"), earlier=earlier, heard=())
        row = partial(self._row, taken, linkedid, number, self._shared.clock.now())
        actor = Actor(self._shared, taken, row)
        known.goes_on_as(actor)
        actor.agrees_anew = partial(self._agrees_anew, actor, linkedid, number)
        call, effects = machine.agree_anew(taken.rules, keys)
        self._by.act(actor, (earlier.known_by(call), effects), instead_of=known)
        self._by.tell_parties(taken.channel)

    def turns_away(self, arrival: Arrival) -> bool:
        """A call that was asked in an earlier life of ours (outbound all are asked), or one too many."""
        within = treated(arrival, self._by.in_force.policy, self._by.in_force.agents)
        line = self._by.in_force.policy.lines.get(within.line)
        asked = arrival.asked and (line is None or line.direction is Direction.INBOUND)
        return asked or arrival.way is Way.AGAIN or not self._load.takes_one_more()

    def _connect_again(self, known: Actor, arrival: Arrival) -> None:
        """The same call is to be connected with somebody else, under the choice that was made."""
        if not known.connects or known.legs != known.taken.id:
            known.connect(Between(known.taken.id, arrival.channel), passed_on(arrival))
            self._roster.add(known)
        known.tell(connection.Again(arrival.endpoint, arrival.seconds))

    def _row(self, taken: Taken, linkedid: str, number: str, at: datetime) -> CallRow:
        """What the register is told of a new call; sealing a number takes a moment, and blocks."""
        sealed = self._seal_number(taken.id, number)
        return row_of(taken, linkedid, sealed, self._node, at)
