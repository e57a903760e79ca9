"""Calls that an earlier life of this process left behind, each gone on with where it is found.

They wait until Asterisk has said which channels live; one of which nobody knows who is with it waits until
AMI is back, since without AMI nothing could be muted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from typing import Protocol

from asterisk_gdpr.core import call as machine
from asterisk_gdpr.core import connection
from asterisk_gdpr.core.call import events
from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.ports import Arrival
from asterisk_gdpr.service.call.actor import Actor
from asterisk_gdpr.service.call.found import Where, find
from asterisk_gdpr.service.call.left_behind import LeftBehind
from asterisk_gdpr.service.call.presence import Presence
from asterisk_gdpr.service.call.shared import Shared
from asterisk_gdpr.service.call.taken_up import Start, again, resumed


class Adopts(Protocol):
    """Who keeps the calls of the node."""

    def act(self, actor: Actor, start: Start, *, listed: bool = True) -> Actor:
        """Let a call be acted on; `listed` when its channel lives."""
        ...

    def keep_following(self, actor: Actor) -> None:
        """Have everything told that happens to a call, first who is in it, or that it has gone."""
        ...

    def end_stray(self, leg: str) -> None:
        """End a channel that nobody waits for any more."""
        ...


class Adoption:
    """What is still to be adopted; `policy` is the one in force, for calls whose own can be read no more."""

    def __init__(
        self,
        shared: Shared,
        presence: Presence,
        by: Adopts,
        may_agree_anew: Callable[[Actor, str], None],
    ) -> None:
        """`may_agree_anew` lets the caller of a call agree after a withdrawal; it is told the linkedid."""
        self._shared = shared
        self._presence = presence
        self._by = by
        self._may_agree_anew = may_agree_anew
        self._waiting: list[LeftBehind] = []

    def leave(self, calls: Sequence[LeftBehind]) -> None:
        """Calls that are to be adopted as soon as the channels are known."""
        self._waiting = list(calls)

    def take_up(self, channels: Mapping[str, Arrival | None], policy: Policy) -> Set[str]:
        """All channels are known: go on with each call; returns the linkedids of those that must wait."""
        waiting, self._waiting = self._waiting, []
        newest = {left.row.channel: left for left in waiting}
        for left in waiting:  # of a caller who came to another line the call that was before is over
            self._take_up(left, channels if newest[left.row.channel] is left else {}, policy)
        return {left.row.linkedid for left in self._waiting}

    def _take_up(self, left: LeftBehind, channels: Mapping[str, Arrival | None], policy: Policy) -> None:
        shared, by = self._shared, self._by
        found = find(left.row, channels, self._presence.bridges)
        for leg in found.stray:
            by.end_stray(leg)
        match found.where:
            case Where.UNSEEN:
                self._waiting.append(left)
            case Where.GONE | Where.TELLING:
                actor = by.act(again(shared, left, policy), resumed(shared, left), listed=False)
                actor.tell(events.HungUp())
            case Where.CHOSEN:
                by.act(again(shared, left, policy, found), machine.give_back())
            case Where.RINGING:
                actor = by.act(again(shared, left, policy, found), resumed(shared, left))
                actor.tell(connection.Leaving())  # whom we called is anybody's guess: the dialplan calls
            case Where.ELSEWHERE:
                actor = by.act(again(shared, left, policy, found), resumed(shared, left))
                known = shared.sealing.found(actor.recording or "")
                if left.policy is None or known.unknown:
                    actor.tell(events.CaptureFailed())  # what would have to be heeded is not known any more
                self._may_agree_anew(actor, left.row.linkedid)
                by.keep_following(actor)
                if known.held:
                    self._presence.was_held(left.row.channel)
