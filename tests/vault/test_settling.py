"""Closed containers on their way to the bucket: in its order, whatever is killed, away or erased."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, cast

import pytest

from asterisk_gdpr.adapters.vault_files import FileVault
from asterisk_gdpr.adapters.vault_layers import CUT_OFF, Layers
from asterisk_gdpr.core.policy import Basis
from asterisk_gdpr.core.recording import Reason, State
from asterisk_gdpr.errors import Unreachable
from asterisk_gdpr.ports import Vault
from asterisk_gdpr.service.alarms import Alarms
from asterisk_gdpr.service.erasing.erasure import Result
from asterisk_gdpr.service.proof.certificates import read_certificate
from asterisk_gdpr.service.sealing.settling import Settling
from tests.erasure.stage import Fuse, House, Killed, signer
from tests.fakes.store import MemoryStore
from tests.fakes.vault import MemoryVault
from tests.register.samples import term
from tests.sealing.stage import Stage

ONE = "00000001"
LAW = Basis.LEGAL_OBLIGATION


class Yard(House):
    """A house whose containers grow in a folder and stay in a bucket."""

    def __init__(self, folder: Path, *, enforces: bool = True) -> None:
        folder.mkdir(exist_ok=True)
        self.local = FileVault.lay_out(folder / "vault")
        self.old = FileVault.lay_out(folder / "old")
        self.bucket = MemoryStore(lambda: self.clock.now(), enforces=enforces)
        self.aside = folder / "moves"
        (folder / "spool").mkdir(exist_ok=True)
        super().__init__(folder / "spool", vault=cast(MemoryVault, self.layers()))

    def layers(self, fuse: Fuse | None = None) -> Layers:
        """The vault, as a process sees it."""
        local, bucket = (fuse.lay(self.local), fuse.lay(self.bucket)) if fuse else (self.local, self.bucket)
        return Layers(local, self.aside, bucket, [self.old], patience=0.2)

    def settling(self, fuse: Fuse | None = None, *, lock: bool = False) -> Settling:
        """A new process that brings containers."""
        register = fuse.lay(self.register) if fuse else self.register
        alarms = Alarms(register, self.clock)
        return Settling(register, self.layers(fuse), alarms, self.clock, "node1", lock=lock)

    def age_intents(self) -> None:
        """A minute passes since uploads were cut off."""
        for intent in self.aside.glob("*.going"):
            long_ago = time.time() - CUT_OFF - 1
            os.utime(intent, (long_ago, long_ago))

    def places(self, made: str) -> tuple[bool, bool]:
        """Whether it lies where it grew, and whether in the bucket."""
        return self.local.size(made) is not None, made in self.bucket.held


@pytest.fixture
def yard(tmp_path: Path) -> Yard:
    """A yard without recordings."""
    return Yard(tmp_path)


def test_what_is_sealed_goes_to_the_bucket(yard: Yard) -> None:
    """A sealed container is in the bucket, and no longer where it grew; one that still grows stays."""
    sealed, growing = yard.sealed(ONE), yard.running("00000002")
    yard.settling().tick()

    assert yard.places(sealed) == (False, True)
    assert yard.places(growing) == (True, False)
    assert yard.vault.read(sealed, 0, 100) == b"sealed audio"
    assert list(yard.vault.names()) == [sealed, growing]


def test_killed_anywhere_on_the_way_to_the_bucket(tmp_path: Path) -> None:
    """At every moment a container is whole in one place at least, and the next life brings it."""
    for step in count(1):
        yard = Yard(tmp_path / str(step))
        made = yard.sealed(ONE)
        try:
            yard.settling(Fuse(step)).tick()
            break
        except Killed:
            assert yard.vault.size(made) == 12
            assert yard.vault.read(made, 0, 100) == b"sealed audio"
            yard.age_intents()
            yard.settling().tick()
        assert yard.places(made) == (False, True)
        assert not list(yard.aside.glob("*.going"))
    assert step > 12


def test_killed_anywhere_and_erased(tmp_path: Path) -> None:
    """Wherever an upload was when it was killed, an erasure leaves nothing in either place."""
    for step in count(1):
        yard = Yard(tmp_path / str(step))
        made = yard.sealed(ONE)
        try:
            yard.settling(Fuse(step)).tick()
            done = True
        except Killed:
            done = False
        yard.erasure().erase(made, Reason.REQUESTED)
        yard.age_intents()
        yard.settling().tick()
        yard.erasure().tick()
        yard.assert_erased(made)
        assert yard.places(made) == (False, False)
        if done:
            break
    assert step > 12


def test_nothing_counts_as_deleted_while_a_cut_off_upload_may_still_arrive(yard: Yard) -> None:
    """For a minute after an upload was cut off no certificate says that its container is gone."""
    made = yard.sealed(ONE)
    put = yard.bucket.put

    def cut_off(*_: Any) -> None:
        raise Killed

    yard.bucket.put = cut_off  # type: ignore[method-assign]
    with pytest.raises(Killed):
        yard.settling().tick()
    assert yard.erasure().erase(made, Reason.REQUESTED).result is Result.PENDING
    put(made, lambda: [b"arrives late"], 12, hashlib.sha256(b"arrives late").digest())
    yard.age_intents()
    yard.erasure().tick()

    yard.assert_erased(made)
    assert yard.places(made) == (False, False)


def test_an_erasure_waits_for_an_upload_that_is_under_way(yard: Yard) -> None:
    """While one is carried nobody deletes it; afterwards it is deleted where it has come to."""
    made = yard.sealed(ONE)
    put, begun, may_end = yard.bucket.put, threading.Event(), threading.Event()

    def slow(*what: Any) -> None:
        begun.set()
        assert may_end.wait(10)
        put(*what)

    yard.bucket.put = slow  # type: ignore[method-assign]
    uploading = threading.Thread(target=yard.settling().tick)
    uploading.start()
    assert begun.wait(10)
    assert yard.erasure().erase(made, Reason.REQUESTED).result is Result.PENDING
    assert yard.register.certificate(made) is None
    may_end.set()
    uploading.join(10)
    yard.erasure().tick()

    yard.assert_erased(made)
    assert yard.places(made) == (False, False)


CARRIER = """
import sys, time
from pathlib import Path
from asterisk_gdpr.adapters.vault_files import FileVault
from asterisk_gdpr.adapters.vault_layers import Layers

