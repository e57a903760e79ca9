"""What a manifest binds: each word of it, against whoever has the data keys and not the signing key."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from asterisk_gdpr.seal.canonical import NotCanonical, canonical
from asterisk_gdpr.seal.derived import KEPT, LASTING, check_derived
from asterisk_gdpr.seal.errors import CannotOpen, DamagedContainer, UnknownKey
from asterisk_gdpr.seal.framing import END, MANIFEST, Header, encode_end, frame
from asterisk_gdpr.seal.manifest import Manifest, SegmentEntry, decode_manifest
from asterisk_gdpr.seal.reader import compare_manifest, open_manifest, scan, verify
from asterisk_gdpr.seal.segments import seal_manifest
from asterisk_gdpr.seal.signing import SigningKey, VerifyKey
from tests.seal import reader as stranger
from tests.seal.samples import (
    ENDED,
    KEYS,
    RATE,
    SIGNING,
    STARTED,
    Writer,
    manifest,
    new_data_key,
    reading,
    sample,
)

LATER = "2026-11-23T10:00:01Z"
GOLDEN = Path(__file__).parents[1] / "golden"
VECTORS: dict[str, Any] = json.loads((GOLDEN / "vectors.json").read_text())
GOLDEN_KEYS = {VECTORS["keys"]["signing"]["id"]: bytes.fromhex(VECTORS["keys"]["signing"]["public"])}
VERIFY_KEYS = [VerifyKey.from_bytes(key) for key in GOLDEN_KEYS.values()]


def full(recording: str, entries: list[SegmentEntry]) -> Manifest:
    """A manifest of a call with a pause and a transfer, and something in every field that may be left out."""
    told = manifest(recording, entries)
    told.update(
        time_map={"tolerance_ms": 40, "points": [[0, STARTED], [500, LATER]]},
        notice={
            "language": "de",
            "parts": [
                {
                    "id": "statement",
                    "sha256": "ab" * 32,
                    "heard": True,
                    "text": "Wir zeichnen auf.",
                    "at": STARTED,
                    "call": "c1",
                }
            ],
        },
        choice={
            "outcome": "agreed",
            "at": STARTED,
            "keys": [{"digit": "1", "at": STARTED}],
            "evidence_sha256": "cd" * 32,
        },
        parties=[
            {
                "role": "agent",
                "cleared": True,
                "why": "consented",
                "from_frame": 0,
                "agent": "a1",
                "at": STARTED,
            },
            {"role": "agent", "cleared": False, "why": "not_consented", "at": LATER},
        ],
        captures=[
            {
                "stretch": 1,
                "started_at": STARTED,
                "ended_at": LATER,
                "changes": [
                    {"at": STARTED, "muted": False, "reason": "parties"},
                    {"at": LATER, "muted": True, "reason": "paused"},
                ],
            },
            {"stretch": 2, "started_at": LATER, "ended_at": ENDED, "changes": []},
        ],
        gaps=[{"frame": 500, "started_at": STARTED, "ended_at": LATER, "reason": "spool_lost"}],
        codec="opus",
    )
    return told


class Box:
    """A closed container of one recording, and all that a thief with its data key has."""

    def __init__(self, recording: str) -> None:
        self.data_key = new_data_key()
        data, writer = Writer.start(Header(recording, STARTED, RATE, "0123456789abcdef", codec="opus"))
        step, writer = writer.begin_generation(1, self.data_key)
        data += step
        step, writer, entry = writer.segment(1000, b"sound")
        self.before = data + step
        self.writer = writer
        self.manifest = full(recording, [entry])
        self.data = self.before + writer.finish(self.manifest, SIGNING, ENDED).data
        self.end = self.data[self.data.rindex(b"E\0\0") :]

    def with_manifest(self, manifest: Any, by: SigningKey | None = None, **said: object) -> bytes:
        """The container with another manifest, sealed as it must be; signed anew by a key, or not at all."""
        sealed = seal_manifest(self.data_key, self.writer.recording, 1, canonical(manifest))
        body = frame(MANIFEST, sealed)
        if by is None:
            return self.before + body + self.end
        counted = {
            "recording": self.writer.recording,
            "generation": 1,
            "segments": 1,
            "frames": 1000,
            "chain": hashlib.sha256(self.writer.chain + body).hexdigest(),
            "manifest_sha256": hashlib.sha256(sealed).hexdigest(),
            "ended_at": ENDED,
        }
        return self.before + body + frame(END, encode_end(counted | said, by))


BOX = Box("r1")


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of every value in a manifest that is no object and no list."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not isinstance(value, dict | list):
        yield path
    for key, each in inner:
        yield from leaves(each, (*path, key))


def changed(manifest: Any, path: tuple[Any, ...]) -> Any:
    """The manifest with another value of the same kind there."""
    forged = copy.deepcopy(manifest)
    inner = forged
    for step in path[:-1]:
        inner = inner[step]
    was = inner[path[-1]]
    if isinstance(was, bool):
        inner[path[-1]] = not was
    elif isinstance(was, int):
        inner[path[-1]] = was + 1
    else:
        assert isinstance(was, str)
        place = -2 if was[-1] == "Z" else -1
        other = "2" if was[place] != "2" else "3"
        inner[path[-1]] = was[:place] + other + was[len(was) + place + 1 :]
    return forged


PLACES = list(leaves(BOX.manifest))


def test_the_manifest_that_is_tried_says_something_in_every_field() -> None:
    """No field that the format knows is left out of what follows."""
    names = {name for path in PLACES for name in path if isinstance(name, str)}
    bound = "node line policy language text sha256 heard outcome digit at cleared why muted reason stretch"
    text = (Path(__file__).parents[2] / "docs/format.md").read_text()
    section = text.split("## 6. ")[1].split("### 6.1")[0]

    assert set(bound.split()) <= names
    assert [
        name
        for name in sorted(names | set(BOX.manifest))
        if f"`{name}`" not in section and f'"{name}"' not in section
    ] == []


@pytest.mark.parametrize("path", PLACES, ids=lambda path: ".".join(map(str, path)))
def test_no_word_of_a_manifest_can_be_changed(path: tuple[Any, ...]) -> None:
    """Whoever has the data key and changes one word, signs anew by a key of their own or not, is refused."""
    forged = changed(BOX.manifest, path)
    assert forged != BOX.manifest
    thief = SigningKey.generate()

    for data, refusal in (
        (BOX.with_manifest(forged), DamagedContainer),
        (BOX.with_manifest(forged, thief), UnknownKey),
    ):
        with pytest.raises(refusal):
            verify(reading(data), len(data), KEYS)
        with pytest.raises(stranger.NotRead):
            stranger.verify(data, {KEYS[0].id: KEYS[0].to_bytes()})
    claimed = BOX.with_manifest(forged, thief).replace(thief.verify_key.id.encode(), KEYS[0].id.encode())
    with pytest.raises(DamagedContainer, match="signature"):
        verify(reading(claimed), len(claimed), KEYS)


@pytest.mark.parametrize(
    "path",
    sorted(
        {path[:n] for path in PLACES for n in range(1, len(path) + 1) if isinstance(path[n - 1], str)},
        key=str,
    ),
    ids=lambda path: ".".join(map(str, path)),
)
def test_a_manifest_that_lacks_a_field_or_has_it_in_another_form_is_refused(path: tuple[Any, ...]) -> None:
    """Every field that must be there, and the form of each that may."""
    optional = {"from_frame", "agent", "evidence_sha256", "text", "call"} | (
        {"at"} if path[0] in ("parties", "notice") else set()
    )
    for what in ("without", "other form"):
        odd = json.loads(canonical(BOX.manifest))
        inner = odd
        for step in path[:-1]:
            inner = inner[step]
        if what == "other form":
            inner[path[-1]] = [[{"no": "form"}]]
        elif path == ("codec",) or (path[-1] in optional and len(path) > 1):
            continue
        else:
            del inner[path[-1]]
        with pytest.raises(NotCanonical):
            decode_manifest(canonical(odd))


def test_a_manifest_of_another_call_is_refused() -> None:
    """Put in as it is, sealed anew under the right key, or signed anew by the right key: each is found."""
    other = Box("r9")
    foreign_frame = other.data[len(other.before) : -len(other.end)]
    data = BOX.before + foreign_frame + BOX.end
    with pytest.raises(DamagedContainer, match="not those that its end was signed for"):
        verify(reading(data), len(data), KEYS)
    with pytest.raises(CannotOpen, match="manifest"):
        open_manifest(reading(data), scan(reading(data), len(data)), BOX.data_key)

    data = BOX.with_manifest(other.manifest, SIGNING)
    verdict = verify(reading(data), len(data), KEYS)
    with pytest.raises(DamagedContainer, match="another recording"):
        open_manifest(reading(data), scan(reading(data), len(data)), BOX.data_key)
    with pytest.raises(DamagedContainer):
        compare_manifest(verdict, other.manifest)

    with pytest.raises(DamagedContainer, match="another container"):
        lying = BOX.with_manifest(BOX.manifest, SIGNING, recording="r9")
        verify(reading(lying), len(lying), KEYS)


def test_cut_at_every_byte_a_container_is_refused() -> None:
    """Each length is refused with the byte at which it shows, by both readers; and so is each torn commit."""
    small = sample("r1", (1,))
    known = {KEYS[0].id: KEYS[0].to_bytes()}
    for length in range(len(small.data)):
        with pytest.raises(DamagedContainer, match=r"damaged at byte \d+: ") as refused:
            verify(small.read, length, KEYS)
        assert refused.value.offset <= length
        if length not in small.cuts:
            with pytest.raises(DamagedContainer):
                scan(small.read, length)
        if length % 101 == 0 or length in small.cuts:
            with pytest.raises((stranger.NotRead, IndexError, KeyError, ValueError)):
                stranger.verify(small.data[:length], known)


# --- made of others


def forgeries(whole: Any) -> Iterator[tuple[str, Any]]:
    """Manifests of derived recordings that something is wrong with, each in another place."""

    def forge(name: str, act: Callable[[Any, Any], object]) -> tuple[str, Any]:
        forged = copy.deepcopy(whole)
        act(forged, forged["derived"][-1])
        return name, forged

    kind = whole["derived"][-1]["kind"]
    for name in (*KEPT, *(LASTING if kind == "redacted" else ())):
        path = next(path for path in leaves(whole) if path[0] == name) if whole[name] != [] else None
        if path is not None and name != "channels":
            yield name, changed(whole, path)
            yield f"before: {name}", changed(whole, ("derived", len(whole["derived"]) - 1, "manifest", *path))
    yield forge("kind", lambda _, step: step.update(kind="polished"))
    yield forge("no span", lambda _, step: step.update(spans=[]))
    yield forge("span turned round", lambda _, step: step.update(spans=[[2, 1]]))
    yield forge("span outside", lambda _, step: step.update(spans=[[0, 90_000]]))
    yield forge("the end of another", lambda _, step: step["end"].update(recording="r9"))
    yield forge("its frames", lambda _, step: step["end"].update(frames=1))
    yield forge("its chain", lambda _, step: step["end"].update(chain="ab" * 32))
    yield forge("signature", lambda _, step: step["end"].update(signature="ab" * 64))
    yield forge(
        "a step less",
        lambda whole, _: (
            whole["derived"].pop(0)
            if len(whole["derived"]) > 1
            else whole["derived"][0].update(manifest_sha256="0" * 64)
        ),
    )
    if kind == "part":
        yield forge("longer than its span", lambda _, step: step.update(spans=[[2000, 6001]]))


@pytest.mark.parametrize("name", ["redacted.agdpr", "part.agdpr"])
def test_a_forged_derivation_is_found_by_both_readers(name: str) -> None:
    """Evidence changed at any step, other spans, another end: the product and the stranger refuse it."""
    whole = VECTORS["containers"][name]["manifest"]
    check_derived(whole, VERIFY_KEYS)
    stranger.follow(whole, GOLDEN_KEYS)

    tried = 0
    for what, forged in forgeries(whole):
        tried += 1
        with pytest.raises((DamagedContainer, UnknownKey)):
            check_derived(forged, VERIFY_KEYS)
            pytest.fail(what)
        with pytest.raises(Exception):  # noqa: B017  (whatever it raises is damage)
            stranger.follow(forged, GOLDEN_KEYS)
    assert tried > 20
