"""`backup` and `restore`: what they take from an installation, and how one is made of it again."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_bytes

from asterisk_gdpr.adapters.register import open_register, upgrade
from asterisk_gdpr.adapters.register.database import file_of
from asterisk_gdpr.adapters.register.snapshot import copy_register, fill_register, is_empty, ledger_head_of
from asterisk_gdpr.bootstrap.installation import Installation
from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.errors import GdprError, Refused
from asterisk_gdpr.ports import Alarm, Clock, Legs
from asterisk_gdpr.seal.age import check_recipients
from asterisk_gdpr.seal.signing import VerifyKey
from asterisk_gdpr.service.erasing.backups import (
    REGISTER,
    VERSION,
    About,
    Contents,
    read_backup,
    write_backup,
)
from asterisk_gdpr.service.erasing.destruction import Destruction
from asterisk_gdpr.service.erasing.journal import NAME, Line, read_journal, since
from asterisk_gdpr.service.erasing.replay import Replayed, replay
from asterisk_gdpr.service.keys.key_files import PUBLIC_MODE, SECRET_MODE, Kind, key_text, read_verify_key
from asterisk_gdpr.service.new_files import make_folder, write_new

WITHOUT_JOURNAL = "restored-without-journal"


def back_up(installation: Installation, to: Path, recipients: Sequence[str], by: str) -> str:
    """Write a backup while calls go on; returns the SHA-256 of its file."""
    check_recipients(recipients)
    config, register = installation.config, installation.register()
    installation.journal().write()
    head = installation.journal().head()  # before the copy: what is erased in between is erased once more
    with _memory(config.paths.run) as folder:
        copy = folder / REGISTER
        copy_register(config.register.url, copy)
        epoch = register.epoch()
        about = About(
            VERSION,
            to_text(installation.clock.now()),
            config.node,
            epoch[0] if epoch else "",
            ledger_head_of(copy),
            head,
            {},
        )
        digest = write_backup(to, Contents(about, _files(installation)), copy, recipients)
    register.record("backed-up", {"user": by, "sha256": digest}, installation.clock.now())
    return digest


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
    moved: dict[str, Path],
    by: str,
    clock: Clock | None = None,
) -> Restored:
    """Make an installation of a backup in an empty place; nothing is served before all is erased again.

    `moved` names folders (`state`, `spool`, `run`) that are to be elsewhere than they were.
    Raises Refused (`not-empty`, `journal-missing`, `journal-older`, …) or Damaged; then there is no register.
    """
    if (folder / "config.yaml").exists():
        raise _not_empty(folder)
    with _memory(Path(tempfile.gettempdir()) if "run" not in moved else moved["run"]) as clear:
        about, files = read_backup(backup, identities, clear)
        lines, bytes_of = _journal(files, about, journals, without_journal=without_journal)
        installation = _lay_out(folder, files, moved, clock)
        url = installation.config.register.url
        final = file_of(url)
        if final.exists() if final else not is_empty(url):
            raise _not_empty(final or "The register's database")
        beside = final or installation.config.paths.state / REGISTER
        make_folder(beside.parent, 0o711)
        waiting = beside.with_name(f".{beside.name}.restoring")
        waiting.unlink(missing_ok=True)
        _copy(clear / REGISTER, waiting)
    replayed, pending = _replayed(installation, waiting, about, lines, by, without_journal=without_journal)
    for place in installation.config.journal.folders:
        make_folder(place, 0o700)
        write_new(place / NAME, bytes_of, SECRET_MODE)
    if final is not None:
        waiting.rename(final)
    else:
        fill_register(url, waiting)
        waiting.unlink()
    register = installation.register()
    head = register.head()
    installation.journal().note_restored(head.seq if head else 0, {"backup_at": about.created_at})
    installation.close()
    return Restored(about, replayed, pending, to_text(lines[-1].at) if lines else None)


def _replayed(
    installation: Installation,
    file: Path,
    about: About,
    lines: Sequence[Line],
    by: str,
    *,
    without_journal: bool,
) -> tuple[Replayed, tuple[str, ...]]:
    url = f"sqlite:///{file}"
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
    finally:
        register.close()
    return replayed, tuple(each.recording for each in carried if not each.done)


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


def _lay_out(
    folder: Path, files: dict[str, bytes], moved: dict[str, Path], clock: Clock | None
) -> Installation:
    make_folder(folder, 0o755)
    try:
        text = files["config.yaml"].decode()
        write_new(folder / "config.yaml", text.encode(), 0o640)
        write_new(folder / "policy.yaml", files["policy.yaml"], 0o640)
        before = Installation.load(folder / "config.yaml", clock)
        for name, to in moved.items():
            text = text.replace(str(getattr(before.config.paths, name)), str(to))
        (folder / "config.yaml").unlink()
        write_new(folder / "config.yaml", text.encode(), 0o640)
        installation = Installation.load(folder / "config.yaml", clock)
        keys = installation.keys
        make_folder(keys.path, 0o700)
        for name, data in files.items():
            if name.startswith("keys/"):
                mode = SECRET_MODE if name.endswith(".key") else PUBLIC_MODE
                write_new(keys.path / name.removeprefix("keys/"), data, mode)
        write_new(keys.page, key_text(Kind.PAGE, token_bytes(32)), SECRET_MODE)
    except (KeyError, UnicodeDecodeError):
        raise Refused("The backup lacks its configuration.", id="backup-incomplete") from None
    except GdprError:
        (folder / "config.yaml").unlink(missing_ok=True)
        raise
    return installation


def _files(installation: Installation) -> dict[str, bytes]:
    """Everything of an installation but its register; of the keys none that opens a recording."""
    keys, config = installation.keys, installation.config
    files = {
        "config.yaml": installation.path.read_bytes(),
        "policy.yaml": config.policy.path.read_bytes(),
        "keys/signing.key": keys.signing.read_bytes(),
        "keys/index.key": keys.index.read_bytes(),
    }
    index = config.paths.prompts / "index.json"
    if index.exists():
        files["prompts.json"] = index.read_bytes()
    for path in sorted(keys.path.glob("*.pub")):
        files[f"keys/{path.name}"] = path.read_bytes()
    return files


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


@contextmanager
def _memory(folder: Path) -> Iterator[Path]:
    """A folder for what must not lie on a disk: in the run folder, which is memory where /run is."""
    place = Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else folder  # noqa: S108
    with tempfile.TemporaryDirectory(prefix="asterisk-gdpr-", dir=place) as name:
        yield Path(name)


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
