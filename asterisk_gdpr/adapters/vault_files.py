"""A vault in a folder: a container is a file that only grows, and a name that is never used twice.

`<folder>/<day>/<name>.agdpr` (`adapters.vault_names`): a folder per day, which is made with the first
container of the day and goes with the last. Folders are 0700, files 0600.
A container that is closed is 0400 and takes nothing more.
A marker lies in the folder: without it the folder is a mount point with nothing mounted, or another's, and
then nothing in it is known to be gone.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from asterisk_gdpr.adapters.vault_names import MARKER, SUFFIX, place_of
from asterisk_gdpr.errors import Damaged, Refused, Unreachable


class FileVault:
    """Containers as files under `folder`, which `lay_out` has made a vault."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def lay_out(cls, folder: Path) -> FileVault:
        """Make a folder a vault, once; one that is a vault already stays as it is."""
        with _disk_answers():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            (folder / MARKER).touch(mode=0o600, exist_ok=True)
            _sync_folder(folder)
        return cls(folder)

    def mark(self) -> str:
        """What tells this folder from every other, by whatever path it is reached."""
        with _disk_answers():
            self._be_there()
            about = self._folder.stat()
        return f"{about.st_dev}:{about.st_ino}"

    def append(self, name: str, at: int, data: bytes) -> None:
        """Write at `at`, which is the committed end, and fsync; a torn write past it is cut first.

        Raises `Damaged` when the container is shorter than what was committed, Refused when it is closed.
        """
        path = self._path(name)
        with _disk_answers():
            if at == 0:
                handle = self._made(path, lambda: _open(path, os.O_RDWR | os.O_CLOEXEC | os.O_CREAT))
            else:
                handle = _open(path, os.O_RDWR | os.O_CLOEXEC)
            try:
                about = os.fstat(handle)
                size = about.st_size
                if not about.st_mode & stat.S_IWUSR:
                    raise Refused(f"The container {name} is closed.", id="container-closed")
                if size < at:
                    raise Damaged(
                        f"The container {name} holds less than was committed.", id="container-short"
                    )
                if size > at:
                    os.ftruncate(handle, at)
                _write_all(handle, data, at)
                os.fsync(handle)
            finally:
                os.close(handle)
            if at == 0:
                # Both, whether they were made now or by a process that was killed before it synced them.
                _sync_folder(path.parent)
                _sync_folder(self._folder)

    def close(self, name: str) -> None:
        """Let it take nothing more; one that is not there is no error."""
        with _disk_answers(), contextlib.suppress(FileNotFoundError):
            self._path(name).chmod(0o400)

    def put(self, name: str, pieces: Callable[[], Iterable[bytes]], size: int, sha256: bytes) -> None:
        """Bring a whole container from another store; when this returns, it was read back and has this hash.

        Raises Damaged (`container-exists`) when other bytes bear the name, which stay.
        """
        path = self._path(name)
        with _disk_answers():
            self._be_there()
            if not path.exists():
                partial = path.with_suffix(".partial")
                partial.unlink(missing_ok=True)
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
                made = self._made(partial, lambda: os.open(partial, flags, 0o600))
                with os.fdopen(made, "wb") as file:
                    for piece in pieces():
                        file.write(piece)
                    file.flush()
                    os.fsync(file.fileno())
                if partial.stat().st_size == size:
                    with contextlib.suppress(FileExistsError):
                        os.link(partial, path)
                partial.unlink()
                path.chmod(0o400)
                _sync_folder(path.parent)
                _sync_folder(self._folder)
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").digest()
        if found != sha256:
            raise Damaged("The vault holds other bytes under this name.", id="container-exists")

    def has(self, name: str) -> bool:
        """Whether it is here, as far as can be seen without asking whether the vault itself is."""
        return self._path(name).exists()

    def size(self, name: str) -> int | None:
        """Length in bytes; None when there is no such container."""
        path = self._path(name)
        with _disk_answers():
            try:
                return path.stat().st_size
            except FileNotFoundError:
                self._be_there()
                return None

    def read(self, name: str, offset: int, length: int) -> bytes:
        """A range; shorter at the end."""
        path = self._path(name)
        with _disk_answers(), path.open("rb") as container:
            container.seek(offset)
            return container.read(length)

    def delete(self, name: str) -> None:
        """Unlink it, and its day's folder with the last, and make that durable; none there is no error."""
        path = self._path(name)
        with _disk_answers():
            self._be_there()
            path.unlink(missing_ok=True)
            with contextlib.suppress(FileNotFoundError):
                _sync_folder(path.parent)
            with contextlib.suppress(OSError):
                path.parent.rmdir()
            if not path.parent.exists():
                _sync_folder(self._folder)

    def names(self) -> Iterator[str]:
        """Every container that is there, in order of name."""
        with _disk_answers():
            self._be_there()
            found = sorted(path.name.removesuffix(SUFFIX) for path in self._folder.glob(f"*/*{SUFFIX}"))
        yield from found

    def _path(self, name: str) -> Path:
        return self._folder / place_of(name)

    def _made(self, path: Path, make: Callable[[], int]) -> int:
        """A file in its day's folder, which the end of the day's last container may take away meanwhile."""
        while True:
            self._be_there()
            path.parent.mkdir(mode=0o700, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                return make()

    def _be_there(self) -> None:
        """Say so when the vault is away, its disk not mounted: then nothing in it is known to be gone."""
        (self._folder / MARKER).stat()


def _open(path: Path, flags: int) -> int:
    """Open a container to be written; one that is closed only root can open so, and `append` refuses it."""
    try:
        return os.open(path, flags, 0o600)
    except PermissionError:
        if path.exists() and not path.stat().st_mode & stat.S_IWUSR:
            raise Refused("The container is closed.", id="container-closed") from None
        raise


def _write_all(handle: int, data: bytes, at: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(handle, view, at)
        view, at = view[written:], at + written


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _disk_answers() -> Iterator[None]:
    """A full, read-only or removed disk is a state that passes, not the end of a recording."""
    try:
        yield
    except FileNotFoundError:
        raise Unreachable("The vault or a container in it is not there.", id="vault-unreachable") from None
    except OSError as error:
        code = errno.errorcode.get(error.errno or 0, "EIO")
        raise Unreachable(f"The vault does not answer ({code}).", id="vault-unreachable") from None
