"""The folder of prompts: sound that Asterisk plays, and the index that says what each file says.

A sound lies in two files, `<name>.sln` (8 kHz) and `<name>.sln16` (16 kHz), raw signed 16-bit
little-endian samples. Asterisk picks the width that suits the call. Their name begins the SHA-256 of
both, one after the other (`cat name.sln name.sln16 | sha256sum`), so a file can never change unnoticed.
Nothing is deleted: the evidence of a choice names a hash, and what it stands for stays to be heard.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from asterisk_gdpr.errors import Unreachable

NARROW, WIDE = 8000, 16000
"""The two sampling rates, in Hz."""

_INDEX = "index.json"
_DAMAGED = "index.damaged.json"
_FORMAT = 1
_NAME_LENGTH = 16


@dataclass(frozen=True)
class Entry:
    """What one part of a line's notice is, in one language; `origin` is `espeak` or `voice`.

    `audio_sha256` is of the 8 kHz file followed by the 16 kHz file, in hex; `seconds` its duration.
    """

    line: str
    language: str
    part: str
    text: str
    text_sha256: str
    audio_sha256: str
    engine: str
    origin: str
    seconds: float

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is looked up by."""
        return self.line, self.language, self.part

    @property
    def name(self) -> str:
        """The name of its files, without extension."""
        return self.audio_sha256[:_NAME_LENGTH]


@dataclass(frozen=True)
class Index:
    """The prompts in force, and those that were: both may have been heard by somebody."""

    prompts: tuple[Entry, ...] = ()
    earlier: tuple[Entry, ...] = ()


class PromptFolder:
    """The files themselves; readable by everybody, since Asterisk runs as another user."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read_index(self) -> Index:
        """The index; an empty one when there is none, or none that can be read."""
        try:
            found = json.loads((self.folder / _INDEX).read_text("utf-8"))
            if found["format"] != _FORMAT:
                return Index()
            return Index(*(tuple(_entry(item) for item in found[part]) for part in ("prompts", "earlier")))
        except (OSError, ValueError, KeyError, TypeError):
            return Index()

    def write_index(self, index: Index) -> None:
        """Replace the index in one step; one that could not be read is kept beside it."""
        self._make()
        path = self.folder / _INDEX
        if path.exists() and self.read_index() == Index():
            path.replace(self.folder / _DAMAGED)
        content = {
            "format": _FORMAT,
            "prompts": [asdict(entry) for entry in index.prompts],
            "earlier": [asdict(entry) for entry in index.earlier],
        }
        _write(path, json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n")

    def write_sound(self, narrow: bytes, wide: bytes) -> str:
        """Store a sound in both widths; returns its SHA-256."""
        self._make()
        digest = _digest(narrow, wide)
        name = digest[:_NAME_LENGTH]
        _write(self.folder / f"{name}.sln", narrow)
        _write(self.folder / f"{name}.sln16", wide)
        return digest

    def state(self) -> tuple[int, int]:
        """When the index was written, and its length: another one is another index; zeroes: there is none."""
        try:
            told = (self.folder / _INDEX).stat()
        except OSError:
            return 0, 0
        return told.st_mtime_ns, told.st_size

    def read_wide(self, entry: Entry) -> bytes:
        """Its samples at 16 kHz; Unreachable when they cannot be read."""
        try:
            return (self.folder / f"{entry.name}.sln16").read_bytes()
        except OSError:
            raise Unreachable("The sound of this prompt cannot be read.", id="prompt-unreadable") from None

    def holds(self, audio_sha256: str) -> bool:
        """Whether both files are there and are what the hash says."""
        name = audio_sha256[:_NAME_LENGTH]
        try:
            narrow = (self.folder / f"{name}.sln").read_bytes()
            wide = (self.folder / f"{name}.sln16").read_bytes()
        except OSError:
            return False
        return _digest(narrow, wide) == audio_sha256

    def _make(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)


def seconds_of(narrow: bytes) -> float:
    """How long 8 kHz samples last."""
    return round(len(narrow) / 2 / NARROW, 3)


def sha256_of(text: str) -> str:
    """The hash of a text, by which evidence names it."""
    return hashlib.sha256(text.encode()).hexdigest()


def retired(current: Sequence[Entry], index: Index) -> tuple[Entry, ...]:
    """What an index held that is in force no more, each once."""
    held = dict.fromkeys((*index.earlier, *index.prompts))
    return tuple(entry for entry in held if entry not in current)


def _entry(item: dict[str, object]) -> Entry:
    values = {field.name: item[field.name] for field in fields(Entry)}
    if not all(isinstance(value, float if name == "seconds" else str) for name, value in values.items()):
        raise ValueError("an entry of the index has a wrong type")
    return Entry(**values)  # type: ignore[arg-type]  # the types were checked just above


def _digest(narrow: bytes, wide: bytes) -> str:
    return hashlib.sha256(narrow + wide).hexdigest()


def _write(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees the old one or the whole new one, even after a power cut."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
        os.fchmod(file.fileno(), 0o644)
    draft.replace(path)
