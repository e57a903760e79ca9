"""Make the golden vectors: new ones with new random keys, for a new version of the format only.

`python tests/golden/make.py` writes into its own folder. What was released stays readable for ever, so
the old vectors are kept beside the new ones.
`python tests/golden/make.py more` changes nothing of what is there, and adds what the vectors lack.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from asterisk_gdpr.core.ledger import Entry, follow
from asterisk_gdpr.core.recording import Codec
from asterisk_gdpr.seal import derived
from asterisk_gdpr.seal.blind import IndexKey
from asterisk_gdpr.seal.canonical import canonical
from asterisk_gdpr.seal.container import Header, Writer
from asterisk_gdpr.seal.evidence import sign_document
from asterisk_gdpr.seal.framing import End
from asterisk_gdpr.seal.keys import VaultPrivateKey, data_key_info, field_info, new_data_key
from asterisk_gdpr.seal.manifest import CHANNELS, Gap, Manifest, SegmentEntry
from asterisk_gdpr.seal.passphrase import Cost, protect
from asterisk_gdpr.seal.reader import scan
from asterisk_gdpr.seal.signing import SigningKey
from asterisk_gdpr.service.proof.ledger import export
from asterisk_gdpr.service.sealing.audio import encode_as

HERE = Path(__file__).parent
RATE = 8000
STARTED, ENDED = "2026-11-23T10:00:00Z", "2026-11-23T10:00:01.500Z"
JUMP: Gap = {
    "frame": 4000,
    "started_at": "2026-11-23T10:00:00.500Z",
    "ended_at": "2026-11-23T10:00:01Z",
    "reason": "restarted",
}
LABEL = "for tests only: these private keys are public and protect nothing"

DERIVED = "2026-11-24T09:00:00Z"
MORE = sys.argv[1:] == ["more"]

if MORE:
    KNOWN: dict[str, Any] = json.loads((HERE / "vectors.json").read_text())
    PRIVATE = VaultPrivateKey.from_bytes(bytes.fromhex(KNOWN["keys"]["vault"]["private"]))
    SIGNING = SigningKey.from_bytes(bytes.fromhex(KNOWN["keys"]["signing"]["private"]))
else:
    PRIVATE, SIGNING = VaultPrivateKey.generate(), SigningKey.generate()
INDEX = IndexKey.generate()


class Tape:
    """A container being written, with all that the vectors say about it."""

    def __init__(self, recording: str, codec: Codec = Codec.FLAC) -> None:
        self.recording = recording
        header = Header(recording, STARTED, RATE, PRIVATE.public.id, codec=codec.value)
        self.data, self.writer = Writer.start(header)
        self.wrapped: dict[str, str] = {}
        self.entries: list[SegmentEntry] = []
        self.audio = b""
        self.payloads = b""
        self.manifest: Manifest | None = None

    def begin(self, number: int) -> None:
        """Begin a generation under a new data key."""
        data_key = new_data_key()
        wrapped = PRIVATE.public.wrap(data_key, data_key_info(self.recording, number))
        self.wrapped[str(number)] = wrapped.hex()
        step, self.writer = self.writer.begin_generation(number, data_key)
        self.data += step

    def add(self, samples: np.ndarray[Any, np.dtype[np.int16]], codec: Codec = Codec.FLAC) -> None:
        """Append a segment of stereo samples."""
        left, right = (np.ascontiguousarray(samples[:, side]).tobytes() for side in (0, 1))
        encoded = encode_as(codec, left, right, RATE)
        step, self.writer, entry = self.writer.segment(len(samples), *encoded)
        self.data += step
        self.entries.append(entry)
        self.payloads += encoded.payload
        self.audio += samples.astype("<i2").tobytes()

    def finish(self, outcome: str) -> None:
        """Close the container."""
        self.close(manifest(self.recording, self.entries, outcome))

    def close(self, manifest: Manifest) -> None:
        """Close the container with this manifest."""
        self.manifest = manifest
        step, self.writer = self.writer.finish(self.manifest, SIGNING, ENDED)
        self.data += step

    def save(self, name: str, torn: bytes = b"") -> dict[str, object]:
        """Write the file and return what the vectors say about it."""
        (HERE / name).write_bytes(self.data + torn)
        facts: dict[str, object] = {
            "outcome": "whole" if self.manifest else "cut",
            "recording": self.recording,
            "wrapped_keys": self.wrapped,
            "segments": self.entries,
            "audio_sha256": hashlib.sha256(self.audio).hexdigest(),
            "manifest": self.manifest,
        }
        if self.manifest is None:
            facts["committed"] = [self.writer.size, self.writer.chain.hex()]
        return facts


def manifest(recording: str, entries: list[SegmentEntry], outcome: str) -> Manifest:
    """A manifest with something in every field."""
    frames = sum(entry["frames"] for entry in entries)
    points: list[list[int | str]] = [[0, STARTED]] if frames else []
    if frames > 4000:
        points.append([JUMP["frame"], JUMP["ended_at"]])
    return Manifest(
        version=1,
        recording=recording,
        call="c2g4k7p3q5v6x2y7z",
        node="pbx-1",
        line="sales",
        policy=hashlib.sha256(b"a policy").hexdigest(),
        started_at=STARTED,
        ended_at=ENDED,
        rate=RATE,
        frames=frames,
        channels=CHANNELS,
        segments=entries,
        time_map={"tolerance_ms": 40, "points": points},
        notice={
            "language": "de",
            "parts": [{"id": "statement", "sha256": hashlib.sha256(b"a prompt").hexdigest(), "heard": True}],
        },
        choice={"outcome": outcome, "at": STARTED, "keys": [{"digit": "1", "at": STARTED}]},
        parties=[
            {"role": "data_subject", "cleared": True, "why": "choice"},
            {"role": "agent", "cleared": True, "why": "consented", "from_frame": 0, "agent": "a1"},
        ],
        purposes=["disputes", "quality"],
        captures=[
            {
                "stretch": 1,
                "started_at": STARTED,
                "ended_at": ENDED,
                "changes": [{"at": STARTED, "muted": False, "reason": "cleared"}],
            }
        ],
        gaps=[JUMP] if frames > 4000 else [],
    )


def tone(frames: int, left: int = 440, right: int = 880) -> np.ndarray[Any, np.dtype[np.int16]]:
    """One tone in each channel."""
    seconds = np.arange(frames) / RATE
    both = np.stack([np.sin(2 * np.pi * pitch * seconds) for pitch in (left, right)], axis=1)
    return np.asarray(np.rint(both * 8000), dtype=np.int16)


def noise(frames: int) -> np.ndarray[Any, np.dtype[np.int16]]:
    """Loud noise, which no lossless codec makes shorter."""
    return np.random.default_rng(1).integers(-32768, 32767, (frames, 2), dtype=np.int16)


def containers() -> dict[str, object]:
    """Write every container."""
    plain = Tape("rgolden-plain")
    plain.begin(1)
    for frames in (4000, 4000, 1000):
        plain.add(tone(frames))
    plain.finish("agreed")

    restarted = Tape("rgolden-restarted")
    for number in (1, 3):
        restarted.begin(number)
        restarted.add(tone(4000))
    restarted.finish("not_objected")

    loud = Tape("rgolden-loud")
    loud.begin(1)
    loud.add(noise(1000))
    loud.finish("agreed")

    empty = Tape("rgolden-empty")
    empty.begin(1)
    empty.finish("agreed")

    cut = Tape("rgolden-cut")
    cut.begin(1)
    for _ in range(2):
        cut.add(tone(2000))

    return {
        "plain.agdpr": plain.save("plain.agdpr"),
        "restarted.agdpr": restarted.save("restarted.agdpr"),
        "loud.agdpr": loud.save("loud.agdpr"),
        "empty.agdpr": empty.save("empty.agdpr"),
        "cut.agdpr": cut.save("cut.agdpr", torn=b"S\x00\x00\x10\x7c torn"),
        **steps((plain.data, _manifest(plain))),
        **small(),
    }


def small() -> dict[str, object]:
    """Write a container of Opus, one segment of which is lossless all the same."""
    tape = Tape("rgolden-opus", Codec.OPUS)
    tape.begin(1)
    for frames, codec in ((4000, Codec.OPUS), (4000, Codec.FLAC), (1000, Codec.OPUS)):
        tape.add(tone(frames), codec)
    described = manifest(tape.recording, tape.entries, "agreed")
    described["codec"] = "opus"
    tape.close(described)
    facts = tape.save("opus.agdpr")
    del facts["audio_sha256"]  # what is heard of Opus is not the same to the last bit everywhere
    facts |= {"payloads_sha256": hashlib.sha256(tape.payloads).hexdigest(), "tones": [440, 880]}
    return {"opus.agdpr": facts}


def steps(plain: tuple[bytes, Manifest]) -> dict[str, object]:
    """Write a container that was made of another one, and one that was made of that."""
    sound, redacted = tone(9000), Tape("rgolden-redacted")
    sound[1000:3000] = 0
    redacted.begin(1)
    for first, behind in ((0, 4000), (4000, 8000), (8000, 9000)):
        redacted.add(sound[first:behind])
    old, spans = plain[1], [(1000, 3000)]
    redacted.close(
        derived.redacted(
            old, _end(plain[0]), redacted.recording, spans, redacted.entries, ["quality"], DERIVED
        )
    )
    part = Tape("rgolden-part")
    part.begin(1)
    part.add(sound[2000:6000])
    end = _end(redacted.data)
    part.close(
        derived.part(
            _manifest(redacted), end, part.recording, (2000, 6000), part.entries, ["quality"], DERIVED
        )
    )
    return {"redacted.agdpr": redacted.save("redacted.agdpr"), "part.agdpr": part.save("part.agdpr")}


def _manifest(tape: Tape) -> Manifest:
    assert tape.manifest is not None
    return tape.manifest


def _end(data: bytes) -> End:
    end = scan(lambda offset, length: data[offset : offset + length], len(data)).end
    assert end is not None
    return end


def ledger() -> str:
    """An export of a ledger that has forgotten something."""
    entries: list[Entry] = []
    at = datetime(2026, 11, 23, 10, tzinfo=UTC)
    for number, kind in enumerate(("call-taken", "listened", "recording-erased")):
        before, payload = entries[-1] if entries else None, {"recording": "rgolden-plain", "n": number}
        entries.append(follow(before, at, kind, bytes([number]) * 16, payload))
    entries[1] = replace(entries[1], salt=None, payload=None)
    return b"".join(export(entries, at, SIGNING)).decode()


def refused() -> list[dict[str, object]]:
    """What is done to whole containers, and what a reader must say then."""
    size = (HERE / "plain.agdpr").stat().st_size
    cases: list[dict[str, object]] = [
        {"flip": [place, place % 8]} for place in (0, 16, 20, 60, 170, 180, 260, 5000, size - 900, size - 100)
    ]
    cases += [{"cut": length} for length in (0, 15, 16, 200, size // 2, size - 1)]
    cases += [{"append": "00"}, {"append": "5300000000"}]
    outcome: dict[str, object] = {"container": "plain.agdpr", "outcome": "damaged"}
    return [outcome | case for case in cases] + [
        {"container": "plain.agdpr", "flip": [15, 1], "outcome": "unknown_version"},
        {"container": "plain.agdpr", "without_keys": True, "outcome": "unknown_key"},
        {"container": "cut.agdpr", "outcome": "damaged"},
    ]


def main() -> None:
    """Write the containers and the vectors."""
    values: list[object] = [
        {},
        {"b": [1, -1, 0, True, False, None], "a": {"Z": "", "_": [], "9": {}}},
        {"text": 'ü"\\/\n\t\x7f\x01😀', "big": 2**53 - 1},
    ]
    refused_json = ['{"a": 1}', '{"b":1,"a":1}', '{"a":1,"a":1}', '{"a":1.0}', '{"a":-0}', '{"a":"\\u0041"}']
    refused_json += ['{"a":"\\ud800"}', '{"a":9007199254740992}', '{"ä":1}', "[]", '{"a":1}\n', "{"]
    body: dict[str, object] = {"recording": "rgolden-plain", "reason": "expired", "keys": 1}
    key_file = protect(PRIVATE, "for tests only", created_at=STARTED, cost=Cost(64, 1, 1))
    vectors = {
        "label": LABEL,
        "keys": {
            "vault": {
                "id": PRIVATE.public.id,
                "private": PRIVATE.to_bytes().hex(),
                "public": PRIVATE.public.to_bytes().hex(),
            },
            "signing": {
                "id": SIGNING.verify_key.id,
                "private": SIGNING.to_bytes().hex(),
                "public": SIGNING.verify_key.to_bytes().hex(),
            },
            "index": INDEX.to_bytes().hex(),
        },
        "containers": containers(),
        "ledger": ledger(),
        "refused": refused(),
        "canonical": [[value, canonical(value).hex()] for value in values],
        "refused_json": [text.encode().hex() for text in refused_json],
        "fields": [
            {
                "table": "calls",
                "column": "caller",
                "row": "c1",
                "text": "+4930123456",
                "sealed": PRIVATE.public.seal(b"+4930123456", field_info("calls", "caller", "c1")).hex(),
            }
        ],
        "blind": [["calls.caller", "+4930123456", INDEX.blind("calls.caller", "+4930123456").hex()]],
        "key_file": {"passphrase": "for tests only", "file": key_file.decode()},
        "document": {
            "kind": "erasure_certificate",
            "body": body,
            "file": sign_document("erasure_certificate", body, SIGNING).decode(),
        },
    }
    (HERE / "vectors.json").write_text(json.dumps(vectors, indent=1, sort_keys=True) + "\n")


def more() -> None:
    """Add what the vectors lack; everything else stays as it is."""
    if "part.agdpr" not in KNOWN["containers"]:
        plain = ((HERE / "plain.agdpr").read_bytes(), KNOWN["containers"]["plain.agdpr"]["manifest"])
        KNOWN["containers"] |= steps(plain)
    if "opus.agdpr" not in KNOWN["containers"]:
        KNOWN["containers"] |= small()
    if "ledger" not in KNOWN:
        KNOWN["ledger"] = ledger()
    (HERE / "vectors.json").write_text(json.dumps(KNOWN, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    more() if MORE else main()
