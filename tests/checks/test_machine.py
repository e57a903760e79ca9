"""What `check` makes of facts about the machine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from asterisk_gdpr.service.checks import machine
from asterisk_gdpr.service.checks.finding import Finding, Severity, bad
from asterisk_gdpr.service.checks.machine import Folder, Person, Spool
from asterisk_gdpr.service.checks.mounts import Mount, clear_swaps, mount_of, mounts_of

PATH = Path("/run/spool")
MEMORY = 8 << 30
GROUP = 200
OWN_TMPFS = Mount(PATH, "tmpfs", frozenset({"rw", "size=262144k", "noswap"}))
FOLDER = Folder(PATH, exists=True, mode=0o2710, uid=100, gid=GROUP, writable=True)
GOOD = Spool(FOLDER, OWN_TMPFS, size=256 << 20, memory=MEMORY, group=GROUP)
ASTERISK = Person(101, "asterisk", frozenset({GROUP}))

MOUNTS = """\
/dev/sda1 / ext4 rw,relatime 0 0
tmpfs /run tmpfs rw,nosuid,size=1024k,mode=755 0 0
tmpfs /run/my\\040spool tmpfs rw,size=262144k,noswap 0 0
"""


def ids(findings: object) -> list[str]:
    """The ids of findings, in order."""
    return [finding.id for finding in findings]  # type: ignore[attr-defined]  # any iterable of findings


def test_a_good_spool_has_no_findings() -> None:
    """A limited tmpfs of its own that Asterisk's group may enter is as it must be."""
    assert ids(machine.spool(GOOD, ASTERISK)) == []


@pytest.mark.parametrize(
    ("spool", "id"),
    [
        (replace(GOOD, folder=Folder(PATH, exists=False)), "spool-missing"),
        (replace(GOOD, mount=Mount(Path("/"), "ext4", frozenset({"rw"}))), "spool-not-in-memory"),
        (replace(GOOD, mount=None), "spool-not-in-memory"),
        (replace(GOOD, mount=Mount(PATH, "tmpfs", frozenset({"rw"}))), "spool-unlimited"),
        (replace(GOOD, mount=Mount(PATH, "ramfs", frozenset({"rw"}))), "spool-unlimited"),
        (replace(GOOD, size=5 << 30), "spool-unlimited"),
        (replace(GOOD, mount=replace(OWN_TMPFS, point=Path("/run"))), "spool-shared"),
        (replace(GOOD, folder=replace(FOLDER, writable=False)), "spool-not-writable"),
        (replace(GOOD, folder=replace(FOLDER, mode=0o2711)), "spool-open"),
        (replace(GOOD, folder=replace(FOLDER, mode=0o2700)), "spool-not-writable-by-asterisk"),
        (replace(GOOD, folder=replace(FOLDER, gid=7)), "spool-not-writable-by-asterisk"),
        (replace(GOOD, group=None), "no-group"),
    ],
)
def test_each_fault_of_a_spool_is_found(spool: Spool, id: str) -> None:
    """A spool that is missing, on a disk, without a limit, or for the wrong people is found by its id."""
    assert ids(machine.spool(spool, ASTERISK)) == [id]


def test_asterisk_must_be_in_the_group() -> None:
    """Asterisk's user who is not in the group that the files are given to could not write them."""
    stranger = Person(101, "asterisk", frozenset({7}))

    assert ids(machine.spool(GOOD, stranger)) == ["spool-not-writable-by-asterisk"]
    assert ids(machine.spool(GOOD, Person(0, "root", frozenset({0})))) == []
    assert ids(machine.spool(GOOD, None)) == ["asterisk-user"]


def test_the_filesystem_on_top_counts() -> None:
    """A path lies on the deepest mount above it, and odd names are read as the kernel writes them."""
    mounts = mounts_of(MOUNTS)

    assert mount_of(Path("/run/my spool/x"), mounts) == mounts[2]
    assert mount_of(Path("/run/other"), mounts) == mounts[1]
    assert mount_of(Path("/srv"), mounts) == mounts[0]
    covered = [*mounts, Mount(Path("/run"), "ext4", frozenset())]
    assert mount_of(Path("/run/other"), covered) == covered[-1]


SWAPS = """\
Filename Type Size Used Priority
/dev/zram0 partition 1 0 5
/dev/dm-1 partition 1 0 1
/swapfile file 1 0 0
"""


def test_only_swap_in_the_clear_counts() -> None:
    """Compressed memory and an encrypted area put no plaintext on a disk; a file does."""
    assert clear_swaps(SWAPS, frozenset({"/dev/dm-1"})) == ["/swapfile"]
    assert clear_swaps("Filename\tType\n", frozenset()) == []


