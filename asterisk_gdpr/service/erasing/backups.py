"""A backup: one file in the age format with everything that a register needs to live again elsewhere.

    backup.json     what it is, and how far ledger and erasure journal had come
    register.db     a consistent copy, taken while calls go on
    config.yaml, policy.yaml, prompts.json
    keys/           signing key, index key, public keys; never a private key of the vault

It holds no audio, and nothing that opens any: containers lie in the vault, the private keys of epochs with
their recipients. Whoever can open the backup can sign, and can look callers up; so its recipients are few.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import BinaryIO

from asterisk_gdpr.errors import Damaged, Refused, Unreachable
from asterisk_gdpr.seal.age import decrypt, encrypt_to
from asterisk_gdpr.service.erasing.journal import JournalHead

VERSION = 1
ABOUT = "backup.json"
REGISTER = "register.db"


@dataclass(frozen=True)
class About:
    """What a backup says of itself; `epoch` is the key that it seals to, `ledger` its last entry."""

    version: int
    created_at: str
    node: str
    epoch: str
    ledger: tuple[int, str]
    journal: JournalHead
    sha256: Mapping[str, str]

    def to_bytes(self) -> bytes:
        """As it stands in the backup."""
        return json.dumps(asdict(self), indent=1, sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> About:
        """What `to_bytes` wrote; raises Damaged or Refused (`unknown-version`)."""
        try:
            fields = json.loads(data)
            if fields["version"] != VERSION:
                raise Refused("The backup was written by a newer program.", id="unknown-version")
            fields["journal"] = JournalHead(**fields["journal"])
            fields["ledger"] = (int(fields["ledger"][0]), str(fields["ledger"][1]))
            return cls(**fields)
        except (ValueError, KeyError, TypeError, IndexError):
            raise Damaged("The backup does not say what it is.") from None


@dataclass(frozen=True)
class Contents:
    """What goes into a backup besides the register's copy, by name; `about` lacks the hashes."""

    about: About
    files: Mapping[str, bytes]


def write_backup(to: Path, contents: Contents, register: Path, recipients: Sequence[str]) -> str:
    """Write the file, whole or not at all, never over another; returns its SHA-256.

    The register is streamed: neither memory nor a disk holds the backup in the clear.
    """
    if to.exists():
        raise Refused(f"{to} is there already.", hint="Choose another name.", id="file-exists")
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in contents.files.items()}
    hashes[REGISTER] = _sha256(register)
    about = replace(contents.about, sha256=hashes)
    partial = to.with_name(f".{to.name}.partial")
    try:
        partial.unlink(missing_ok=True)  # of one that was killed
        handle = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as target:
            _encrypted(target, about, contents.files, register, recipients)
            target.flush()
            os.fsync(target.fileno())
        digest = _sha256(partial)
        os.link(partial, to)
    except FileExistsError:
        raise Refused(f"{to} is there already.", hint="Choose another name.", id="file-exists") from None
    except OSError as error:
        raise Unreachable(f"{to} cannot be written: {error.strerror}.", id="disk") from None
    finally:
        partial.unlink(missing_ok=True)
    return digest


def read_backup(source: Path, identities: Sequence[str], folder: Path) -> tuple[About, dict[str, bytes]]:
    """Decrypt into `folder` (best in memory): the register's copy there, all else in what is returned.

    Every file is held against its hash; raises Refused (`not-for-this-key`) or Damaged.
    """
    clear = folder / "backup.tar"
    try:
        handle = os.open(clear, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with source.open("rb") as encrypted, os.fdopen(handle, "wb") as target:
            decrypt(encrypted, target, identities)
        return _unpacked(clear, folder)
    except OSError as error:
        raise Refused(f"{source} cannot be read: {error.strerror}.", id="no-file") from None
    finally:
        clear.unlink(missing_ok=True)


def _encrypted(
    target: BinaryIO, about: About, files: Mapping[str, bytes], register: Path, recipients: Sequence[str]
) -> None:
    outward, inward = os.pipe()
    problem: list[BaseException] = []

    def pack() -> None:
        try:
            with os.fdopen(inward, "wb") as stream, tarfile.open(fileobj=stream, mode="w|") as tar:
                _add(tar, ABOUT, about.to_bytes())
                for name, data in sorted(files.items()):
                    _add(tar, name, data)
                tar.add(register, REGISTER)
        except BrokenPipeError:
            pass  # who reads has failed, and says why
        except BaseException as error:
            problem.append(error)

    packer = threading.Thread(target=pack, name="backup")
    with os.fdopen(outward, "rb") as stream:
        packer.start()
        try:
            encrypt_to(stream, target, recipients)
        finally:
            stream.close()
            packer.join()
    if problem:
        raise problem[0]


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), 0o600
    tar.addfile(info, io.BytesIO(data))


def _unpacked(clear: Path, folder: Path) -> tuple[About, dict[str, bytes]]:
    files: dict[str, bytes] = {}
    about: About | None = None
    found: dict[str, str] = {}
    try:
        with tarfile.open(clear, mode="r:") as tar:
            for member in tar:
                stream = tar.extractfile(member)
                if stream is None:
                    raise Damaged("The backup holds something that is no file.")
                if member.name == REGISTER:
                    handle = os.open(folder / REGISTER, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                    with os.fdopen(handle, "wb") as target:
                        while piece := stream.read(1 << 20):
                            target.write(piece)
                    found[REGISTER] = _sha256(folder / REGISTER)
                    continue
                data = stream.read()
                if member.name == ABOUT:
                    about = About.from_bytes(data)
                else:
                    files[member.name] = data
                    found[member.name] = hashlib.sha256(data).hexdigest()
    except tarfile.TarError:
        raise Damaged("The backup is not what was written.") from None
    if about is None or found != about.sha256:
        raise Damaged("The backup lacks something, or something in it was changed.")
    return about, files


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
