"""Every call of a node: who gets an actor, which actor is told what, and what a restart finds.

This is the `Reports` side of the exchange: it hands each report to the call that it concerns.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Mapping, Sequence, Set
from functools import partial

from asterisk_gdpr.core import connection
from asterisk_gdpr.core.call import events
from asterisk_gdpr.core.call.state import Result, Verb
from asterisk_gdpr.errors import GdprError, Refused
from asterisk_gdpr.ports import Arrival, Recorder, Way
from asterisk_gdpr.service.call.actor import Actor
from asterisk_gdpr.service.call.adoption import Adoption
from asterisk_gdpr.service.call.agents_keys import AgentsKeys
from asterisk_gdpr.service.call.arrivals import AT_LINE, is_elsewhere
from asterisk_gdpr.service.call.connecting import leg_number
from asterisk_gdpr.service.call.in_force import InForce
from asterisk_gdpr.service.call.left_behind import LeftBehind
from asterisk_gdpr.service.call.load import Load
from asterisk_gdpr.service.call.other_recorders import OtherRecorders
from asterisk_gdpr.service.call.presence import Presence
from asterisk_gdpr.service.call.roster import Roster
from asterisk_gdpr.service.call.shared import Shared
from asterisk_gdpr.service.call.steering import REST
from asterisk_gdpr.service.call.taken_up import Start
from asterisk_gdpr.service.call.taking import SealNumber, Taking
from asterisk_gdpr.service.call.watch import Watch

log = logging.getLogger(__name__)

LEAVING = 2.0
"""Seconds that an orderly stop gives the calls to be passed on, muted and written down."""

AGAIN = (Way.NOTICE, Way.AGAIN, Way.CONNECT, Way.PRIVACY)
"""What a caller whom we know can come again for."""


class Calls:
    """The calls of one node, by their channel."""

    def __init__(
        self, shared: Shared, in_force: InForce, seal_number: SealNumber, node: str, country: str = ""
    ) -> None:
        """`country` is the one in whose notation numbers without a `+` are; empty where it is not known."""
        self._shared = shared
        self._in_force = in_force
        self._roster = Roster()
        self._tasks: set[asyncio.Task[None]] = set()
        self._presence = Presence()
        self._watch = Watch(shared.exchange, shared.sealing, self)
        self._others = OtherRecorders(shared, self._roster, self._presence.places, self.later)
        self.load = Load(shared.scribe, shared.pace, shared.alarms, node, self._roster.by_subject)
        self._agents_keys = AgentsKeys()
        self._taking = Taking(shared, self._roster, self.load, self, seal_number, node, country)
        self._adoption = Adoption(shared, self._presence, self, self._taking.may_agree_anew)
        self.leaving = False
        """Whether no call is taken any more."""

    @property
    def alive(self) -> int:
        """How many calls are in our hands now."""
        return len(self._roster)

    def now(self) -> list[dict[str, str]]:
        """The calls in our hands as people see them: by ids and codes, nothing personal."""
        return [actor.now() for actor in self._roster]

    def with_whom(self) -> dict[str, frozenset[str]]:
        """Which registered endpoints are in each call now."""
        return {
            actor.taken.id: self._presence.endpoints_with(actor.taken.channel) & self._standings.keys()
            for actor in self._roster
        }

    @property
    def in_force(self) -> InForce:
        """What holds for the calls that arrive now."""
        return self._in_force

    async def watch(self) -> None:
        """Watch over the calls until cancelled; without this nothing of them is vouched for."""
        await asyncio.gather(self._watch.run(), self.load.run(), self._others.run())

    def now_in_force(self, in_force: InForce) -> None:
        """Agents' words count at once, for calls alive too; the policy for those that arrive from now on."""
        before, self._in_force = self._in_force, in_force
        if before.standings != in_force.standings:
            for channel in list(self._roster.by_subject):
                self.tell_parties(channel)

    def adopt(self, calls: Sequence[LeftBehind]) -> None:
        """Calls that an earlier life of this process left behind; sorted out when the channels are known."""
        self._adoption.leave(calls)

    async def finish(self) -> None:
        """Leave every call in good order: passed on, or muted, or written down; then act no more.

        To be called while the exchange is still there; returns within `LEAVING` seconds.
        """
        self.leaving = True
        for actor in self._roster:
            actor.tell(events.NodeLeaving())
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LEAVING)
        await self._watch.last_look()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- reports ------------------------------------------------------------------------------

    def call_arrived(self, arrival: Arrival) -> None:
        """A call is ours until it is passed on."""
        known = self._roster.handed_over(arrival.channel)
        if known is not None and known.in_hands:
            return  # a doubled event
        here = self._roster.subject(arrival.channel)
        if here is not None and arrival.way in AGAIN and not self.leaving:
            here.then(partial(self._taking.comes_again, here, arrival))
        elif known is not None or self.leaving or self._taking.turns_away(arrival):
            self.pass_on(arrival.channel)
        else:
            self._taking.take(arrival)

    def leg_answered(self, leg: str) -> None:
        """Somebody whom we called has taken the call; a leg of nobody's is ended."""
        if actor := self._roster.leg(leg):
            actor.tell(connection.LegAnswered(leg_number(leg)))
        else:
            self.end_stray(leg)

    def prompt_ended(self, playback: str, heard: bool) -> None:
        """A prompt of one of our calls (`CALL-NUMBER`), or of nobody's."""
        call, _, number = playback.rpartition("-")
        actor = self._roster.call(call)
        if actor is not None and number.isdecimal():
            actor.tell(events.PromptEnded(int(number), heard))

    def key_pressed(self, channel: str, digit: str) -> None:
        """A key of the data subject."""
        self._watch.look()
        actor = self._roster.subject(channel)
        if actor is None:
            self._pressed_by_another(channel, digit)
        else:
            self._watch.changed(channel)
            actor.tell(events.KeyPressed(digit, self._shared.clock.now()))

    def _pressed_by_another(self, channel: str, digit: str) -> None:
        """An agent who is known steers the recording of the caller they talk with."""
        actors = [actor for one in self._presence.together(channel) if (actor := self._roster.subject(one))]
        if actors and self._presence.endpoint(channel) not in self._standings:
            for actor in actors:
                actor.tell(events.PartyPressed(channel, digit))
            return
        if not actors:
            return
        if verb := self._agents_keys.pressed(channel, digit, self._shared.clock.now()):
            for actor in actors:
                actor.tell(events.Commanded(verb))

    async def command(self, call: str, verb: Verb, endpoint: str = "") -> Result:
        """Have something done with a call that is talking; returns what came of it.

        `endpoint` is who takes the agent's place in a swap.
        """
        actor = self._roster.call(call)
        if actor is None:
            return Result.NO_SUCH_CALL
        came: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        actor.command(verb, lambda result: None if came.done() else came.set_result(result), endpoint)
        return await came

    def fax_heard(self, channel: str) -> None:
        """A fax machine calls, which is nobody to tell or to ask."""
        if actor := self._roster.subject(channel):
            actor.tell(events.FaxHeard())

    def reference_said(self, channel: str, reference: str) -> None:
        """Another system has a name for this call."""
        if actor := self._roster.subject(channel):
            actor.refer(reference)

    def left_notice(self, channel: str) -> None:
        """The channel is back in the dialplan."""
        if actor := self._roster.caller_leaves(channel):
            actor.tell(connection.CallerLeft())
        if actor := self._roster.subject(channel):
            actor.tell(events.LeftNotice())

    def hung_up(self, channel: str, cause: int = 0) -> None:
        """The channel is gone; told by both interfaces, and counted once."""
        self._watch.look()
        if actor := self._roster.leg(channel):
            others = self._presence.together(actor.taken.channel) - {actor.taken.channel, channel}
            actor.tell(connection.LegGone(leg_number(channel), cause, bool(others)))
        if actor := self._roster.caller_leaves(channel):
            actor.tell(connection.CallerGone())
        if actor := self._roster.subject(channel):
            self._forget(actor)
            actor.tell(events.HungUp())
        self._presence.gone(channel)
        self._agents_keys.forget(channel)
        self._others.gone(channel)

    def other_recorders(self, at: str, now: Set[Recorder]) -> None:
        """Who else records a channel or a bridge, which may be one of a call of ours, or come to be."""
        self._others.are(at, now)

    def capture_ended(self, channel: str) -> None:
        """Somebody else has ended our capture."""
        if actor := self._roster.subject(channel):
            actor.tell(events.CaptureFailed())

    def entered_bridge(self, channel: str, name: str, bridge: str) -> None:
        """Somebody joined a bridge."""
        self._watch.look()
        self._moved(self._presence.entered(channel, name, bridge))

    def left_bridge(self, channel: str) -> None:
        """Somebody left a bridge."""
        self._watch.look()
        self._moved(self._presence.left(channel))

    def hold_changed(self, channel: str, held: bool) -> None:
        """Somebody put the others on hold, or took them back."""
        self._watch.look()
        for subject in self._presence.hold(channel, held):
            self.tell_parties(subject)

    def sight_lost(self) -> None:
        """The exchange tells nothing of bridges any more."""
        self._watch.lost()

    def bridges_known(self, members: Sequence[tuple[str, str, str]]) -> None:
        """All bridges, after a (re)connect; who was on hold and is still there counts as on hold."""
        self._presence.replaced(members)
        for channel in list(self._roster.by_subject):
            self.tell_parties(channel)
        self._watch.regained()

    def channels_known(self, channels: Mapping[str, Arrival | None]) -> None:
        """All channels, after a (re)connect: who has gone meanwhile, and whom we do not know yet."""
        for channel in [one for one in self._roster.channels if one not in channels]:
            self.hung_up(channel)
        for actor in self._roster:
            actor.legs_known(channels)
        later = self._adoption.take_up(channels, self._in_force.policy)
        for arrival in channels.values():
            if arrival is None or arrival.channel in self._roster:
                continue
            if arrival.linkedid not in later:
                self.call_arrived(arrival)

    def erasure_ordered(self, recording: str) -> None:
        """A tombstone stands on a recording: the call that it grows in stops capturing."""
        for actor in self._roster:
            if actor.recording == recording:
                actor.tell(events.ErasureOrdered())

    # --- the watch ----------------------------------------------------------------------------

    def unwatched(self) -> None:
        """Nobody knows who is in which call."""
        for actor in self._roster:
            actor.tell(events.SightLost())

    def watched_again(self, changed: Set[str] | None) -> None:
        """It is known again; `changed` are the calls to which something happened meanwhile, None: any."""
        for channel, actor in self._roster.by_subject.items():
            actor.tell(events.SightRegained(same=changed is not None and channel not in changed))

    def unsettled(self) -> Set[str]:
        """The recordings of calls of which not everything that was told has been acted upon."""
        return {actor.recording for actor in self._roster if actor.recording and not actor.settled}

    # --- a restart ----------------------------------------------------------------------------

    def end_stray(self, leg: str) -> None:
        """A channel that nobody waits for any more."""
        self.later(self._shared.exchange.end_channel(leg))

    def keep_following(self, actor: Actor) -> None:
        """A call that was adopted: have everything told, or that it has gone."""
        self.later(self._follow(actor))

    async def _follow(self, actor: Actor) -> None:
        """Hear of a call again; one that came to another line while nobody was there is recorded no more."""
        channel, exchange, line = actor.taken.channel, self._shared.exchange, actor.taken.rules.line
        try:
            await exchange.follow(channel)
            at_line = await exchange.variable(channel, AT_LINE)
            if line != actor.taken.policy.internal.line and is_elsewhere(line, at_line):
                actor.tell(events.CaptureFailed())
            self.tell_parties(channel)
        except GdprError as error:
            if error.id != "channel-gone":
                raise
            self.hung_up(channel)

    # --- inside -------------------------------------------------------------------------------

    def act(
        self, actor: Actor, start: Start, *, listed: bool = True, instead_of: Actor | None = None
    ) -> Actor:
        """Let a call be acted on; `listed` when its channel lives.

        The one `instead_of` which it goes on ends first, and has let go of the channel then.
        """
        ended = asyncio.Event()
        if instead_of is None:
            ended.set()
        else:
            self._presence.forget(actor.taken.channel)
            instead_of.tell(events.MovedOn())
            instead_of.then(ended.set)
        if listed:
            self._roster.add(actor)
            if not self._watch.seeing:
                actor.tell(events.SightLost())
        actor.begin_with(start)
        self.later(self._run(actor, ended))
        return actor

    async def _run(self, actor: Actor, may_begin: asyncio.Event) -> None:
        try:
            if not may_begin.is_set():
                await may_begin.wait()
                await asyncio.sleep(REST)
            await actor.run()
        finally:
            self._forget(actor)

    def _forget(self, actor: Actor) -> None:
        """Nothing of a call is kept once it has ended, however it ended."""
        self._others.forget(actor.taken.id)
        if self._roster.forget(actor):
            self._presence.forget(actor.taken.channel)

    def later(self, work: Awaitable[None]) -> None:
        """Have something done that nobody waits for; what fails of it is in the log."""
        task = asyncio.ensure_future(_guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _moved(self, subjects: Set[str]) -> None:
        """Somebody joined or left these, as far as they are data subjects."""
        for subject in subjects:
            self.tell_parties(subject)
            actor = self._roster.subject(subject)
            if actor is not None and actor.connects and self._presence.together(subject) == {subject}:
                actor.tell(connection.Alone())

    def tell_parties(self, subject: str) -> None:
        """Tell a call who is in it, as far as that has changed."""
        if actor := self._roster.subject(subject):
            if self._presence.tell(actor, self._standings):
                self._watch.changed(subject)
                if self._presence.endpoints_with(subject):
                    self.later(self._note_queue(actor))
            self._others.look_at(actor)

    async def _note_queue(self, actor: Actor) -> None:
        """Somebody is with the caller: their queue is asked of the dialplan, and nobody waits for that."""
        exchange, channel = self._shared.exchange, actor.taken.channel
        with contextlib.suppress(Refused):
            if await exchange.variable(channel, "CHANNEL(appname)") != "Queue":
                return
            queue = (await exchange.variable(channel, "CHANNEL(appdata)")).partition(",")[0]
            await self._shared.scribe.write(self._shared.register.add_queue, actor.taken.id, queue)

    @property
    def _standings(self) -> Mapping[str, str]:
        return self._in_force.standings or {}

    def pass_on(self, channel: str) -> None:
        """Let a channel go on in the dialplan."""
        self.later(self._shared.exchange.pass_on(channel))

    def alarm(self, id: str, about: str, message: str) -> None:
        """Have a person look."""
        self.later(asyncio.to_thread(self._shared.alarms.raise_, id, about, message))


async def _guarded(work: Awaitable[None]) -> None:
    try:
        await work
    except GdprError as error:
        log.error("%s", error.id)
    except Exception:
        log.exception("a bug")
