"""Phones for measuring: many calls from one thread, cheap enough to leave the machine to what is measured.

The rig's phones are an Asterisk with ears; these hear only when the first sound came, to the microsecond of
the kernel's own stamp. They place calls to the PBX's trunk, and answer at once whoever calls them.
"""

from __future__ import annotations

import heapq
import itertools
import selectors
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType

from asterisk_gdpr.errors import Unreachable
from bench import sip

TICK = 0.02
_STAMP = 35
"""Linux's SO_TIMESTAMPNS, which Python does not name: the kernel's time of arrival beside each packet."""
_AGAIN = 0.5
"""Seconds after which a request without an answer is sent again (RFC 3261's T1)."""


@dataclass(eq=False)
class Call:
    """One call; instants are seconds since the epoch, and None until they come."""

    dialog: sip.Dialog
    voice: bytes
    on_change: Callable[[Call], None]
    media_port: int | None = None
    sent_at: float | None = None
    answered_at: float | None = None
    first_sound_at: float | None = None
    ended_at: float | None = None
    cause: int | None = None
    """Q.850 when the other side hung up, the SIP status when it was refused, None when we hung up."""
    placed: bool = True
    frame: int = 0
    keys: list[bytes] = field(default_factory=list)
    unanswered: bytes = b""
    again_at: float = 0.0


