"""`restore`: an installation is made of a backup again, in an empty place, and nothing is served too early.

    backup opened in memory → configuration under a name that nobody reads → journals read → policy and keys
    → register under a name that nobody opens → everything erased again in it → the journal's copies
    → register under its name → configuration under its name

Until the last step there is no configuration, so no program begins. Killed anywhere, the same command carries
it on; a file that is there and says something else is somebody's, and stops it.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from secrets import token_bytes

from asterisk_gdpr.adapters.register import open_register, upgrade
from asterisk_gdpr.adapters.register.database import file_of
from asterisk_gdpr.adapters.register.snapshot import fill_register, is_empty
from asterisk_gdpr.bootstrap.installation import Installation
from asterisk_gdpr.bootstrap.memory_folder import memory_folder
from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.errors import Damaged, GdprError, Refused
from asterisk_gdpr.ports import Alarm, Clock, Legs
from asterisk_gdpr.seal.signing import VerifyKey
from asterisk_gdpr.service.erasing.backups import REGISTER, About, read_backup
from asterisk_gdpr.service.erasing.destruction import Destruction
from asterisk_gdpr.service.erasing.journal import NAME, ErasureJournal, Line, read_journal, since
from asterisk_gdpr.service.erasing.replay import Replayed, replay
from asterisk_gdpr.service.keys.key_files import PUBLIC_MODE, SECRET_MODE, Kind, key_text, read_verify_key
from asterisk_gdpr.service.new_files import make_folder, replace_file, sync_folder, write_new

WITHOUT_JOURNAL = "restored-without-journal"

CONFIG = "config.yaml"
_RESTORING = "restoring"
"""The end of the name of what is not in its place yet."""

_KEY_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class Restored:
    """What came of a restore: the backup's own account, what was done again, and what waits for the vault."""

    about: About
    replayed: Replayed
    pending: tuple[str, ...]
    journal_until: str | None


def restore(
    backup: Path,
    folder: Path,
    *,
    identities: Sequence[str],
    journals: Sequence[Path],
    without_journal: bool,
    moved: Mapping[str, Path],
    by: str,
    clock: Clock | None = None,
) -> Restored:
    """Make an installation of a backup in an empty place; nothing is served before all is erased again.

    `moved` names folders (`state`, `spool`, `run`) that are to be elsewhere than they were. The journal is
    read where it is named, and where the configuration has it as well.
    Raises Refused (`not-empty`, `journal-missing`, `journal-older`, …) or Damaged; then there is no register.
    """
    if (folder / CONFIG).exists():
        raise _not_empty(folder)
    with memory_folder(Path(tempfile.gettempdir()) if "run" not in moved else moved["run"]) as clear:
        about, files = read_backup(backup, identities, clear)
        installation, goes_on = _configured(folder, files, moved, clock)
        try:
            final = file_of(installation.config.register.url)
            there = _is_there(installation, goes_on=goes_on)
            here = [place / NAME for place in installation.config.journal.folders]
            named = [*journals, *(path for path in here if path.exists())]
            lines, bytes_of = _journal(files, about, named, without_journal=without_journal)
            _keys(installation, files)
        except GdprError:
            if not goes_on:
                installation.path.unlink()
            raise
        place = final or installation.config.paths.state / REGISTER
        waiting = place.with_name(f".{place.name}.{_RESTORING}")
        if not there:
            make_folder(place.parent, 0o711)
            for end in ("", "-wal", "-shm", "-journal"):
                waiting.with_name(waiting.name + end).unlink(missing_ok=True)
            _copy(clear / REGISTER, waiting)
    at = installation.config.register.url if there else f"sqlite:///{waiting}"
    replayed, pending, head = _replayed(installation, at, about, lines, by, without_journal=without_journal)
    for journal in here:
        make_folder(journal.parent, 0o700)
        write_new(journal, bytes_of, SECRET_MODE)
    config, register, signer = installation.config, installation.register, installation.signing_key
    journal_files = ErasureJournal(config.journal.folders, register, signer, installation.clock)
    journal_files.note_restored(head, {"backup_at": about.created_at})
    if not there:
        if final is not None:
            waiting.rename(final)
            sync_folder(final.parent)
        else:
            fill_register(installation.config.register.url, waiting)
            waiting.unlink()
    installation.path.rename(folder / CONFIG)
    sync_folder(folder)
    return Restored(about, replayed, pending, to_text(lines[-1].at) if lines else None)


def _configured(
    folder: Path, files: Mapping[str, bytes], moved: Mapping[str, Path], clock: Clock | None
) -> tuple[Installation, bool]:
    """The configuration beside its place, and whether a restore of the same backup began here before."""
    make_folder(folder, 0o755)
    waiting = folder / f".{CONFIG}.{_RESTORING}"
    try:
        before = waiting.read_bytes()
    except OSError:
        before = b""
    try:
        text = files[CONFIG].decode()
        replace_file(waiting, text.encode(), 0o640)
        paths = Installation.load(waiting, clock).config.paths
        for name, to in moved.items():
            text = text.replace(str(getattr(paths, name)), str(to))
        replace_file(waiting, text.encode(), 0o640)
        return Installation.load(waiting, clock), before == text.encode()
    except (KeyError, UnicodeDecodeError):
        waiting.unlink(missing_ok=True)
        raise Refused("The backup lacks its configuration.", id="backup-incomplete") from None
    except GdprError:
        waiting.unlink(missing_ok=True)
        raise


