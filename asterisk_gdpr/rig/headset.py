"""What a phone's user says and hears: RTP packets (RFC 3550) over loopback.

The phones' Asterisk passes them on untouched. It is not asked to record, because Debian's Asterisk leaves out
of a recording what arrives with a lower sequence number than before, as it may after a prompt or a transfer.
"""

from __future__ import annotations

import contextlib
import secrets
import selectors
import socket
import struct
import threading
import time

import numpy as np

from asterisk_gdpr.rig.codec import ULAW, Codec
from asterisk_gdpr.rig.instance import free_port
from asterisk_gdpr.rig.sound import RATE, Samples

TICK = 0.02
_FRAME = round(RATE * TICK)
_SILENCE: Samples = np.zeros(RATE, dtype=np.int16)
# A packet that comes within this time of when it was due follows on without a gap, as a phone would play it.
_PLAYOUT_SECONDS = 0.06


class Mouth:
    """Makes one packet of the voice every 20 ms."""

    def __init__(self, codec: Codec, sequence: int | None = None) -> None:
        """`sequence` is the number of the packet before the first one; none: drawn at random."""
        self._codec = codec
        self.say(_SILENCE)
        self._sequence = secrets.randbelow(1 << 16) if sequence is None else sequence
        self._timestamp = secrets.randbelow(1 << 32)
        self._source = secrets.randbelow(1 << 32)

    def say(self, samples: Samples) -> None:
        """Say this from now on, from its beginning and over and over."""
        self._voice, self._said = self._codec.encode(samples), 0

    def packet(self) -> bytes:
        """The next 20 ms."""
        voice, start = self._voice, self._said
        payload = voice[start : start + _FRAME]
        while len(payload) < _FRAME:
            payload += voice[: _FRAME - len(payload)]
        self._said = (start + _FRAME) % len(voice)
        self._sequence = (self._sequence + 1) % (1 << 16)
        self._timestamp = (self._timestamp + _FRAME) % (1 << 32)
        return (
            struct.pack("!BBHII", 0x80, self._codec.payload, self._sequence, self._timestamp, self._source)
            + payload
        )


class Ear:
    """Keeps what it hears, with the instant of each packet."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._packets: list[tuple[float, bytes]] = []

    def hear(self, at: float, packet: bytes) -> None:
        """A packet arrived at this instant (seconds since the epoch)."""
        if len(packet) > 12 and packet[1] & 0x7F == self._codec.payload:
            self._packets.append((at, packet[12:]))

    def between(self, start: float, end: float) -> Samples:
        """What was heard from one instant to another; silent where nothing arrived."""
        heard = np.zeros(max(0, round((end - start) * RATE)), dtype=np.int16)
        packets = list(self._packets)
        samples = self._codec.decode(b"".join(payload for _, payload in packets))
        due, taken = float("-inf"), 0
        for at, payload in packets:
            if at - due > _PLAYOUT_SECONDS:
                due = at
            first, frame = round((due - start) * RATE), samples[taken : taken + len(payload)]
            if first >= 0:
                heard[first : first + len(frame)] = frame[: max(0, len(heard) - first)]
            taken += len(payload)
            due += len(payload) / RATE
        return heard


class Headset:
    """An ear and a mouth at one port of 127.0.0.1; it is silent before it is connected.

    With a first `sequence` number it is `straight`: what it says does not pass through its phone, which would
    number the packets anew, but goes to the other side as it is.
    """

    def __init__(self, codec: Codec, sequence: int | None = None) -> None:
        self.ear, self.mouth = Ear(codec), Mouth(codec, sequence)
        self.straight = sequence is not None
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", free_port(socket.SOCK_DGRAM)))
        self._socket.setblocking(False)
        self._to: tuple[str, int] | None = None

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._socket.getsockname()[1])

    def connect(self, port: int) -> None:
        """Begin to talk, to this port of 127.0.0.1."""
        self._to = ("127.0.0.1", port)

    def fileno(self) -> int:
        """For `selectors`."""
        return self._socket.fileno()

    def receive(self) -> None:
        """Hear one packet that has arrived."""
        # The kernel may announce a packet and then find its checksum wrong.
        with contextlib.suppress(BlockingIOError):
            self.ear.hear(time.time(), self._socket.recv(2048))

    def send(self) -> None:
        """Say what is due at this tick."""
        if self._to is not None:
            self._socket.sendto(self.mouth.packet(), self._to)

    def close(self) -> None:
        """Stop; what was heard is kept."""
        self._socket.close()


class Switchboard:
    """The thread that keeps all headsets going, a tick every 20 ms; a late tick is made up for."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._headsets: set[Headset] = set()
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="headsets", daemon=True)
        self._thread.start()

    def headset(self, codec: Codec = ULAW, sequence: int | None = None) -> Headset:
        """A new headset, not connected yet."""
        headset = Headset(codec, sequence)
        with self._lock:
            self._headsets.add(headset)
            self._selector.register(headset, selectors.EVENT_READ)
        return headset

    def hang_up(self, headset: Headset) -> None:
        """Take a headset away; once more does no harm."""
        with self._lock:
            if headset in self._headsets:
                self._headsets.remove(headset)
                self._selector.unregister(headset)
                headset.close()

    def close(self) -> None:
        """End the thread and take all headsets away."""
        self._ending.set()
        self._thread.join()
        for headset in list(self._headsets):
            self.hang_up(headset)
        self._selector.close()

    def _run(self) -> None:
        tick = time.monotonic()
        while not self._ending.is_set():
            ready = self._selector.select(max(0.0, tick - time.monotonic()))
            with self._lock:
                for key, _ in ready:
                    if key.fileobj in self._headsets:
                        key.fileobj.receive()
                while tick <= time.monotonic():
                    for headset in self._headsets:
                        headset.send()
                    tick += TICK
