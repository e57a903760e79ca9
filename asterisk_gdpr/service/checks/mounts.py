"""What lies where: filesystems and swap, as the kernel tells of them (proc(5))."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

MEMORY = ("tmpfs", "ramfs")


@dataclass(frozen=True)
class Mount:
    """A filesystem: where it is mounted, its type and its options."""

    point: Path
    type: str
    options: frozenset[str]

    @property
    def limited(self) -> bool:
        """Whether a size was set: a tmpfs without one may take half of all memory, a ramfs all of it."""
        return self.type == "tmpfs" and any(option.startswith("size=") for option in self.options)


def mounts_of(text: str) -> list[Mount]:
    """The lines of /proc/mounts, the later ones on top of the earlier."""
    found = []
    for line in text.splitlines():
        _, point, type, options, *_ = line.split(" ")
        found.append(Mount(Path(_unescaped(point)), type, frozenset(options.split(","))))
    return found


def mount_of(path: Path, mounts: list[Mount]) -> Mount | None:
    """The filesystem that a path (absolute, without links) lies on."""
    above = [mount for mount in mounts if mount.point in (path, *path.parents)]
    return max(reversed(above), key=lambda mount: len(mount.point.parts), default=None)


def in_memory(path: Path) -> bool:
    """Whether a folder lies in memory."""
    return is_memory(mount_of(path.resolve(), mounts_of(Path("/proc/mounts").read_text())))


def is_memory(mount: Mount | None) -> bool:
    """Whether what is written there stays in memory, as far as no swap takes it."""
    return mount is not None and mount.type in MEMORY


def clear_swaps(swaps: str, encrypted: frozenset[str]) -> list[str]:
    """The swap areas of /proc/swaps that end on a disk as they are.

    Compressed memory (zram) is no disk; `encrypted` are the devices that dm-crypt stands before.
    """
    areas = [line.split()[0] for line in swaps.splitlines()[1:] if line.strip()]
    return [area for area in areas if not re.match(r"/dev/zram\d", area) and area not in encrypted]


def _unescaped(point: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), point)
