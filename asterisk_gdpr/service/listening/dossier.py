"""A recording for a court: the sound, what vouches for it, and how anyone checks that without us.

    recording.flac (or .wav), container.agdpr, data-keys.json, manifest.json, choice.json, verify-*.pub,
    cover.html, cover.pdf, HOW-TO-CHECK.txt, SHA256SUMS

The container is what was sealed during the call and signed at its end; with the data keys beside it anyone
opens it and finds the same sound. The keys open this recording and nothing else, and who has the dossier has
its sound anyway. The ledger has the export before the first byte is opened.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from asterisk_gdpr.core.recording import Occasion
from asterisk_gdpr.core.requests import Voices
from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import CallBook, Clock, Vault
from asterisk_gdpr.ports.press import Press
from asterisk_gdpr.seal.manifest import encode_manifest
from asterisk_gdpr.seal.reader import open_manifest, scan
from asterisk_gdpr.seal.signing import SigningKey, VerifyKey
from asterisk_gdpr.service.keys.keeper import Keeper
from asterisk_gdpr.service.keys.key_files import Kind, key_text
from asterisk_gdpr.service.listening.cover import Cover
from asterisk_gdpr.service.listening.exports import Book as ExportBooks
from asterisk_gdpr.service.listening.exports import Exported, Exports
from asterisk_gdpr.service.listening.masking import flac_of, wav_of
from asterisk_gdpr.service.listening.sound import HEADER_LENGTH, Span
from asterisk_gdpr.service.proof.choice_evidence import choice_document

HOW = """\
How to check this recording
===========================

You need asterisk-gdpr (any machine, no installation of it), or docs/format.md and an hour.

1. Nothing here was changed since it was put together:   sha256sum -c SHA256SUMS
2. The container is what was sealed during the call and signed at its end:
      asterisk-gdpr recordings verify --file container.agdpr --key {key}
   One changed byte, a missing piece or another order fails, with the place.
3. The choice of the caller, with the words that were heard and the keys that were pressed:
      asterisk-gdpr certificate verify choice.json --key {key}
4. Get {key} from the controller by another way than this file, and compare.
5. The sound is that of the container: data-keys.json holds the keys of its segments (docs/format.md, 5.3);
   tests/seal/reader.py of the source opens them with nothing but the document as its source.
6. choice.json names the SHA-256 of its facts; manifest.json and the controller's ledger name the same.

It holds personal data in the clear: protect it, and erase it when it has served.
"""


class Book(ExportBooks, CallBook, Protocol):
    """What a dossier needs of the register."""


@dataclass(frozen=True)
class Dossier:
    """Every file of it, by name; `silent` are the parts whose sound is missing or damaged."""

    files: Mapping[str, bytes]
    silent: tuple[Span, ...]


class Dossiers:
    """Puts dossiers together; the vault must be unlocked."""

    def __init__(
        self,
        register: Book,
        vault: Vault,
        keeper: Keeper,
        exports: Exports,
        signer: SigningKey,
        verify_keys: Sequence[VerifyKey],
        clock: Clock,
        press: Press,
    ) -> None:
        self._register = register
        self._vault = vault
        self._keeper = keeper
        self._exports = exports
        self._signer = signer
        self._verify_keys = verify_keys
        self._clock = clock
        self._press = press

    def make(
        self,
        recording: str,
        by: str,
        reason: Occasion,
        *,
        hold: str = "",
        recipient: str = "",
        voices: Voices = Voices.BOTH,
        form: str = "flac",
    ) -> Dossier:
        """Put one together; `form` is `flac` or `wav`. Raises Refused as `Exports.take`."""
        exported = self._exports.take(recording, by, reason, hold, recipient=recipient)
        row = self._register.recording(recording)
        size = self._vault.size(recording)
        if size is None:
            raise Refused("The recording's container is not in the vault.", id="container-missing")
        read = partial(self._vault.read, recording)
        found = scan(read, size)
        if found.manifest is None:
            raise Refused("The recording is not closed: nothing vouches for it yet.", id="not-sealed")
        numbers = {place.generation for place in found.segments} | {found.manifest.generation}
        keys = {number: self._keeper.data_key(recording, number) for number in sorted(numbers)}
        manifest = open_manifest(read, found, keys[found.manifest.generation])
        verify_key = f"verify-{self._signer.verify_key.id}.pub"
        whole = voices is Voices.BOTH
        silent = [(span.start, span.end) for span in exported.silent]
        sheet = Cover(manifest, by, reason.value, voices.value, to_text(self._clock.now()), silent)
        files = {
            f"recording.{form}": sound_as(exported, voices, form),
            "container.agdpr": self._vault.read(recording, 0, size) if whole else b"",
            "data-keys.json": _json({str(number): key.hex() for number, key in keys.items()})
            if whole
            else b"",
            "manifest.json": encode_manifest(manifest) + b"\n",
            "choice.json": choice_document(self._register, row.call, self._signer),
            "HOW-TO-CHECK.txt": HOW.format(key=verify_key).encode(),
            "cover.html": sheet.html().encode(),
            "cover.pdf": self._press.pdf(sheet.document()),
        }
        for key in self._verify_keys:
            files[f"verify-{key.id}.pub"] = key_text(Kind.VERIFY, key.to_bytes())
        there = {name: data for name, data in files.items() if data}
        sums = "".join(
            f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(there.items())
        )
        return Dossier({**there, "SHA256SUMS": sums.encode()}, exported.silent)


def sound_as(exported: Exported, voices: Voices, form: str) -> bytes:
    """The sound of a copy with these voices; `form` is `flac` or `wav`."""
    flac = flac_of(exported.wav[HEADER_LENGTH:], exported.rate, voices)
    return flac if form == "flac" else wav_of(flac)


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A dossier as one file, for the age format."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in sorted(files.items()):
            package.writestr(name, data)
    return stream.getvalue()


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, indent=1, sort_keys=True).encode() + b"\n"
