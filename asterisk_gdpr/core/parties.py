"""Who is in a call with the data subject: bridges followed by what AMI says of them.

Asterisk names a bridge's members by `BridgeEnter` and `BridgeLeave`, and joins two bridges by a
Local channel whose halves end in `;1` and `;2` (one half in each).
So the people in a call are the channels reached from the subject's bridge through Local pairs,
the subject, the Local halves themselves and Asterisk's own announcers left out.
ARI cannot tell: with only the subject subscribed it never names an agent behind `Local/.../n`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Bridges:
    """Which channel is in which bridge, for every channel of one Asterisk.

    Keys are channel unique ids; values are bridge ids and channel names.
    """

    where: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, members: Iterable[tuple[str, str, str]]) -> Bridges:
        """The bridges as a list of (unique id, channel name, bridge id) tells them."""
        listed = list(members)
        return cls({c: bridge for c, _, bridge in listed}, {c: name for c, name, _ in listed})

    def entered(self, channel: str, name: str, bridge: str) -> Bridges:
        """A channel entered a bridge (AMI `BridgeEnter`); it is in one bridge at a time."""
        return replace(self, where={**self.where, channel: bridge}, names={**self.names, channel: name})

    def left(self, channel: str) -> Bridges:
        """A channel left its bridge or hung up (AMI `BridgeLeave`, `Hangup`)."""
        return replace(
            self,
            where={c: b for c, b in self.where.items() if c != channel},
            names={c: n for c, n in self.names.items() if c != channel},
        )

    def together(self, channel: str) -> frozenset[str]:
        """Every channel that shares sound with this one, Local halves and itself included."""
        if channel not in self.where:
            return frozenset()
        reached = {self.where[channel]}
        pending = [self.where[channel]]
        while pending:
            here = pending.pop()
            for member in self._members(here):
                there = self._other_half_bridge(member)
                if there is not None and there not in reached:
                    reached.add(there)
                    pending.append(there)
        return frozenset(member for member, bridge in self.where.items() if bridge in reached)

    def with_subject(self, subject: str) -> Mapping[str, str]:
        """The channels that can hear the subject and be heard: unique id to channel name.

        Empty when the subject is in no bridge or alone in it.
        """
        return {
            channel: self.names[channel]
            for channel in sorted(self.together(subject))
            if channel != subject and not _is_nobody(self.names[channel])
        }

    def _members(self, bridge: str) -> list[str]:
        return [channel for channel, at in self.where.items() if at == bridge]

    def _other_half_bridge(self, channel: str) -> str | None:
        name = self.names[channel]
        if not _is_local(name):
            return None
        other = name[:-1] + ("2" if name.endswith("1") else "1")
        return next((self.where[c] for c, n in self.names.items() if n == other), None)


ANNOUNCERS = ("Announcer/", "CBAnn/")
"""Channels by which Asterisk plays something to a bridge (ARI's, and a ConfBridge's): nobody is there."""


def _is_nobody(name: str) -> bool:
    return _is_local(name) or name.startswith(ANNOUNCERS)


def _is_local(name: str) -> bool:
    return name.startswith("Local/") and name[-2:] in (";1", ";2")


def endpoint_of(name: str) -> str:
    """The endpoint of a channel's name: `PJSIP/anna-0000001f` is `PJSIP/anna`."""
    return name.rsplit("-", 1)[0]
