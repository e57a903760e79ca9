"""What must be so on the machine: the spool in memory, nothing swapped out, folders for the right people."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from asterisk_gdpr.service.checks.finding import Finding, error, not_examined, warning
from asterisk_gdpr.service.checks.mounts import Mount, is_memory

NEARLY_FULL = 0.1
"""Below this share of free room a disk is nearly full."""

FULL = 0.01
"""Below this share nothing may be sealed soon, if it still is."""


@dataclass(frozen=True)
class Folder:
    """A folder, or what stands in its place; `writable` is for whoever runs the check."""

    path: Path
    exists: bool
    mode: int = 0
    uid: int = 0
    gid: int = 0
    writable: bool = False
    room: float = 1.0
    """The share of its filesystem that is free."""

    @property
    def open_to_others(self) -> bool:
        """Whether users who are neither its owner nor in its group have any right to it."""
        return bool(self.mode & stat.S_IRWXO)


@dataclass(frozen=True)
class Spool:
    """The spool's folder and the memory that it lies in, in bytes."""

    folder: Folder
    mount: Mount | None
    size: int
    memory: int
    group: int | None
    """The number of Asterisk's group; None when there is no such group."""


@dataclass(frozen=True)
class Person:
    """A user of the machine: who runs the check, who owns the installation, who Asterisk runs as."""

    uid: int
    name: str
    groups: frozenset[int]


def spool(found: Spool, asterisk: Person | None) -> Iterator[Finding]:
    """Whether plaintext stays in memory, within a limit, and only Asterisk and we reach it."""
    folder, path = found.folder, found.folder.path
    if not folder.exists:
        yield error("spool-missing", f"There is no spool at {path}.", _MOUNT)
        return
    yield from _memory(found)
    if not folder.writable:
        yield error("spool-not-writable", f"We may not write into the spool {path}.", _OWNER)
    if folder.open_to_others:
        yield error(
            "spool-open",
            f"Other users may enter the spool {path}.",
            f"Run `chmod 2710 {path}`; see the mount unit.",
        )
    yield from _asterisk_may(found, asterisk)


def _memory(found: Spool) -> Iterator[Finding]:
    path, mount = found.folder.path, found.mount
    if mount is None or not is_memory(mount):
        where = "somewhere" if mount is None else f"on {mount.type}"
        yield error("spool-not-in-memory", f"The spool {path} lies {where}, not in memory.", _MOUNT)
    elif not mount.limited or found.size > found.memory // 2:
        yield error("spool-unlimited", f"The spool {path} may take half of all memory or more.", _MOUNT)
    elif mount.point != path:
        yield warning(
            "spool-shared",
            f"The spool {path} shares its memory with everything in {mount.point}.",
            _MOUNT,
        )


def _asterisk_may(found: Spool, asterisk: Person | None) -> Iterator[Finding]:
    folder = found.folder
    if found.group is None:
        yield error(
            "no-group",
            "There is no such group on this machine as asterisk.group names.",
            "Name the group that Asterisk runs as.",
        )
        return
    enters = folder.gid == found.group and folder.mode & stat.S_IXGRP
    if not enters:
        yield error(
            "spool-not-writable-by-asterisk",
            f"Asterisk's group may not enter the spool {folder.path}.",
            f"Its group must be Asterisk's, and its mode 2710. {_MOUNT}",
        )
    if asterisk is None:
        yield not_examined(
            "asterisk-user", "Who Asterisk runs as: its AMI port is not to be seen on this machine."
        )
    elif asterisk.uid != 0 and found.group not in asterisk.groups:
        yield error(
            "spool-not-writable-by-asterisk",
            f"Asterisk runs as {asterisk.name}, who is not in the group that the spool's files are given to.",
            "Name the group of that user in the configuration: asterisk.group.",
        )


def swap(clear: Sequence[str], mount: Mount | None, daemon_swaps: bool | None) -> Iterator[Finding]:
    """Whether what lies in memory could be written to a disk as it is.

    `clear` are the swap areas that are neither encrypted nor memory; `daemon_swaps` says whether the running
    daemon may be swapped out, None when none runs.
    """
    if not clear:
        return
    areas = ", ".join(clear)
    if mount is None or "noswap" not in mount.options:
        yield error(
            "swap-clear",
            f"The spool may be swapped out to {areas}, which is not encrypted.",
            "Mount the spool with `noswap` (Linux 6.4), encrypt the swap, use zram, or run `swapoff -a`.",
        )
    if daemon_swaps is None:
        yield not_examined("swap-daemon", "Whether the daemon may be swapped out: it is not running.")
    elif daemon_swaps:
        yield warning(
            "swap-daemon",
            f"The daemon's memory may be swapped out to {areas}, which is not encrypted.",
            "Run it from its systemd unit, which has MemorySwapMax=0.",
        )


