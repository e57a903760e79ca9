"""`check` on an installation whose Asterisk is away: what it finds by itself."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from asterisk_gdpr.bootstrap.checkup import examine
from asterisk_gdpr.bootstrap.probes import machine as probe
from asterisk_gdpr.service.checks.finding import bad
from tests.cli.house import House

ALWAYS = {
    *("ari-unreachable", "ami-unreachable", "asterisk", "asterisk-user"),
    *(
        "prompt-missing",
        "notice-unpublished",
        "escrow-here",
        "spool-not-in-memory",
        "spool-unlimited",
        "spool-shared",
    ),
    *("clock", "clock-unsynchronised", "swap-clear", "swap-daemon", "vault-full", "state-full"),
}
"""What may be found on any machine where a test's installation lies."""

NOBODY = 65534


def found(house: House) -> set[str]:
    """The ids of what is found beyond that."""
    return {each["id"] for each in house.json("check", status=1)["findings"]} - ALWAYS


@contextmanager
def closed_to_me(folder: Path) -> Iterator[None]:
    """Shut a folder; root, whom no folder is shut to, is somebody else meanwhile."""
    me, mode = os.geteuid(), folder.stat().st_mode
    folder.chmod(0)
    if me == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(me)
        folder.chmod(mode)


@pytest.fixture
def closed(house: House) -> House:
    """A house with ports that nobody listens on, so that Asterisk is away for certain."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    text = house.config.read_text().replace("127.0.0.1:8088", f"127.0.0.1:{port}")
    house.config.write_text(text.replace("port: 5038", f"port: {port}"))
    return house


def test_a_sound_installation(closed: House) -> None:
    """In what init made, with the policy approved, nothing is found that the machine is not to blame for."""
    assert found(closed) == set()


def test_every_planted_fault_is_found(closed: House) -> None:
    """Faults are all found in one run, each by its id, and nothing else with them."""
    folder = closed.folder
    (folder / "state/keys/index.key").chmod(0o644)
    (folder / "state/keys/page.key").unlink()
    (folder / "state/register.db").chmod(0o644)
    (folder / "state/vault").chmod(0o755)
    (folder / "state/vault/.asterisk-gdpr-vault").unlink()
    (folder.parent / "spool").chmod(0o2711)
    (folder / "secrets/ari").chmod(0o640)

    assert found(closed) == {
        *("key-open", "key-missing", "register-open", "vault-open", "vault-unmarked"),
        *("spool-open", "secret-open"),
    }


def test_what_is_gone_is_found(closed: House) -> None:
    """Without register, vault, spool, secret and policy each is named, and what rests on them unexamined."""
    folder = closed.folder
    (folder / "state/register.db").unlink()
    shutil.rmtree(folder / "state/vault")
    (folder.parent / "spool").rmdir()
    (folder / "secrets/ami").unlink()
    (folder / "policy.yaml").write_text("pack: eu\n")

    assert found(closed) == {
        *("policy-faulty", "prompts", "secret-missing", "register-unreachable", "vault-key"),
        *("vault-missing", "spool-missing"),
    }


def test_who_may_look_at_nothing_is_told_so(closed: House) -> None:
    """Folders that are closed to whoever runs it are findings: `check` goes on to its end."""
    installation = closed.open()
    in_order = list(examine(installation))  # what is imported late is imported now
    installation.close()
    with closed_to_me(closed.folder.parent):
        found = list(examine(installation))

    assert {"vault-missing", "key-unreadable"} <= {finding.id for finding in found}
    assert bad(found)
    assert found[-1].id == in_order[-1].id


def test_every_finding_says_what_to_do(closed: House) -> None:
    """For people a finding is what is wrong, its id, and what to do; the last line counts them."""
    assert closed("check") == 1

    lines = closed.out.splitlines()
    assert lines[-1].endswith("not examined.")
    assert sum(line.startswith("ERROR") for line in lines) == int(lines[-1].split()[0])


def test_who_listens_on_a_port() -> None:
    """The user behind a listening socket is known without asking it anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        person = probe.listener_on(port)
    assert person is not None
    assert person.uid == os.geteuid()
    assert probe.listener_on(port) is None


def test_the_machine_can_be_looked_at(tmp_path: Path) -> None:
    """Every look at the machine ends with an answer or with none, never with an error."""
    assert probe.folder_at(tmp_path).exists
    assert not probe.folder_at(tmp_path / "none").exists
    assert probe.chain_to(tmp_path)[0].path == Path("/")
    assert probe.spool_at(Path("/dev/shm"), "no-such-group").group is None
    assert probe.clock_synchronised() in (True, False, None)
    assert probe.may_swap(os.getpid()) in (True, False)
    assert isinstance(probe.clear_swap(), list)
    assert probe.person_of(4_000_000_000).name == "user 4000000000"
