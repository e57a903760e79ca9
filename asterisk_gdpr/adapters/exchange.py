"""Asterisk as the exchange: ARI for what happens in Stasis, AMI for MixMonitor and for who is in a bridge.

Commands of a call go out by `Exchange`; what happens comes in by `Reports`, in Asterisk's order.
Facts that this rests on (Asterisk 22):

* a channel that leaves Stasis is heard of only while it is subscribed to by its id, and its `StasisEnd` is
  told a moment before commands are refused;
* a hang-up is told as `ChannelHangupRequest`, `PlaybackFinished` (failed), `StasisEnd`, `ChannelDestroyed`:
  that prompt did not fail by itself, and that end is no return to the dialplan;
* AMI tells of every bridge, ARI with one channel subscribed of none;
* the two interfaces are two sockets: what one tells of a channel may be read before what the other told.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence

from asterisk_gdpr.adapters.ami import AmiClient
from asterisk_gdpr.adapters.ami_wire import Message
from asterisk_gdpr.adapters.ari import orders
from asterisk_gdpr.adapters.ari.client import AriClient
from asterisk_gdpr.adapters.ari.events import UnknownEvent
from asterisk_gdpr.adapters.ari.generated import AnyEvent
from asterisk_gdpr.adapters.ari.orders import Order
from asterisk_gdpr.adapters.captures import AGAIN, Captures
from asterisk_gdpr.adapters.channels import Channels
from asterisk_gdpr.adapters.codecs import rate_of
from asterisk_gdpr.adapters.departures import Departures
from asterisk_gdpr.adapters.hearing import Hearing
from asterisk_gdpr.adapters.joining import Joining
from asterisk_gdpr.adapters.other_recorders import OtherRecorders
from asterisk_gdpr.adapters.refusals import AmiError, AriError, ChannelGone, NotInStasis
from asterisk_gdpr.adapters.whispers import Whispers
from asterisk_gdpr.errors import GdprError, Misuse, Refused, Unreachable
from asterisk_gdpr.ports import Recorder, Reports

log = logging.getLogger(__name__)

CODECS = "CHANNEL(audionativeformat)"
"""What a channel speaks: what was negotiated, once it is answered."""

SENT = "CHANNEL(rtcp,txcount)"
"""How many packets went out to a channel's phone."""

PACKET = 0.1
"""Seconds, longer than any packet lasts: fewer packets than one in this time carry no whisper."""

HOLDS, HELD = "CHANNEL(rtp,hold)", {"0": False, "1": True}
"""Whether a telephone has put the other side on hold: a PJSIP channel can be asked, after the event too."""

MARGIN = 0.1
"""Seconds that are left to the dialplan's own timeout when it ends before our watchdog would."""


