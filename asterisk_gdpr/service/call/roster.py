"""The calls in our hands, found by what Asterisk and people name them by: channels, legs, prompts, our id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from asterisk_gdpr.service.call.actor import Actor


class Roster:
    """All calls of one node that have not ended."""

    def __init__(self) -> None:
        self._by_subject: dict[str, Actor] = {}
        self._by_id: dict[str, Actor] = {}
        self._by_caller: dict[str, Actor] = {}
        """Outbound: by the channel that calls, which is not the data subject's."""
        self._by_legs: dict[str, Actor] = {}
        """Those that have gone on as another call: by the id of the one that their legs are named after."""

    @property
    def by_subject(self) -> Mapping[str, Actor]:
        """Calls by the data subject's channel."""
        return self._by_subject

    def __iter__(self) -> Iterator[Actor]:
        return iter(list(self._by_subject.values()))

    def __len__(self) -> int:
        return len(self._by_subject)

    def __contains__(self, channel: str) -> bool:
        return channel in self._by_subject or channel in self._by_caller

    @property
    def channels(self) -> list[str]:
        """Every channel that a call of ours is known by."""
        return [*self._by_subject, *self._by_caller]

    def add(self, actor: Actor) -> None:
        """A call is in our hands from now on."""
        self._by_subject[actor.taken.channel] = actor
        self._by_id[actor.taken.id] = actor
        self._forget_legs(actor)
        if actor.legs != actor.taken.id:
            self._by_legs[actor.legs] = actor
        if actor.caller and actor.caller != actor.taken.channel:
            self._by_caller[actor.caller] = actor

    def forget(self, actor: Actor) -> bool:
        """Nothing of a call is kept once it has ended; returns whether its channel was still its own."""
        self._by_id.pop(actor.taken.id, None)
        self._forget_legs(actor)
        if actor.caller and self._by_caller.get(actor.caller) is actor:
            del self._by_caller[actor.caller]
        if self._by_subject.get(actor.taken.channel) is not actor:
            return False
        del self._by_subject[actor.taken.channel]
        return True

    def subject(self, channel: str) -> Actor | None:
        """The call whose data subject is on this channel."""
        return self._by_subject.get(channel)

    def call(self, id: str) -> Actor | None:
        """The call of this id of ours."""
        return self._by_id.get(id)

    def handed_over(self, channel: str) -> Actor | None:
        """The call that this channel was handed to us with, whoever its data subject is."""
        return self._by_subject.get(channel) or self._by_caller.get(channel)

    def caller_leaves(self, channel: str) -> Actor | None:
        """The call that this channel calls somebody in, outbound; it does so no longer."""
        return self._by_caller.pop(channel, None)

    def leg(self, channel: str) -> Actor | None:
        """The call that this channel was called for."""
        named = channel.rpartition("-leg")[0]
        return self._by_legs.get(named) or self._by_id.get(named)

    def _forget_legs(self, actor: Actor) -> None:
        for named in [legs for legs, its in self._by_legs.items() if its is actor]:
            del self._by_legs[named]