folder = Path(sys.argv[1])


class Slow(FileVault):
    def put(self, *what):
        (folder / "begun").touch()
        while not (folder / "go-on").exists():
            time.sleep(0.01)
        super().put(*what)


Layers(FileVault(folder / "grown"), folder / "moves", Slow(folder / "stays")).settle("r0000000100")
"""


@pytest.mark.parametrize("killed", [False, True])
def test_another_process_uploads_what_is_erased_here(tmp_path: Path, killed: bool) -> None:
    """While another process carries it nothing is deleted here; its death counts as an upload cut off."""
    grown, stays = FileVault.lay_out(tmp_path / "grown"), FileVault.lay_out(tmp_path / "stays")
    name, aside = "r0000000100", tmp_path / "moves"
    grown.append(name, 0, b"sealed audio")
    grown.close(name)
    here = Layers(grown, aside, cast(MemoryStore, stays), patience=0.1)
    carrier = subprocess.Popen([sys.executable, "-c", CARRIER, str(tmp_path)])
    try:
        while not (tmp_path / "begun").exists():
            assert carrier.poll() is None
            time.sleep(0.01)
        with pytest.raises(Unreachable) as busy:
            here.delete(name)
        assert busy.value.id == "container-busy"
        if not killed:
            (tmp_path / "go-on").touch()
            assert carrier.wait(20) == 0
    finally:
        carrier.kill()
        carrier.wait()
    if killed:
        with pytest.raises(Unreachable) as cut:
            here.delete(name)
        assert cut.value.id == "upload-cut-off"
        long_ago = time.time() - CUT_OFF - 1
        os.utime(aside / f"{name}.going", (long_ago, long_ago))
    else:
        assert (grown.size(name), stays.size(name)) == (None, 12)
    here.delete(name)

    assert (grown.size(name), stays.size(name)) == (None, None)


def test_what_is_being_erased_is_not_brought(yard: Yard) -> None:
    """A tombstone that is not due yet keeps a container from going anywhere."""
    made = yard.sealed(ONE)
    yard.erasure().withdraw(made, ["quality"], Reason.WITHDRAWN, timedelta(days=1))
    yard.settling().tick()

    assert yard.places(made) == (True, False)


def test_an_erased_container_that_comes_back_is_deleted(yard: Yard) -> None:
    """One that is found where it grew, though its recording is erased, is deleted and never brought."""
    made = yard.sealed(ONE)
    yard.erasure().erase(made, Reason.REQUESTED)
    yard.local.append(made, 0, b"from a backup of the disk")
    yard.settling().tick()

    assert yard.places(made) == (False, False)


def test_other_bytes_in_the_bucket_are_an_alarm(yard: Yard) -> None:
    """Where the bucket holds something else under the name, the container stays, and people are told."""
    made = yard.sealed(ONE)
    yard.bucket.held[made] = b"of another"
    yard.settling().tick()

    assert yard.local.read(made, 0, 100) == b"sealed audio"
    assert yard.bucket.held[made] == b"of another"
    assert [(alarm.id, alarm.about) for alarm in yard.register.alarms()] == [("recording-damaged", made)]


# --- the bucket is away


def test_a_bucket_that_is_away_holds_nothing_up(yard: Yard) -> None:
    """Containers stay where they grew, readable, with an alarm; when it is back they go by themselves."""
    made = yard.sealed(ONE)
    yard.bucket.away = True
    settling = yard.settling()
    for _ in range(3):
        settling.tick()
        yard.pass_time(1 / 24)

    assert [alarm.id for alarm in yard.register.alarms()] == ["vault-behind"]
    assert yard.vault.read(made, 0, 100) == b"sealed audio"
    yard.bucket.away = False
    settling.tick()
    assert yard.register.alarms() == []
    assert yard.places(made) == (False, True)


def test_with_the_bucket_away_for_an_hour_calls_are_sealed_as_ever(tmp_path: Path) -> None:
    """A call that begins, goes on and ends while it is away is sealed whole, and brought afterwards."""
    bucket = MemoryStore()
    bucket.away = True
    vault = Layers(FileVault.lay_out(tmp_path / "vault"), tmp_path / "moves", bucket)
    stage = Stage(vault=cast(MemoryVault, vault))
    settling = Settling(stage.register, vault, Alarms(stage.register, stage.clock), stage.clock, "node1")
    stage.prepare()
    for _ in range(6):
        stage.talk(20)
        stage.pass_by(600)
        settling.tick()
    assert stage.close()
    assert stage.state is State.SEALED
    assert stage.opened()[0] == stage.expected()
    bucket.away = False
    settling.tick()

    assert list(bucket.held) == [stage.id]
    assert stage.opened()[0] == stage.expected()
    assert stage.register.alarms() == []


def test_nothing_counts_as_gone_while_the_bucket_is_away(yard: Yard) -> None:
    """An erasure whose container may be in a bucket that does not answer is not certified."""
    made = yard.sealed(ONE)
    yard.settling().tick()
    yard.bucket.away = True
    assert yard.erasure().erase(made, Reason.REQUESTED).result is Result.PENDING
    assert yard.register.keys(made) == []
    with pytest.raises(Unreachable):
        yard.vault.size(made)
    yard.bucket.away = False
    yard.erasure().tick()

    yard.assert_erased(made)


# --- Object Lock


def test_only_what_the_law_keeps_is_locked(yard: Yard) -> None:
    """A recording is locked until its duty ends, and one without a duty never."""
    by_law = yard.sealed(ONE, term(f"r{ONE}", "trade", LAW, days=60), term(f"r{ONE}", "quality", days=90))
    other = yard.sealed("00000002")
    yard.settling(lock=True).tick()

    (duty,) = (t for t in yard.register.terms(by_law) if t.basis is LAW)
    assert yard.bucket.locks == {by_law: duty.expires_at}
    assert yard.places(by_law) == yard.places(other) == (False, True)


@pytest.mark.parametrize(("lock", "enforces"), [(False, True), (True, False)])
def test_nothing_is_locked_that_need_not_or_cannot(tmp_path: Path, lock: bool, enforces: bool) -> None:
    """Without the wish nothing is locked, and nothing where the bucket does not enforce it, which is told."""
    yard = Yard(tmp_path, enforces=enforces)
    made = yard.sealed(ONE, term(f"r{ONE}", "trade", LAW, days=60))
    yard.settling(lock=lock).tick()

    assert yard.bucket.locks == {}
    assert yard.places(made) == (False, True)
    assert [alarm.id for alarm in yard.register.alarms()] == (["lock-not-enforced"] if lock else [])


def test_a_certificate_says_what_cannot_be_deleted_before_when(yard: Yard) -> None:
    """What was unlawful is erased at once: its keys are gone, and its locked container goes when it can."""
    made = yard.sealed(ONE, term(f"r{ONE}", "trade", LAW, days=60))
    yard.settling(lock=True).tick()
    until = yard.bucket.locks[made]

    assert yard.erasure().erase(made, Reason.UNLAWFUL).result is Result.ERASED
    body = cast(Any, read_certificate(yard.register.certificate(made) or b"", [signer.verify_key]))
    assert "the vault has no container of its name" not in body["verified"]
    assert body["remains"][0]["not_before"] == until.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert [(alarm.id, alarm.about) for alarm in yard.register.alarms()] == [("container-locked", made)]

    erasure = yard.erasure()
    erasure.tick()
    assert yard.bucket.held
    yard.pass_time(62)
    erasure.tick()
    assert yard.bucket.held == {}
    assert yard.register.alarms() == []
    assert "container-deleted" in yard.kinds(made)


# --- from vaults of earlier days


def moved(yard: Yard) -> list[str]:
    """Where each came from an earlier vault: what stays, with the reason."""
    return [each.why for each in yard.settling().move()]


def test_an_earlier_vault_is_read_and_emptied(yard: Yard) -> None:
    """What lies in it plays as ever, and is brought to where containers stay now."""
    made = yard.sealed(ONE)
    yard.local.delete(made)
    yard.old.append(made, 0, b"sealed audio")
    assert yard.vault.read(made, 0, 100) == b"sealed audio"

    assert moved(yard) == [""]
    assert yard.places(made) == (False, True)
    assert list(yard.old.names()) == []
    assert moved(yard) == []


def test_an_erasure_reaches_an_earlier_vault(yard: Yard) -> None:
    """What is erased is deleted in every vault that there is."""
    made = yard.sealed(ONE)
    yard.old.append(made, 0, b"sealed audio")
    yard.erasure().erase(made, Reason.REQUESTED)

    yard.assert_erased(made)
    assert yard.old.size(made) is None


def test_from_one_bucket_to_another(yard: Yard) -> None:
    """What lies in a bucket of earlier days plays as ever, and is brought to the one that is in use."""
    made, before = yard.sealed(ONE), MemoryStore()
    yard.settling().tick()
    before.held[made] = yard.bucket.held.pop(made)
    layers = Layers(yard.local, yard.aside, yard.bucket, [before])
    settling = Settling(yard.register, layers, Alarms(yard.register, yard.clock), yard.clock, "node1")
    assert layers.read(made, 0, 100) == b"sealed audio"

    assert [each.why for each in settling.move()] == [""]
    assert (before.held, yard.bucket.held) == ({}, {made: b"sealed audio"})
    assert list(settling.move()) == []


def test_what_an_earlier_bucket_has_locked_keeps_nobody_else(tmp_path: Path) -> None:
    """It is brought, its old copy is told of with its date, and the others are moved all the same."""
    yard = Yard(tmp_path)
    made, other = yard.sealed(ONE), yard.sealed("00000002")
    yard.settling().tick()
    before = MemoryStore(lambda: yard.clock.now())
    before.held = {name: yard.bucket.held.pop(name) for name in (made, other)}
    before.locks[made] = yard.clock.now() + timedelta(days=60)
    layers = Layers(yard.local, yard.aside, yard.bucket, [before])
    settling = Settling(yard.register, layers, Alarms(yard.register, yard.clock), yard.clock, "node1")
    moved_now = {each.recording: each.why for each in settling.move()}

    assert moved_now[other] == "" and before.locks[made].date().isoformat() in moved_now[made]
    assert set(yard.bucket.held) == {made, other} and set(before.held) == {made}
    assert not list(yard.aside.glob("*.going"))
    yard.pass_time(61)
    assert [each.why for each in settling.move()] == [""]
    assert before.held == {}


@pytest.mark.parametrize("kind", ["folder", "bucket"])
def test_a_vault_in_use_is_never_emptied_as_an_earlier_one(yard: Yard, tmp_path: Path, kind: str) -> None:
    """One that is named among those of earlier days by mistake, by another path, keeps what it has."""
    made = yard.sealed(ONE)
    if kind == "folder":
        (tmp_path / "by-another-name").symlink_to(tmp_path / "vault")
        layers = Layers(yard.local, yard.aside, None, [FileVault(tmp_path / "by-another-name")])
    else:
        again = MemoryStore()
        again.held = yard.bucket.held
        layers = Layers(yard.local, yard.aside, yard.bucket, [again])
    settling = Settling(yard.register, layers, Alarms(yard.register, yard.clock), yard.clock, "node1")
    settling.tick()

    assert list(settling.move()) == []
    assert layers.read(made, 0, 100) == b"sealed audio"


def test_what_nobody_knows_stays_where_it_is(yard: Yard) -> None:
    """A container whose recording the register does not know is not moved, and said so."""
    yard.old.append("r0000000x", 0, b"whose?")

    assert moved(yard) == ["the register does not know it"]
    assert yard.old.size("r0000000x") == 6


def test_killed_anywhere_in_a_move_between_folders(tmp_path: Path) -> None:
    """From one disk to another it is whole in one place at every moment, and the next run ends it."""
    for step in count(1):
        folder = tmp_path / str(step)
        folder.mkdir()
        house = House(folder / "spool")
        old, new = FileVault.lay_out(folder / "old"), FileVault.lay_out(folder / "new")

        def vault(lay: Callable[[Any], Any], new: Any = new, old: Any = old, folder: Path = folder) -> Layers:
            return Layers(lay(new), folder / "moves", None, [lay(old)])

        made = house.sealed(ONE)
        old.append(made, 0, b"sealed audio")
        alarms = Alarms(house.register, house.clock)

        def settling(
            lay: Callable[[Any], Any], house: House = house, vault: Any = vault, alarms: Alarms = alarms
        ) -> Settling:
            return Settling(house.register, vault(lay), alarms, house.clock, "node1")

        try:
            list(settling(Fuse(step).lay).move())
            break
        except Killed:
            whole: Vault = vault(lambda part: part)
            assert whole.read(made, 0, 100) == b"sealed audio"
            list(settling(lambda part: part).move())
        assert new.read(made, 0, 100) == b"sealed audio"
        assert old.size(made) is None
    assert step > 8


def test_killed_anywhere_in_a_move_between_buckets(tmp_path: Path) -> None:
    """From one bucket to another it is whole in one place at every moment, and the next run ends it."""
    for step in count(1):
        folder = tmp_path / str(step)
        folder.mkdir()
        house = House(folder / "spool")
        local, old, new = FileVault.lay_out(folder / "vault"), MemoryStore(), MemoryStore()
        made = house.sealed(ONE)
        data = b"sealed audio"
        old.put(made, lambda data=data: [data], len(data), hashlib.sha256(data).digest())

        def vault(
            lay: Callable[[Any], Any],
            local: FileVault = local,
            old: MemoryStore = old,
            new: MemoryStore = new,
            folder: Path = folder,
        ) -> Layers:
            return Layers(local, folder / "moves", lay(new), [lay(old)])

        def settling(lay: Callable[[Any], Any], house: House = house, vault: Any = vault) -> Settling:
            alarms = Alarms(house.register, house.clock)
            return Settling(house.register, vault(lay), alarms, house.clock, "node1")

        try:
            list(settling(Fuse(step).lay).move())
            break
        except Killed:
            whole: Vault = vault(lambda part: part)
            assert whole.read(made, 0, 100) == data
            list(settling(lambda part: part).move())
        assert new.read(made, 0, 100) == data
        assert old.size(made) is None
    assert step > 8