class AsteriskExchange:
    """`Exchange` on one Asterisk; `run` keeps both connections until cancelled."""

    def __init__(
        self,
        make_ari: Callable[[Callable[[AnyEvent | UnknownEvent], None], Callable[[], None]], AriClient],
        make_ami: Callable[
            [Callable[[Message], None], Callable[[], None], Callable[[Unreachable], None]], AmiClient
        ],
        app: str,
        reports: Callable[[], Reports],
        spool: str,
    ) -> None:
        """`reports` is asked for at each report: whoever listens is made after the exchange.

        `spool` is where our legs lie: by that our captures are told from others.
        """
        self._app = app
        self._to = reports
        self._ari = make_ari(self._heard_by_ari, self._on_connected)
        self._ami = make_ami(self._heard_by_ami, self._on_connected, self._on_ami_lost)
        self._others = OtherRecorders(self._ami, reports, self._later, spool)
        self._captures = Captures(self._ami, self._later, self._others.ours)
        self._whispers = Whispers(self._ari, app, self._later)
        self._channels = Channels(app)
        self._departures = Departures()
        self._joining = Joining(self._ari, self._channels)
        self._hearing = Hearing(
            reports,
            self._channels,
            self._departures,
            self._whispers,
            self._others,
            self.pass_on,
            self._later,
        )
        self._stock = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def _reports(self) -> Reports:
        return self._to()

    @property
    def connected(self) -> bool:
        """Whether both interfaces answer."""
        return self._ari.connected and self._ami.connected

    @property
    def problem(self) -> Unreachable | None:
        """Why one of them does not answer, once it was tried; None while both do."""
        return self._ari.problem or self._ami.problem

    async def run(self) -> None:
        """Keep both connections until cancelled."""
        try:
            async with self._ari, asyncio.TaskGroup() as group:
                group.create_task(self._ari.run(), name="ARI events")
                group.create_task(self._ami.run(), name="AMI session")
        finally:
            for task in self._tasks:
                task.cancel()

    # --- commands -----------------------------------------------------------------------------

    async def begin(
        self, channel: str, watchdog: float, playback: str, media: str, *, answer: bool = True
    ) -> None:
        """Arm, answer, play, follow, in one piece: before the first sound nobody waits for a round trip."""
        with _ours(), _gone():
            await self._ari.in_order(
                self._armed(channel, watchdog),
                *([orders.answer(channel)] if answer else []),
                orders.play(channel, playback, media),
                orders.follow(self._app, channel),
            )

    async def follow(self, channel: str) -> None:
        """Subscribe to a channel by its id, wherever it is."""
        with _gone():
            await self._ari.in_order(orders.follow(self._app, channel))

    async def rearm_watchdog(self, channel: str, seconds: float) -> None:
        """Set `TIMEOUT(absolute)`, never beyond what the dialplan's own timeout has left."""
        with _ours():
            await self._ari.in_order(self._armed(channel, seconds))

    def _armed(self, channel: str, seconds: float) -> Order:
        if until := self._channels.until(channel):
            seconds = max(MARGIN, min(seconds, until - time.time()))
        return orders.set_variable(channel, "TIMEOUT(absolute)", f"{seconds:.3f}")

    async def play(self, channel: str, playback: str, media: str, watchdog: float | None = None) -> None:
        """Start a prompt, armed for it; media that does not exist is told only by the event of its end."""
        before = [self._armed(channel, watchdog)] if watchdog is not None else []
        with _ours():
            await self._ari.in_order(*before, orders.play(channel, playback, media))

    async def stop_playing(self, playback: str) -> None:
        """Stop a prompt; 404 says that it has ended."""
        try:
            await self._ari.playbacks.stop(playback)
        except AriError as error:
            if error.status != 404:
                raise

    async def set_variables(self, channel: str, values: Mapping[str, str]) -> None:
        """Set channel variables, all by one request; channels that this one gives rise to have them too.

        Values hold neither commas nor quotes, at which ARRAY() would take them apart.
        """
        with _ours():
            await self._ari.in_order(_set_all(channel, values))

    async def variable(self, channel: str, name: str) -> str:
        """By AMI, which asks channels that have left Stasis, too."""
        try:
            answer = await self._ami.action("Getvar", Channel=channel, Variable=name)
        except AmiError:
            raise ChannelGone("The channel has hung up.") from None
        return answer.get("value", "")

    async def pass_on(self, channel: str, values: Mapping[str, str] | None = None) -> None:
        """Let the channel continue after its Stasis(), whether or not the variables could be set."""
        before = [_set_all(channel, values)] if values else []
        self._departures.passing(channel)
        with _ours():
            await self._ari.in_order(*before, orders.go_on(channel))

    async def rate(self, channel: str) -> int:
        """Ask for the channel's codecs; they are settled once it is answered."""
        try:
            answer = await self._ami.action("Getvar", Channel=channel, Variable=CODECS)
        except AmiError:
            raise ChannelGone("The channel has hung up.") from None
        return rate_of(answer.get("value", ""))

    async def start_muted(self, channel: str, left: str, right: str) -> str:
        """Start MixMonitor, muted; returns its id."""
        capture = await self._captures.start_muted(channel, left, right)
        self._whispers.hear_no_more(channel)
        return capture

    async def set_muted(self, channel: str, capture: str, muted: bool) -> None:
        """Mute or open both directions of a capture."""
        await self._captures.set_muted(channel, capture, muted)

    async def stop_capture(self, channel: str, capture: str) -> None:
        """Stop a capture, now or as soon as Asterisk answers."""
        await self._captures.stop(channel, capture)

    async def stop_recorder(self, recorder: Recorder) -> bool:
        """Stop somebody else's recorder."""
        return await self._others.stop(recorder)

    async def catch_up(self) -> None:
        """An action is answered behind the events that were there before it."""
        await self._ami.action("Ping")

    async def whisper(self, channel: str, media: Sequence[str]) -> bool:
        """Play into this channel's ear alone; the packets that went to its phone say whether it was heard."""
        before, began = await self._sent(channel), time.monotonic()
        played = await self._whispers.whisper(channel, media)
        after, took = await self._sent(channel) if played else None, time.monotonic() - began
        if before is None or after is None:
            return played
        return after - before > took / PACKET

    async def _sent(self, channel: str) -> int | None:
        """How many packets of sound went to a channel's phone; None where that is not counted."""
        try:
            sent = await self.variable(channel, SENT)
        except GdprError:
            return None
        return int(sent) if sent.isdecimal() else None

    async def keep_hearing(self, channel: str) -> None:
        """Have keys told in a talk that is not captured."""
        await self._whispers.keep_hearing(channel)

    # --- the connect mode ---------------------------------------------------------------------

    async def ring(self, channel: str, watchdog: float) -> None:
        """Let a caller hear that it rings, and rearm the watchdog."""
        with _ours():
            await asyncio.gather(self._ari.channels.ring(channel), self.rearm_watchdog(channel, watchdog))

    async def dial(self, channel: str, leg: str, endpoint: str, seconds: int) -> None:
        """Call an endpoint for a caller, and hear of the leg from then on."""
        with _ours():
            await self._joining.dial(channel, leg, endpoint, seconds)
            await self.follow(leg)

    async def bring_together(self, bridge: str, channel: str, leg: str) -> None:
        """Put a caller and a leg into one bridge."""
        with _ours():
            await self._joining.join(bridge, channel, leg)

    async def hand_back(self, channel: str, status: str) -> None:
        """Let the dialplan go on with a caller."""
        self._departures.passing(channel)
        with _ours():
            await self._joining.hand_back(channel, status)

    async def end_channel(self, channel: str) -> None:
        """End a channel."""
        await self._joining.hang_up(channel)

    async def dissolve(self, bridge: str) -> None:
        """Remove a bridge and end who is left in it."""
        await self._joining.dissolve(bridge)

    # --- what is told -------------------------------------------------------------------------

    def _heard_by_ari(self, event: AnyEvent | UnknownEvent) -> None:
        self._hearing.ari(event)

    def _heard_by_ami(self, message: Message) -> None:
        self._hearing.ami(message)

    def _on_ami_lost(self, _problem: Unreachable) -> None:
        self._others.ours.lost()
        self._reports.sight_lost()

    # --- what neither repeats after a connect -------------------------------------------------

    def _on_connected(self) -> None:
        self._later(self._take_stock())

    async def _take_stock(self) -> None:
        """Asterisk repeats nothing of what happened while we were away: ask who is there, and who with whom.

        Asked at each connect of either interface: a channel that ends between the two is missed by both.
        """
        async with self._stock:
            await self._ask(self._list_bridges, self._ami)
            await self._ask(self._list_channels, self._ari)

    async def _ask(self, what: Callable[[], Awaitable[None]], of: AriClient | AmiClient) -> None:
        """Again and again while the connection lasts; the next one begins anew."""
        while of.connected:
            try:
                await what()
                return
            except GdprError as error:
                log.warning("what is there is asked for again: %s", error.id)
                await asyncio.sleep(AGAIN)

    async def _list_bridges(self) -> None:
        """Who holds is asked before it is told who is with whom: nothing may be opened on a hold."""
        found: list[Message] = []
        await self._ami.action_list("CoreShowChannels", found.extend)
        await asyncio.gather(*(self._ask_hold(row["Uniqueid"]) for row in found if row.get("BridgeId")))
        await self._ami.action_list("CoreShowChannels", self._listed)

    async def _ask_hold(self, channel: str) -> None:
        def told(answer: list[Message]) -> None:
            if (held := answer[0].get("value", "")) in HELD:
                self._reports.hold_changed(channel, HELD[held])

        with contextlib.suppress(AmiError):  # it has hung up, or is of a kind that cannot say
            await self._ami.action("Getvar", told, Channel=channel, Variable=HOLDS)

    def _listed(self, rows: list[Message]) -> None:
        """In its place among the events: who enters a bridge right behind the list is not undone by it."""
        self._reports.bridges_known(
            [(row["Uniqueid"], row["Channel"], row["BridgeId"]) for row in rows if row.get("BridgeId")]
        )
        self._others.look_around(rows)

    async def _list_channels(self) -> None:
        self._channels.start_list()
        self._reports.channels_known(self._channels.end_list(await self._ari.channels.list_all()))
        await self._joining.tidy()

    def _later(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(_guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _guarded(work: Coroutine[None, None, None]) -> None:
    try:
        await work
    except GdprError as error:
        log.warning("%s", error.id)
    except Exception:
        log.exception("a bug")


def _set_all(channel: str, values: Mapping[str, str]) -> Order:
    names, texts = ",".join(f"__{name}" for name in values), list(values.values())
    if any(set(text) & set(',"\\') for text in texts):
        raise Misuse("The value of a channel variable holds a comma, a quote or a backslash.")
    return orders.set_variable(channel, f"ARRAY({names})", ",".join(texts))


@contextlib.contextmanager
def _gone() -> Iterator[None]:
    """How Asterisk says of a channel that it cannot be followed any more."""
    try:
        yield
    except AriError as error:
        if error.status == 422:
            raise ChannelGone("The channel has hung up.") from None
        raise


@contextlib.contextmanager
def _ours() -> Iterator[None]:
    """Say of a channel that lives in the dialplan that it is elsewhere, not that it is gone."""
    try:
        yield
    except NotInStasis as error:
        raise Refused(error.message, id="channel-elsewhere") from None
