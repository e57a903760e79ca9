"""Taking a container apart: frames in the order that the format allows, and nothing else.

`read(offset, length)` returns that range; what it returns shorter is damage. No more is asked for at once
than the longest frame, whatever the container says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from asterisk_gdpr.seal.canonical import NotCanonical
from asterisk_gdpr.seal.errors import DamagedContainer, UnknownVersion
from asterisk_gdpr.seal.framing import (
    END,
    FRAME_HEAD,
    GENERATION,
    HEADER,
    LONGEST,
    MAGICS,
    MANIFEST,
    MAX_FRAMES,
    MAX_GENERATIONS,
    MAX_SEGMENTS,
    NAME,
    SEGMENT,
    U32,
    End,
    Header,
    decode_end,
    decode_header,
)

Read = Callable[[int, int], bytes]


@dataclass(frozen=True)
class Place:
    """Where a sealed segment lies (bytes from the container's start), and what it covers."""

    offset: int
    length: int
    generation: int
    index: int
    start_frame: int
    frames: int


@dataclass(frozen=True)
class ManifestPlace:
    """Where the sealed manifest lies, and under which generation's data key."""

    offset: int
    length: int
    generation: int


@dataclass(frozen=True)
class Scan:
    """What a container consists of, by its heads alone: nothing of it is proven yet.

    `generations` are the numbers of all data keys that were begun. `manifest` and `end` are None in a
    container that a crash has cut.
    """

    header: Header
    generations: tuple[int, ...]
    segments: tuple[Place, ...]
    manifest: ManifestPlace | None
    end: End | None
    size: int


def read_exactly(read: Read, offset: int, length: int) -> bytes:
    """Return exactly this range; raises DamagedContainer."""
    data = read(offset, length)
    if len(data) != length:
        raise DamagedContainer("it ends too early", offset + len(data))
    return data


@dataclass(frozen=True)
class Frame:
    """A frame at `offset`; `body` is whole, or of a long one only what the layout needs to know.

    `version` is that of the container.
    """

    type: int
    offset: int
    length: int
    body: bytes
    version: int = 1

    @property
    def whole(self) -> bytes:
        """The frame as it stands in the container, if its body is whole."""
        return FRAME_HEAD.pack(self.type, self.length) + self.body


def walk(read: Read, size: int, *, whole: bool) -> Iterator[Frame]:
    """Yield the frames of a container in their order, after its magic was found right."""
    begins = MAGICS[1]
    magic = read_exactly(read, 0, min(size, len(begins)))
    if len(magic) < len(begins) or not magic.startswith(NAME):
        raise DamagedContainer("it does not begin like a container", 0)
    version = int.from_bytes(magic[len(NAME) :])
    if version not in MAGICS:
        raise UnknownVersion(f"The container has the version {version}.")
    offset = len(magic)
    while offset < size:
        head = read_exactly(read, offset, min(FRAME_HEAD.size + U32.size, size - offset))
        if len(head) < FRAME_HEAD.size:
            raise DamagedContainer("it ends within the head of a frame", offset)
        type, length = FRAME_HEAD.unpack_from(head)
        if length > LONGEST.get(type, -1):
            raise DamagedContainer("a frame has an unknown type or is too long", offset)
        body_offset = offset + FRAME_HEAD.size
        if length > size - body_offset:
            raise DamagedContainer("it ends within a frame", offset)
        if whole or type in (HEADER, END):
            body = read_exactly(read, body_offset, length)
        else:
            body = head[FRAME_HEAD.size :][:length]
        yield Frame(type, offset, length, body, version)
        offset = body_offset + length


class Layout:
    """Takes frames one by one and refuses what may not come next."""

    def __init__(self) -> None:
        self.header: Header | None = None
        self.generations: list[int] = []
        self.segments: list[Place] = []
        self.manifest: ManifestPlace | None = None
        self.end: End | None = None
        self._frames = 0

    def add(self, frame: Frame) -> None:
        """Take the next frame; raises DamagedContainer."""
        may_follow = self._may_follow()
        if frame.type not in may_follow:
            wanted = " or ".join(chr(type) for type in may_follow) or "nothing"
            raise DamagedContainer(f"{wanted} should stand where {chr(frame.type)} stands", frame.offset)
        try:
            self._take(frame)
        except NotCanonical as fault:
            raise DamagedContainer(fault.message, frame.offset) from None

    def done(self, size: int) -> Scan:
        """Return what was found, after the last frame; raises DamagedContainer if it cannot end there."""
        if self.header is None:
            raise DamagedContainer("it has no header", size)
        if self.manifest and not self.end:
            raise DamagedContainer("its manifest is not followed by its end", size)
        return Scan(self.header, tuple(self.generations), tuple(self.segments), self.manifest, self.end, size)

    def _may_follow(self) -> bytes:
        if self.header is None:
            return bytes([HEADER])
        if self.end:
            return b""
        if self.manifest:
            return bytes([END])
        return bytes([GENERATION, SEGMENT, MANIFEST] if self.generations else [GENERATION])

    def _take(self, frame: Frame) -> None:
        if frame.type == HEADER:
            self.header = decode_header(frame.body, frame.version)
        elif frame.type == GENERATION:
            self._take_generation(frame)
        elif frame.type == SEGMENT:
            self._take_segment(frame)
        elif frame.type == MANIFEST:
            offset = frame.offset + FRAME_HEAD.size
            self.manifest = ManifestPlace(offset, frame.length, self.generations[-1])
        else:
            self._take_end(frame)

    def _take_generation(self, frame: Frame) -> None:
        number = int.from_bytes(frame.body)
        if frame.length != U32.size or number <= (self.generations[-1] if self.generations else 0):
            raise DamagedContainer("a generation does not come after the one before", frame.offset)
        if len(self.generations) == MAX_GENERATIONS:
            raise DamagedContainer("it has too many generations", frame.offset)
        self.generations.append(number)

    def _take_segment(self, frame: Frame) -> None:
        frames = int.from_bytes(frame.body[: U32.size])
        if frame.length <= U32.size or not 0 < frames <= MAX_FRAMES:
            raise DamagedContainer("a segment is empty or too long", frame.offset)
        if len(self.segments) == MAX_SEGMENTS:
            raise DamagedContainer("it has too many segments", frame.offset)
        offset, length = frame.offset + FRAME_HEAD.size + U32.size, frame.length - U32.size
        self.segments.append(
            Place(offset, length, self.generations[-1], len(self.segments), self._frames, frames)
        )
        self._frames += frames

    def _take_end(self, frame: Frame) -> None:
        assert self.header is not None
        end = decode_end(frame.body)
        counted = (self.header.recording, self.generations[-1], len(self.segments), self._frames)
        if (end.recording, end.generation, end.segments, end.frames) != counted:
            raise DamagedContainer("its end describes another container", frame.offset)
        self.end = end