class Softphones:
    """`with Softphones(pbx_port) as phones:`; `port` is where they can be called."""

    def __init__(self, pbx_port: int) -> None:
        self._pbx = (sip.HOST, pbx_port)
        self._sip, self._media = (_socket() for _ in range(2))
        self.port: int = self._sip.getsockname()[1]
        self._media_port: int = self._media.getsockname()[1]
        self._calls: dict[str, Call] = {}
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._names = itertools.count(1)
        self._changed = threading.Condition()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="softphones", daemon=True)
        self.listening = False
        """Whether the first sound of calls is listened for; unheard sound costs next to nothing."""
        self.agent_voice = b""
        self.agent_stays: float | None = None
        """Seconds after which an answered call is hung up; None leaves that to the caller."""

    def __enter__(self) -> Softphones:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._thread.join()
        self._sip.close()
        self._media.close()

    # --- what can be done ---------------------------------------------------------------------

    def call(
        self, extension: str, *, voice: bytes = b"", on_change: Callable[[Call], None] = lambda _: None
    ) -> Call:
        """Dial an extension and say `voice` (µ-law) over and over; the phones' thread tells `on_change`."""
        number = next(self._names)
        dialog = sip.Dialog(
            f"{number:06d}-{self.port}",
            f"sip:{extension}@{sip.HOST}:{self._pbx[1]}",
            f"<sip:+4915{10_000_000 + number}@{sip.HOST}>;tag=b{number}",
            f"<sip:{extension}@{sip.HOST}>",
        )
        call = Call(dialog, voice, on_change)
        with self._changed:
            self._calls[dialog.id] = call
            self._ask(call, "INVITE", sip.description(self._media_port))
        return call

    def press(self, call: Call, keys: str) -> None:
        """Press keys, 100 ms each and 100 ms apart."""
        with self._changed:
            self._press(call, keys)

    def hang_up(self, call: Call) -> None:
        """End a call; one that has ended is left alone."""
        with self._changed:
            if call.ended_at is None:
                call.dialog.number += 1
                call.ended_at = time.time()
                self._ask(call, "BYE")
                self._changed.notify_all()

    def later(self, seconds: float, do: Callable[[], None]) -> None:
        """Do this in the phones' thread."""
        with self._changed:
            heapq.heappush(self._timers, (time.monotonic() + seconds, next(self._names), do))

    def answered(self) -> list[Call]:
        """The calls that these phones were called for and that are going on."""
        with self._changed:
            return [call for call in self._calls.values() if not call.placed and call.ended_at is None]

    def wait(self, look: Callable[[], bool], seconds: float, what: str) -> None:
        """Wait until `look` finds what it looks for."""
        with self._changed:
            if not self._changed.wait_for(look, seconds):
                raise Unreachable(f"Waited {seconds:g} s in vain for {what}.", id="phone-timeout")

    # --- the thread ---------------------------------------------------------------------------

    def _run(self) -> None:
        tick = time.monotonic()
        with selectors.DefaultSelector() as selector:
            selector.register(self._sip, selectors.EVENT_READ, self._hear_of)
            if self.listening:
                selector.register(self._media, selectors.EVENT_READ, self._hear)
            while not self._ending.is_set():
                due = self._timers[0][0] if self._timers else tick
                for key, _ in selector.select(max(0.0, min(tick, due) - time.monotonic())):
                    key.data()
                self._do_what_is_due()
                while tick <= time.monotonic():
                    self._tick()
                    tick += TICK

    def _do_what_is_due(self) -> None:
        with self._changed:
            while self._timers and self._timers[0][0] <= time.monotonic():
                heapq.heappop(self._timers)[2]()

    def _tick(self) -> None:
        """Send the next 20 ms of every call, and again what was not answered."""
        now = time.time()
        with self._changed:
            for id, call in list(self._calls.items()):
                if call.unanswered:
                    if now > call.again_at:
                        call.again_at = now + _AGAIN
                        self._send(call.unanswered)
                elif call.ended_at is not None:
                    del self._calls[id]
                elif call.media_port and (call.keys or call.voice):
                    self._speak(call)

    def _speak(self, call: Call) -> None:
        if call.keys:
            packet = call.keys.pop(0)
        else:
            start = call.frame * sip.FRAME % len(call.voice)
            packet = sip.voice_packet(
                call.frame, id(call) & 0xFFFFFFFF, call.voice[start : start + sip.FRAME]
            )
        call.frame += 1
        if packet:
            self._media.sendto(packet, (sip.HOST, call.media_port or 0))

    def _press(self, call: Call, keys: str) -> None:
        for key in keys:
            number = call.frame + len(call.keys)
            call.keys += sip.key_packets(number, id(call) & 0xFFFFFFFF, key) + [b""] * 2

    def _hear(self) -> None:
        """A packet of sound: whose it is tells the port that it comes from."""
        data, beside, _, (_, port) = self._media.recvmsg(2048, 64)
        if sip.is_loud(data):
            seconds, nanoseconds = struct.unpack("qq", beside[0][2])
            with self._changed:
                for call in self._calls.values():
                    if call.media_port == port and call.first_sound_at is None:
                        call.first_sound_at = seconds + nanoseconds / 1e9
                        self._tell(call)

    def _hear_of(self) -> None:
        message = sip.parse(self._sip.recv(65536))
        with self._changed:
            call = self._calls.get(message.headers.get("call-id", ""))
            if message.status:
                if call is not None:
                    self._answered(call, message)
            elif message.method == "INVITE":
                self._called(call, message)
            elif message.method != "ACK":
                self._send(sip.answer(message, "200 OK", self.port))
                if call is not None and message.method == "BYE":
                    self._ended(call, message.cause)

    def _answered(self, call: Call, message: sip.Message) -> None:
        if message.status < 200:
            call.again_at = time.time() + 60 * _AGAIN  # it has arrived; what follows may take its time
            return
        call.unanswered = b""
        if message.method != "INVITE":
            return
        call.dialog.remote = message.headers["to"]
        if message.status < 300 and "contact" in message.headers:
            call.dialog.target = message.headers["contact"].strip("<>")
        self._send(call.dialog.acknowledge(self.port, refused=message.status >= 300))
        if message.status >= 300:
            self._ended(call, message.status)
        elif call.answered_at is None:
            call.answered_at, call.media_port = time.time(), message.media_port
            if call.voice:
                self._speak(call)  # at once, as phones do: Asterisk's Answer() waits for it up to 500 ms
            self._tell(call)

    def _called(self, call: Call | None, message: sip.Message) -> None:
        """Answer at once; a repeated INVITE gets its answer again."""
        id, tag = message.headers["call-id"], f"a{message.headers['call-id'][:12]}"
        if call is None:
            dialog = sip.Dialog(
                id,
                message.headers["contact"].strip("<>"),
                f"{message.headers['to']};tag={tag}",
                message.headers["from"],
            )
            call = self._calls[id] = Call(dialog, self.agent_voice, lambda _: None, placed=False)
            call.media_port, call.answered_at = message.media_port, time.time()
            if self.agent_stays is not None:
                self.later(self.agent_stays, partial(self.hang_up, call))
        self._send(sip.answer(message, "200 OK", self.port, tag, sip.description(self._media_port)))
        self._changed.notify_all()

    def _ended(self, call: Call, cause: int | None) -> None:
        call.unanswered = b""
        if call.ended_at is None:
            call.ended_at, call.cause = time.time(), cause
            self._tell(call)

    def _tell(self, call: Call) -> None:
        self._changed.notify_all()
        call.on_change(call)

    def _ask(self, call: Call, method: str, body: str = "") -> None:
        call.unanswered = call.dialog.request(method, self.port, body)
        call.sent_at = call.sent_at or time.time()
        call.again_at = time.time() + _AGAIN
        self._send(call.unanswered)

    def _send(self, message: bytes) -> None:
        self._sip.sendto(message, self._pbx)


def _socket() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    made.setsockopt(socket.SOL_SOCKET, _STAMP, 1)
    made.bind((sip.HOST, 0))
    return made
