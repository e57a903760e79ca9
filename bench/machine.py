"""What the machine tells of processes and files: CPU, memory, and programs to compare with."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from asterisk_gdpr.rig.debian import cache_folder
from asterisk_gdpr.rig.house import MEMORY
from asterisk_gdpr.rig.tree import libraries_of, unpacked


def cpu_seconds(pid: int) -> float:
    """CPU time that a process has used, all its threads and both modes."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid: int | str = "self") -> int:
    """Bytes of memory that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def held_by(folder: Path) -> int:
    """Bytes that the files of a folder take, holes left out."""
    return sum(path.stat().st_blocks * 512 for path in folder.iterdir())


@contextmanager
def folder_in_memory() -> Iterator[Path]:
    """A folder of a tmpfs."""
    with TemporaryDirectory(prefix="asterisk-gdpr-bench-", dir=MEMORY) as folder:
        yield Path(folder)


@contextmanager
def folder_on_disk() -> Iterator[Path]:
    """A folder where temporary files lie."""
    with TemporaryDirectory(prefix="asterisk-gdpr-bench-") as folder:
        yield Path(folder)


def program(name: str, package: str) -> Sequence[str]:
    """The words that run a program: the host's own, or else Debian's from the rig's cache."""
    if found := shutil.which(name):
        return [found]
    root = unpacked(cache_folder(), package, [package]) / "root"
    libraries = libraries_of(root)
    loader = next(libraries.glob("ld-linux*.so.*"))
    return [str(loader), "--library-path", str(libraries), str(root / "usr/bin" / name)]