def opus(wanted_by: Sequence[str], *, available: bool) -> Iterator[Finding]:
    """Whether sound can be sealed as Opus where these purposes do without the last bit."""
    if wanted_by and not available:
        yield warning(
            "no-opus",
            f"No Opus can be made here, which would do for {', '.join(wanted_by)}: sound stays lossless.",
            "Install a libsndfile with Opus (1.0.29 or newer), or leave `audio: opus` out of the policy.",
        )


def full_disks(vault: Folder, state: Folder) -> list[Finding]:
    """The disks that take nothing more: then no alarm can be written either, so whoever asks must look."""
    return [_little_room(id, at) for id, at in (("vault", vault), ("state", state)) if at.room < FULL]


def _little_room(id: str, folder: Folder) -> Finding:
    told = error if folder.room < FULL else warning
    return told(f"{id}-full", f"{folder.path} has {folder.room:.0%} of its disk left.", "Make room there.")


def folders(vault: Folder, mark: Path, state: Folder, *, marked: bool | None) -> Iterator[Finding]:
    """Whether the folders on the disk are there, ours, closed to others, and not full.

    `mark` is the file that tells the vault from an empty mount point, `marked` whether it is
    there (None: we may not look).
    """
    if vault.exists and marked is False:
        yield error(
            "vault-unmarked",
            f"{vault.path} is not marked as a vault: its disk may not be mounted.",
            f"Mount it; or, if this is the vault after all, mark it: `touch {mark}`.",
        )
    for id, folder in (("vault", vault), ("state", state)):
        if not folder.exists:
            yield error(f"{id}-missing", f"There is no folder {folder.path}.", "Run `asterisk-gdpr init`.")
        elif not folder.writable:
            yield error(f"{id}-not-writable", f"We may not write into {folder.path}.", _OWNER)
        elif folder.room < NEARLY_FULL:
            yield _little_room(id, folder)
    if vault.exists and vault.mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield error(
            "vault-open", f"Other users may look into {vault.path}.", f"Run `chmod 700 {vault.path}`."
        )


def prompts(chain: Sequence[Folder], asterisk: Person | None) -> Iterator[Finding]:
    """Whether Asterisk can reach the prompts: `chain` are the folders down to them, from the top."""
    if asterisk is None or asterisk.uid == 0:
        return
    for folder in chain:
        if folder.exists and not _enters(asterisk, folder):
            yield error(
                "prompts-unreachable",
                f"Asterisk, which runs as {asterisk.name}, may not enter {folder.path} and plays no prompt.",
                f"Run `chmod o+x {folder.path}`, or move the prompts: paths.prompts.",
            )
            return


def person(me: Person, owner: Person | None) -> Iterator[Finding]:
    """Whether the check was run by who runs the daemon: root may write anywhere, and it may not."""
    if owner is not None and me.uid != owner.uid:
        yield not_examined(
            "other-user",
            f"What {owner.name}, who owns the installation, may write: this was run as {me.name}.",
            f"Run it as that user: `runuser -u {owner.name} -- asterisk-gdpr check`.",
        )


def clock(synchronised: bool | None) -> Iterator[Finding]:
    """Whether the machine's clock is kept right: periods and evidence rest on it."""
    if synchronised is None:
        yield not_examined("clock", "Whether the clock is synchronised: the kernel does not say.")
    elif not synchronised:
        yield warning(
            "clock-unsynchronised", "The machine's clock is not synchronised.", "Run an NTP client."
        )


def _enters(who: Person, folder: Folder) -> bool:
    if who.uid == folder.uid:
        return bool(folder.mode & stat.S_IXUSR)
    if folder.gid in who.groups:
        return bool(folder.mode & stat.S_IXGRP)
    return bool(folder.mode & stat.S_IXOTH)


_MOUNT = "Install the mount unit that `init` wrote: a tmpfs of its own with a size."
_OWNER = "It must belong to the user who runs asterisk-gdpr."
