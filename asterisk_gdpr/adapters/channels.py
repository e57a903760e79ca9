"""The channels in our hands, as ARI's events and its list of channels tell of them; no I/O.

A list is on its way for a moment, and what events told meanwhile is newer than it:

    channels.start_list()
    known = channels.end_list(await ari.channels.list_all())
"""

from __future__ import annotations

from collections.abc import Iterable

from asterisk_gdpr.adapters.ari.generated import Channel
from asterisk_gdpr.ports import Arrival, Way

WAYS = tuple(Way)
"""What the first argument of a call's Stasis() can say that it is for."""


class Channels:
    """Which channels are ours, which of them are about to end, and what became of others during a list."""

    def __init__(self, app: str) -> None:
        self._app = app
        self._until: dict[str, float] = {}
        self._hanging_up: set[str] = set()
        self._since: dict[str, Arrival | None] = {}
        self._gone_since: set[str] = set()
        self._listing = False

    def __len__(self) -> int:
        """Of how many channels anything is held."""
        return len(self._until.keys() | self._hanging_up | self._since.keys())

    def until(self, channel: str) -> float:
        """When the dialplan's own timeout ends the channel, in seconds of the epoch; 0 if it has none."""
        return self._until.get(channel, 0.0)

    def arrived(self, channel: Channel, args: list[str]) -> Arrival:
        """A channel is ours now; `args` are those of its Stasis()."""
        arrival = self._since[channel.id] = self._arrival(channel, args)
        return arrival

    def took(self, channel: str) -> None:
        """A leg that we called is in our hands; no timeout of the dialplan's counts for it."""
        self._until[channel] = 0.0
        self._since[channel] = None

    def asked_to_hang_up(self, channel: str) -> None:
        """One of ours is about to end, and what follows is told of its end."""
        if channel in self._until:
            self._hanging_up.add(channel)

    def is_hanging_up(self, channel: str) -> bool:
        """Whether it is about to end."""
        return channel in self._hanging_up

    def left(self, channel: str) -> bool:
        """A channel has left Stasis; True when it is back in the dialplan, not when it is about to end."""
        if channel in self._hanging_up:
            self._hanging_up.discard(channel)
            return False
        if channel not in self._until:
            return False  # AMI has told of its end already
        self._since[channel] = None
        return True

    def gone(self, channel: str) -> None:
        """A channel has ended."""
        self._until.pop(channel, None)
        self._hanging_up.discard(channel)
        self._since.pop(channel, None)
        if self._listing:
            self._gone_since.add(channel)

    def start_list(self) -> None:
        """The list is asked for now; once more if it did not come."""
        self._listing = True
        self._since.clear()
        self._gone_since.clear()

    def end_list(self, listed: Iterable[Channel]) -> dict[str, Arrival | None]:
        """Every living channel, with its arrival if it is ours: the list, and what came after it."""
        self._listing = False
        known: dict[str, Arrival | None] = {}
        for channel in listed:
            args = channel.dialplan.app_data.split(",")
            ours = channel.dialplan.app_name == "Stasis" and args[0] == self._app and _way(args)
            known[channel.id] = self._arrival(channel, args[1:]) if ours else None
        known |= self._since
        for gone in self._gone_since:
            known.pop(gone, None)
        for forgotten in [one for one in self._until if one not in known]:
            del self._until[forgotten]
        self._hanging_up &= known.keys()
        return known

    def _arrival(self, channel: Channel, args: list[str]) -> Arrival:
        """What the dialplan's `Stasis(APP,WAY,UNTIL,LANGUAGE,LINKEDID,DIALLED,...,LINE)` says.

        To connect, ENDPOINT, SECONDS and ASKED stand before the line, whose name may hold commas.
        """
        said = [*args, *[""] * (9 - len(args))]
        way, (until, chosen, linkedid, dialled) = Way(said[0]), said[1:5]
        connecting = way is Way.CONNECT
        self._until[channel.id] = _number(until)
        return Arrival(
            channel=channel.id,
            name=channel.name,
            linkedid=linkedid or channel.id,
            line=",".join(args[8:] if connecting else args[5:]),
            number=channel.caller.number,
            language=channel.language,
            chosen_language=chosen,
            dialled=dialled,
            way=way,
            endpoint=said[5] if connecting else "",
            seconds=int(_number(said[6])) if connecting else 0,
            asked=connecting and said[7] == "1",
        )


def _way(args: list[str]) -> bool:
    return len(args) > 1 and args[1] in WAYS


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
