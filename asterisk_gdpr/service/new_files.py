"""Files that are made once: whole or not at all, with their mode from the first moment, never overwritten."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from asterisk_gdpr.errors import Refused, Unreachable


def write_new(path: Path, data: bytes, mode: int) -> bool:
    """Make a file with this content and mode; False, and nothing done, when there is one already.

    A crash leaves the whole file or none: it is written beside its place, made durable, then linked there.
    """
    if is_taken(path):
        return False
    fresh = _beside(path)
    try:
        with _answers(path):
            _write(fresh, data, mode)
            try:
                os.link(fresh, path)
            except FileExistsError:
                return False
            sync_folder(path.parent)
    finally:
        _drop(fresh)
    return True


def replace_file(path: Path, data: bytes, mode: int) -> None:
    """Put a file in the place of another one, or of none; whoever reads sees the old or the new one."""
    fresh = _beside(path)
    try:
        with _answers(path):
            _write(fresh, data, mode)
            fresh.replace(path)
            sync_folder(path.parent)
    finally:
        _drop(fresh)


def remove_file(path: Path) -> None:
    """Remove a file and make that durable; none there is no error."""
    with _answers(path):
        path.unlink(missing_ok=True)
        sync_folder(path.parent)


def make_folder(path: Path, mode: int) -> bool:
    """Make a folder and those above it; False when it is there already, which is then left as it is."""
    with _answers(path):
        if path.is_dir():
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir()
        path.chmod(mode)  # mkdir's own mode is cut by the umask
    return True


def belong_to_folder(path: Path) -> None:
    """What root has made in somebody's folder is that somebody's, who must be able to go on with it."""
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def is_taken(path: Path) -> bool:
    """Whether something is there, be it a link to nothing; where that cannot be asked, writing tells why."""
    try:
        return os.path.lexists(path)
    except OSError:
        return False


def may_be_made(path: Path) -> bool:
    """Whether a file can be made there, as far as its folder tells."""
    try:
        return path.parent.is_dir() and os.access(path.parent, os.W_OK | os.X_OK)
    except OSError:
        return False


def not_writable(path: Path) -> Refused:
    """The error of a place where no file can be made."""
    return Refused(
        f"{path} cannot be written.",
        hint="Choose another place, or run this as a user who may write there.",
        id="not-writable",
    )


@contextmanager
def _answers(path: Path) -> Iterator[None]:
    """Turn what the system says about a place into an error of ours."""
    try:
        yield
    except (PermissionError, NotADirectoryError, FileExistsError, FileNotFoundError):
        raise not_writable(path) from None
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise not_writable(path) from None
        raise Unreachable(f"{path} cannot be written: {error.strerror}.", id="disk") from None


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}")


def _write(path: Path, data: bytes, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        os.fchmod(handle, mode)
        file.flush()
        os.fsync(handle)


def _drop(fresh: Path) -> None:
    """What is left of a try goes; what could not even be begun left nothing."""
    with suppress(OSError):
        fresh.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make durable what was made, renamed or removed in a folder."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
