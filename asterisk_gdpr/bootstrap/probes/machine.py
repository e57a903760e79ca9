"""Looking at the machine: folders, memory, swap, users, clock."""

from __future__ import annotations

import ctypes
import grp
import os
import pwd
import re
import stat
from pathlib import Path

from asterisk_gdpr.service.checks.machine import Folder, Person, Spool
from asterisk_gdpr.service.checks.mounts import clear_swaps, mount_of, mounts_of

_LISTENING = "0A"
_TIME_ERROR = 5


def folder_at(path: Path) -> Folder:
    """What stands at a path, as far as we may see it."""
    try:
        found = path.stat()
        place = os.statvfs(path)
    except OSError:
        return Folder(path, exists=False)
    return Folder(
        path,
        exists=stat.S_ISDIR(found.st_mode),
        mode=stat.S_IMODE(found.st_mode),
        uid=found.st_uid,
        gid=found.st_gid,
        writable=os.access(path, os.W_OK | os.X_OK),
        room=place.f_bavail / place.f_blocks if place.f_blocks else 1.0,
    )


def is_there(path: Path) -> bool | None:
    """Whether anything stands at a path; None when we may not look."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return None
    return True


def chain_to(path: Path) -> list[Folder]:
    """The folders down to a path, from the top."""
    real = path.resolve()
    return [folder_at(each) for each in reversed((real, *real.parents))]


def spool_at(path: Path, group: str) -> Spool:
    """The spool, and the memory it lies in."""
    real = path.resolve()
    folder = folder_at(real)
    place = os.statvfs(real) if folder.exists else None
    mounts = mounts_of(Path("/proc/mounts").read_text())
    return Spool(
        folder=folder,
        mount=mount_of(real, mounts),
        size=place.f_blocks * place.f_frsize if place else 0,
        memory=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        group=_group(group),
    )


def clear_swap() -> list[str]:
    """The swap areas that would put memory on a disk as it is."""
    try:
        swaps = Path("/proc/swaps").read_text()
    except OSError:
        return []
    return clear_swaps(swaps, frozenset(_encrypted_devices()))


def may_swap(pid: int) -> bool:
    """Whether a process's control group lets it be swapped out (cgroup v2, memory.swap.max)."""
    try:
        line = next(
            each for each in Path(f"/proc/{pid}/cgroup").read_text().splitlines() if each.startswith("0::")
        )
        here = Path("/sys/fs/cgroup" + line.removeprefix("0::"))
        limits = [(group / "memory.swap.max") for group in (here, *here.parents)]
        return not any(limit.is_file() and limit.read_text().strip() == "0" for limit in limits)
    except (OSError, StopIteration):
        return True


def myself() -> Person:
    """Who runs this."""
    return person_of(os.geteuid())


def person_of(uid: int) -> Person:
    """A user by number, with all groups."""
    try:
        found = pwd.getpwuid(uid)
    except KeyError:
        return Person(uid, f"user {uid}", frozenset())
    groups = frozenset(os.getgrouplist(found.pw_name, found.pw_gid))
    return Person(uid, found.pw_name, groups)


def listener_on(port: int) -> Person | None:
    """Who listens on a TCP port of this machine (proc(5), /proc/net/tcp); None when nobody seems to."""
    for name in ("tcp", "tcp6"):
        try:
            lines = Path(f"/proc/net/{name}").read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                return person_of(int(fields[7]))
    return None


def clock_synchronised() -> bool | None:
    """What the kernel says of the clock (adjtimex(2), which is asked and changes nothing); None: nothing."""
    state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(256))
    return None if state < 0 else state != _TIME_ERROR


def _group(name: str) -> int | None:
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        return None


def _encrypted_devices() -> list[str]:
    """The devices behind dm-crypt, by every name that /proc/swaps may use."""
    found = []
    for uuid in Path("/sys/class/block").glob("dm-*/dm/uuid"):
        try:
            encrypted = re.match("CRYPT-", uuid.read_text())
            name = (uuid.parent / "name").read_text().strip()
        except OSError:
            continue
        if encrypted:
            found += [f"/dev/{uuid.parent.parent.name}", f"/dev/mapper/{name}"]
    return found
