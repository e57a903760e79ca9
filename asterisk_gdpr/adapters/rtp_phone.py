"""A telephone without a telephone: RTP on loopback, ulaw, a tone out and everything in.

Asterisk's own chan_rtp calls it (`UnicastRTP/127.0.0.1:PORT/c(ulaw)`); where Asterisk sends from is where it
wants to be sent to. Nothing leaves the machine.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

RATE = 8000
FRAME = 160
"""Samples in a packet: 20 ms."""

_LOUD = 8000
_HEADER = struct.Struct("!BBHII")
_ULAW = 0
_SILENCE = 0xFF

Samples = NDArray[np.int16]


def _table() -> Samples:
    """What each ulaw byte means (ITU-T G.711)."""
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    exponent, mantissa = (code >> 4) & 7, code & 0x0F
    magnitude = ((mantissa << 3) + 0x84 << exponent) - 0x84
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


_MEANS = _table()
_ORDER = np.argsort(_MEANS, kind="stable")


def to_ulaw(samples: Samples) -> bytes:
    """The nearest ulaw byte of each sample."""
    ordered = _MEANS[_ORDER].astype(np.int32)
    place = np.clip(np.searchsorted(ordered, samples.astype(np.int32)), 1, 255)
    nearer = np.abs(ordered[place - 1] - samples) <= np.abs(ordered[place] - samples)
    return _ORDER[np.where(nearer, place - 1, place)].astype(np.uint8).tobytes()


class RtpPhone(asyncio.DatagramProtocol):
    """One telephone; made by `rtp_phone`."""

    def __init__(self) -> None:
        self.port = 0
        self._transport: asyncio.DatagramTransport | None = None
        self._peer: tuple[str, int] | None = None
        self._heard = bytearray()
        self._hz = 0
        self._sent = 0

    # --- the wire -----------------------------------------------------------------------------

    def connection_made(self, transport: Any) -> None:
        """The socket is there."""
        self._transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        """A packet: what is no ulaw of ours to hear is left alone."""
        if len(data) <= _HEADER.size or data[1] & 0x7F != _ULAW:
            return
        self._peer = address
        self._heard += data[_HEADER.size :]

    def error_received(self, exc: Exception) -> None:
        """The other side is not there any more; the call's end tells of it."""

    async def talk(self) -> None:
        """Send a packet every 20 ms, for as long as this runs."""
        loop = asyncio.get_running_loop()
        next_at = loop.time()
        while True:
            if self._peer is not None and self._transport is not None:
                self._transport.sendto(self._packet(), self._peer)
            next_at = max(next_at + FRAME / RATE, loop.time() - 1.0)
            await asyncio.sleep(max(0.0, next_at - loop.time()))

    def _packet(self) -> bytes:
        start = self._sent * FRAME
        header = _HEADER.pack(0x80, _ULAW, self._sent & 0xFFFF, start & 0xFFFFFFFF, 0x61677464)
        self._sent += 1
        if not self._hz:
            return header + bytes([_SILENCE]) * FRAME
        at = np.arange(start, start + FRAME)
        wave = _LOUD * np.sin(2 * np.pi * self._hz * at / RATE)
        return header + to_ulaw(wave.astype(np.int16))

    # --- what a person does with it ------------------------------------------------------------

    def say(self, hz: int) -> None:
        """Say a tone from now on; 0 is silence."""
        self._hz = hz

    def heard(self) -> bytes:
        """Everything heard so far, as samples."""
        codes = np.frombuffer(bytes(self._heard), dtype=np.uint8)
        return _MEANS[codes].astype("<i2").tobytes()


@asynccontextmanager
async def rtp_phone() -> AsyncIterator[RtpPhone]:
    """A telephone on a port of its own, until the block ends."""
    loop = asyncio.get_running_loop()
    transport, phone = await loop.create_datagram_endpoint(RtpPhone, local_addr=("127.0.0.1", 0))
    talking = asyncio.create_task(phone.talk(), name="a test telephone talks")
    try:
        yield phone
    finally:
        talking.cancel()
        transport.close()