def _is_there(installation: Installation, *, goes_on: bool) -> bool:
    """Whether the register is in its place already, which only a restore that goes on may find."""
    url = installation.config.register.url
    final = file_of(url)
    if not (final.exists() if final else not is_empty(url)):
        return False
    if not goes_on:
        raise _not_empty(final or "The register's database")
    if final is not None:
        return True
    try:
        register = open_register(url, installation.zone)
    except GdprError:
        return False  # its tables were not all made yet
    try:
        return register.head() is not None
    finally:
        register.close()


def _keys(installation: Installation, files: Mapping[str, bytes]) -> None:
    """Policy and keys in their places; Refused (`not-empty`) where another one lies there."""
    keys = installation.keys
    wanted = {installation.config.policy.path: (files["policy.yaml"], 0o640)}
    for name, data in files.items():
        if not name.startswith("keys/"):
            continue
        name = name.removeprefix("keys/")
        if not _KEY_NAME.fullmatch(name):
            raise Damaged("The backup holds a key by a name that no key has.")
        wanted[keys.path / name] = (data, SECRET_MODE if name.endswith(".key") else PUBLIC_MODE)
    for path, (data, _) in wanted.items():
        if path.exists() and path.read_bytes() != data:
            raise _not_empty(path)
    make_folder(keys.path, 0o700)
    make_folder(installation.config.policy.path.parent, 0o755)
    for path, (data, mode) in wanted.items():
        write_new(path, data, mode)
    write_new(keys.page, key_text(Kind.PAGE, token_bytes(32)), SECRET_MODE)


def _replayed(
    installation: Installation,
    url: str,
    about: About,
    lines: Sequence[Line],
    by: str,
    *,
    without_journal: bool,
) -> tuple[Replayed, tuple[str, ...], int]:
    """Do it all again in a register; with what waits for the vault, and where its ledger stands then."""
    upgrade(url)
    register = open_register(url, installation.zone)
    clock = installation.clock
    try:
        nodes = sorted({about.node, *register.beats()})
        replayed = replay(register, lines, nodes, clock)
        destruction = Destruction(
            register, installation.vault(), _NoSpool(), installation.signing_key(), clock, lambda _: True
        )
        carried = destruction.carry_out()
        told = {
            "user": by,
            "backup_at": about.created_at,
            "journal": "none" if without_journal else len(lines),
            "destroyed": len(replayed.destroyed),
        }
        register.record("restored", told, clock.now())
        if without_journal:
            message = "This register was restored without its erasure journal: what was erased may be back."
            register.raise_alarm(Alarm(WITHOUT_JOURNAL, about.node, clock.now(), message))
        register.checkpoint()
        head = register.head()
    finally:
        register.close()
    pending = tuple(each.recording for each in carried if not each.done)
    return replayed, pending, head.seq if head else 0


def _journal(
    files: dict[str, bytes], about: About, journals: Sequence[Path], *, without_journal: bool
) -> tuple[list[Line], bytes]:
    """What the journal tells that the backup does not know; without one only by a person's decision."""
    keys = [_verify_key(data) for name, data in files.items() if name.startswith("keys/verify-")]
    copies = []
    for path in journals:
        try:
            copies.append((path / NAME if path.is_dir() else path).read_bytes())
        except OSError as error:
            raise Refused(f"{path} cannot be read: {error.strerror}.", id="no-file") from None
    if not copies:
        if without_journal:
            return [], b""
        raise Refused(
            "There is no erasure journal: nobody knows what was erased since the backup.",
            hint="Name every copy of it: --journal. Or decide to do without: --accept-missing-journal.",
            id="journal-missing",
        )
    try:
        lines = since(read_journal(copies, keys), about.journal)
    except GdprError:
        if without_journal:
            return [], b""
        raise
    return lines, max(copies, key=len)


def _verify_key(data: bytes) -> VerifyKey:
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        return read_verify_key(Path(file.name))


class _NoSpool:
    """A new place has no spool: what was in memory is gone with the machine."""

    def prepare(self, *_: object, **__: object) -> Legs:
        raise AssertionError("nothing is captured while a register is restored")

    def length(self, _: Legs) -> int | None:
        return None

    def read(self, _: Legs, _offset: int, _length: int) -> tuple[bytes, bytes]:
        return b"", b""

    def is_whole(self, _: Legs) -> bool:
        return True

    def release(self, *_: object, **__: object) -> None: ...
    def remove(self, *_: object, **__: object) -> None: ...
    def keep_notes(self, *_: object, **__: object) -> None: ...
    def notes(self, _: str) -> bytes | None:
        return None

    def find(self, _: str) -> Sequence[tuple[int, Legs]]:
        return ()

    def recordings(self) -> Sequence[str]:
        return ()

    def room(self) -> float:
        return 1.0


def _copy(source: Path, to: Path) -> None:
    handle = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with source.open("rb") as read, os.fdopen(handle, "wb") as write:
        while piece := read.read(1 << 20):
            write.write(piece)
        write.flush()
        os.fsync(write.fileno())


def _not_empty(place: Path | str) -> Refused:
    return Refused(
        f"{place} is there already: a backup is restored into an empty place only.",
        hint="Choose another folder, or move what is there away.",
        id="not-empty",
    )
