"""Who is in which call, from all bridges of the Asterisk, and what each call was told of it.

A party's clearance is that of the register of agents; a call is told only what has changed for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from asterisk_gdpr.core.agents import cleared
from asterisk_gdpr.core.call import events
from asterisk_gdpr.core.call.state import Party
from asterisk_gdpr.core.parties import Bridges, endpoint_of
from asterisk_gdpr.service.call.actor import Actor


class Presence:
    """The bridges of one Asterisk, who of those in them holds, and what was told of it, by data subject."""

    def __init__(self) -> None:
        self._bridges = Bridges()
        self._held: set[str] = set()
        self._held_before: set[str] = set()
        """Subjects whose call was on hold when an earlier life of this process ended."""
        self._says: set[str] = set()
        """Channels of which it was told whether they hold."""
        self._told: dict[str, tuple[tuple[Party, ...], bool]] = {}
        self._known = False

    @property
    def bridges(self) -> Bridges | None:
        """All bridges; None before the Asterisk was asked for them."""
        return self._bridges if self._known else None

    def together(self, channel: str) -> Set[str]:
        """Everybody in the call of a channel, itself among them; nobody if it is in no bridge."""
        return self._bridges.together(channel)

    def places(self, channel: str) -> Set[str]:
        """Every channel and every bridge by which somebody could take the sound of a channel's call."""
        together = self.together(channel)
        return {channel} | together | {self._bridges.where[one] for one in together}

    def endpoint(self, channel: str) -> str:
        """The endpoint of a channel that is in a bridge."""
        return endpoint_of(self._bridges.names[channel])

    def endpoints_with(self, subject: str) -> frozenset[str]:
        """The endpoints of whoever is with somebody."""
        return frozenset(endpoint_of(name) for name in self._bridges.with_subject(subject).values())

    # --- what the exchange tells ----------------------------------------------------------------

    def entered(self, channel: str, name: str, bridge: str) -> Set[str]:
        """Somebody joined a bridge; returns everybody whose call that changes."""
        return self._are(channel, self._bridges.entered(channel, name, bridge))

    def left(self, channel: str) -> Set[str]:
        """Somebody left a bridge; returns everybody whose call that changes."""
        return self._are(channel, self._bridges.left(channel))

    def replaced(self, members: Sequence[tuple[str, str, str]]) -> None:
        """All bridges, asked for anew; who was on hold and is still there counts as on hold."""
        self._bridges = Bridges.of(members)
        self._known = True
        self._held &= self._bridges.where.keys()

    def hold(self, channel: str, held: bool) -> Set[str]:
        """Somebody put the others on hold, or took them back; returns everybody whose call that changes."""
        (self._held.add if held else self._held.discard)(channel)
        self._says.add(channel)
        together = self.together(channel)
        if not held:
            self._held_before -= together
        return together

    def was_held(self, subject: str) -> None:
        """A call was on hold before we came; it is still, unless everybody in it says whether they hold."""
        together = self.together(subject)
        if not together or not together <= self._says:
            self._held_before.add(subject)

    def gone(self, channel: str) -> None:
        """A channel has ended."""
        for known in (self._held, self._held_before, self._says):
            known.discard(channel)

    def _are(self, channel: str, after: Bridges) -> Set[str]:
        before, self._bridges = self._bridges, after
        return before.together(channel) | after.together(channel)

    # --- what a call is told --------------------------------------------------------------------

    def tell(self, actor: Actor, standings: Mapping[str, str]) -> bool:
        """Tell a call who is in it and whether anybody holds, if that has changed; returns whether it has."""
        subject = actor.taken.channel
        present = self._bridges.with_subject(subject)
        parties = tuple(_party(actor, channel, name, standings) for channel, name in present.items())
        held = not self._held.isdisjoint(self.together(subject)) or subject in self._held_before
        told = self._told.get(subject, ((), False))
        self._told[subject] = (parties, held)
        if held and not told[1]:
            actor.tell(events.HoldChanged(True))  # before the parties: what is in doubt is muted first
        if parties != told[0]:
            actor.tell(events.PartiesChanged(parties))
            if actor.taken.policy.agents.agreement:  # else nobody keeps who took part
                there = {endpoint_of(present[party.channel]) for party in parties if party.cleared}
                actor.took_part(there & standings.keys())
        if told[1] and not held:
            actor.tell(events.HoldChanged(False))
        return (parties, held) != told

    def forget(self, subject: str) -> None:
        """A call has ended: nothing is kept of what it was told."""
        self._told.pop(subject, None)


def _party(actor: Actor, channel: str, name: str, standings: Mapping[str, str]) -> Party:
    clearance = cleared(actor.taken.rules.permission, standings.get(endpoint_of(name)))
    return Party(channel, clearance.cleared, str(clearance.why))