@pytest.mark.parametrize(
    ("options", "daemon_swaps", "found"),
    [
        ({"noswap"}, False, []),
        ({"noswap"}, True, ["swap-daemon"]),
        ({"noswap"}, None, ["swap-daemon"]),
        ({"rw"}, False, ["swap-clear"]),
    ],
)
def test_swap(options: set[str], daemon_swaps: bool | None, found: list[str]) -> None:
    """With clear swap the spool must be mounted with noswap, and the daemon be kept out of it."""
    mount = Mount(PATH, "tmpfs", frozenset(options))

    assert ids(machine.swap(["/swapfile"], mount, daemon_swaps)) == found
    assert ids(machine.swap([], mount, daemon_swaps)) == []


def test_folders_on_the_disk() -> None:
    """The vault must be there, ours, closed to others, and not full."""
    vault = Folder(Path("/v"), exists=True, mode=0o700, writable=True)
    state = Folder(Path("/s"), exists=True, mode=0o711, writable=True)

    def found(vault: Folder, marked: bool | None = True) -> list[str]:
        return ids(machine.folders(vault, vault.path / "mark", state, marked=marked))

    assert found(vault) == []
    assert found(replace(vault, exists=False)) == ["vault-missing"]
    assert found(replace(vault, writable=False)) == ["vault-not-writable"]
    assert found(replace(vault, mode=0o750)) == ["vault-open"]
    assert found(replace(vault, room=0.05)) == ["vault-full"]
    assert found(vault, marked=False) == ["vault-unmarked"]
    assert found(replace(vault, writable=False), marked=None) == ["vault-not-writable"]


def test_a_full_disk_is_an_error() -> None:
    """A disk that is nearly full is a warning; one that takes nothing more must be mended."""
    vault = Folder(Path("/v"), exists=True, mode=0o700, writable=True)

    def severity(room: float) -> Severity:
        (finding,) = machine.folders(replace(vault, room=room), Path("/v/mark"), vault, marked=True)
        assert finding.id == "vault-full"
        return finding.severity

    assert severity(0.05) is Severity.WARNING
    assert severity(0.004) is Severity.ERROR


def test_what_no_alarm_can_be_written_of_is_seen_all_the_same() -> None:
    """A disk that takes nothing more is told from its room alone, since no alarm can be written to it."""
    vault, state = Folder(Path("/v"), exists=True, room=0.0), Folder(Path("/s"), exists=True, room=0.05)

    assert ids(machine.full_disks(vault, state)) == ["vault-full"]
    assert ids(machine.full_disks(replace(vault, room=0.5), replace(state, room=0.009))) == ["state-full"]
    assert ids(machine.full_disks(state, state)) == []


def test_a_machine_without_opus_is_told_of() -> None:
    """Where a purpose would do with Opus and none can be written, a person learns that it is lossless."""
    (finding,) = machine.opus(["quality"], available=False)

    assert (finding.id, finding.severity) == ("no-opus", Severity.WARNING)
    assert "quality" in finding.message
    assert ids(machine.opus(["quality"], available=True)) == ids(machine.opus([], available=False)) == []


def test_asterisk_reaches_the_prompts() -> None:
    """Every folder down to the prompts must let Asterisk in; the first that does not is named."""
    open_one = Folder(Path("/a"), exists=True, mode=0o711, uid=100, gid=100)
    closed = replace(open_one, path=Path("/a/b"), mode=0o700)

    assert ids(machine.prompts([open_one], ASTERISK)) == []
    (finding,) = machine.prompts([open_one, closed, closed], ASTERISK)
    assert finding.id == "prompts-unreachable"
    assert "/a/b" in finding.message
    assert ids(machine.prompts([replace(closed, gid=GROUP, mode=0o710)], ASTERISK)) == []
    assert ids(machine.prompts([closed], Person(100, "me", frozenset()))) == []


def test_what_is_not_examined_is_said() -> None:
    """What could not be looked at is a finding of its own, and no error."""
    me, owner = Person(0, "root", frozenset()), Person(100, "asterisk-gdpr", frozenset())
    found: list[Finding] = [*machine.person(me, owner), *machine.clock(None)]

    assert ids(found) == ["other-user", "clock"]
    assert not bad(found)
    assert ids(machine.clock(False)) == ["clock-unsynchronised"]
    assert ids([*machine.clock(True), *machine.person(owner, owner)]) == []
