"""The container's layout (`docs/format.md`): magic, then frames, each `type u8, length u32, body`.

    H  header      canonical JSON, in the clear
    G  generation  u32: the segments that follow are sealed under this generation's data key
    S  segment     u32 frames, then the sealed segment
    M  manifest    sealed under the last generation's data key
    E  end         canonical JSON, in the clear and signed

    H (G | S)* M E, with a G before the first S or M; a crash may cut it after any frame.

A chain of SHA-256 runs over every byte: over the magic and the header first, then over each frame.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import asdict, dataclass
from typing import Any

from asterisk_gdpr.errors import Misuse
from asterisk_gdpr.seal.canonical import NotCanonical, canonical, parse_canonical
from asterisk_gdpr.seal.segments import MAX_SEALED
from asterisk_gdpr.seal.shapes import (
    DIGEST,
    IDENTIFIER,
    KEY_ID,
    TIME,
    Check,
    constant,
    exactly,
    integer,
    text,
)
from asterisk_gdpr.seal.signing import SigningKey

NAME = b"asterisk-gdpr\0"
VERSIONS = {"flac": 1, "opus": 2}
"""The container's version by its codec: what was written first must not be given another meaning."""
MAGICS = {version: NAME + struct.pack(">H", version) for version in VERSIONS.values()}
MAGIC = MAGICS[VERSIONS["flac"]]
FRAME_HEAD = struct.Struct(">BI")
U32 = struct.Struct(">I")

HEADER, GENERATION, SEGMENT, MANIFEST, END = b"HGSME"

LONGEST = {
    HEADER: 64 * 1024,
    GENERATION: U32.size,
    SEGMENT: U32.size + MAX_SEALED,
    MANIFEST: 16 * 1024 * 1024,
    END: 64 * 1024,
}
"""Bytes of the longest body of each type; a reader allocates no more."""

MAX_SEGMENTS = 2**20
MAX_FRAMES = 2**20
"""Frames of audio in the longest segment: two minutes at 8 kHz, and 4 MiB once it is decoded."""
MAX_GENERATIONS = 2**16
MAX_RATE = 192_000

_CHAIN_DOMAIN = b"asterisk-gdpr chain v1\0"
_END_DOMAIN = b"asterisk-gdpr end v1\0"

_HEADER_SHAPES = {
    version: exactly(
        {
            "recording": IDENTIFIER,
            "created_at": TIME,
            "rate": integer(1, MAX_RATE),
            "channels": constant(2),
            "codec": constant(codec),
            "vault_key_id": KEY_ID,
        }
    )
    for codec, version in VERSIONS.items()
}
END_SHAPE = exactly(
    {
        "recording": IDENTIFIER,
        "generation": integer(1, 2**32 - 1),
        "segments": integer(0, MAX_SEGMENTS),
        "frames": integer(),
        "chain": DIGEST,
        "manifest_sha256": DIGEST,
        "ended_at": TIME,
        "signing_key_id": KEY_ID,
        "signature": text(r"[0-9a-f]{128}"),
    }
)


@dataclass(frozen=True)
class Header:
    """What stands in the clear at the head of a container.

    `rate` in frames (samples of each channel) a second; `vault_key_id` names the pair to which the first
    data key was wrapped, which later epochs replace; `created_at` is ISO 8601 in UTC.
    """

    recording: str
    created_at: str
    rate: int
    vault_key_id: str
    channels: int = 2
    codec: str = "flac"

    @property
    def magic(self) -> bytes:
        """What stands before it: the codec decides on the version."""
        return MAGICS[VERSIONS[self.codec]]


@dataclass(frozen=True)
class End:
    """What closes a container: what is in it, and who vouches for it.

    `chain` covers every byte before the end frame, `manifest_sha256` the sealed manifest, `generation` is
    the last one.
    """

    recording: str
    generation: int
    segments: int
    frames: int
    chain: str
    manifest_sha256: str
    ended_at: str
    signing_key_id: str
    signature: str

    @property
    def signed(self) -> bytes:
        """The message under the signature."""
        fields = asdict(self)
        del fields["signature"]
        return _END_DOMAIN + canonical(fields)


def encode_header(header: Header) -> bytes:
    """Return the header's body; raises Misuse for a field that the format does not allow."""
    fields = asdict(header)
    if fault := _HEADER_SHAPES[VERSIONS.get(header.codec, 1)](fields):
        raise Misuse(f"A container cannot begin like this: header{fault}.")
    return canonical(fields)


def decode_header(body: bytes, version: int) -> Header:
    """Read the header's body of a container of this version; raises NotCanonical with what is wrong."""
    return Header(**_decode(body, _HEADER_SHAPES[version], "header"))


def encode_end(fields: dict[str, Any], signing_key: SigningKey) -> bytes:
    """Sign an end, given without its `signing_key_id` and `signature`, and return its body."""
    unsigned = End(**fields, signing_key_id=signing_key.verify_key.id, signature="")
    end = asdict(unsigned) | {"signature": signing_key.sign(unsigned.signed).hex()}
    if fault := END_SHAPE(end):
        raise Misuse(f"A container cannot end like this: end{fault}.")
    return canonical(end)


def decode_end(body: bytes) -> End:
    """Read an end's body, its signature unverified; raises NotCanonical with what is wrong."""
    return End(**_decode(body, END_SHAPE, "end"))


def frame(type: int, body: bytes) -> bytes:
    """Return a frame; raises Misuse if the body is longer than its type allows."""
    if len(body) > LONGEST[type]:
        raise Misuse(f"A frame {chr(type)!r} of {len(body)} bytes is too long.")
    return FRAME_HEAD.pack(type, len(body)) + body


def chain_start(beginning: bytes) -> bytes:
    """Return the chain after the magic and the header frame (32 bytes)."""
    return hashlib.sha256(_CHAIN_DOMAIN + beginning).digest()


def chain_next(chain: bytes, frame: bytes) -> bytes:
    """Return the chain after one more frame (32 bytes)."""
    return hashlib.sha256(chain + frame).digest()


def _decode(body: bytes, shape: Check, name: str) -> dict[str, Any]:
    fields = parse_canonical(body)
    if fault := shape(fields):
        raise NotCanonical(f"{name}{fault}")
    return fields
