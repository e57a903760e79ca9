"""The change of the vault's key: everything opens afterwards, and the old key opens nothing any more."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from asterisk_gdpr.adapters.register.epochs import sealed_tables
from asterisk_gdpr.adapters.register.tables import metadata
from asterisk_gdpr.core.epoch import Position, Role, SealedAnew
from asterisk_gdpr.core.recording import Reason, Tombstone
from asterisk_gdpr.errors import Damaged, Refused, Unreachable
from asterisk_gdpr.seal.keys import data_key_info
from asterisk_gdpr.service.exclusive import exclusive
from asterisk_gdpr.service.keys.epochs import FAILED, GRACE, OVERDUE, info_of, watch_epochs
from asterisk_gdpr.service.keys.vault_keys import current_public_key
from asterisk_gdpr.service.proof.certificates import read_epoch_certificate
from tests.epochs.stage import LIFE, NUMBER, Place, signer
from tests.erasure.stage import Fuse, Killed
from tests.fakes.register import MemoryRegister
from tests.register import samples

pytestmark = pytest.mark.thorough


def begin(place: Place, count: int = 5) -> None:
    """Some recordings in the first epoch, a month ago."""
    for number in range(count):
        place.record(str(number))
    place.clock.time += LIFE


def test_everything_opens_under_the_next_epoch(place: Place) -> None:
    """After a rotation every data key and number opens by the new key, for the page and for escrow alike."""
    begin(place)
    told: list[tuple[int, int]] = []

    new = place.process().rotate("admin", lambda done, left: told.append((done, left)))

    assert current_public_key(place.register, signer.verify_key).id == new.id != place.first.id
    place.assert_opens(epoch=new.id)
    assert all(call.caller_epoch == new.id for call in place.register.calls())
    assert told[-1] == (10, 10)
    assert place.register.count_sealed(place.first.id) == 0


def test_the_old_private_key_is_destroyed_with_a_certificate(place: Place) -> None:
    """No file of the old private key is left for anybody, and a signed certificate says so."""
    begin(place)
    before = {path.name for path in place.files.here(place.first.id)}

    place.process().rotate("admin")

    assert place.files.here(place.first.id) == []
    old = next(each for each in place.register.epochs() if each.id == place.first.id)
    body = read_epoch_certificate(old.certificate or b"", [signer.verify_key])
    assert (body["epoch"], set(body["files"])) == (old.id, before)  # type: ignore[arg-type]
    assert body["remains"]
    kinds = [entry.kind for entry in place.register.entries(limit=10_000)]
    assert kinds[-3:] == ["epoch-ordered", "epoch-ended", "epoch-destroyed"]


def test_a_copy_of_the_register_made_before_opens_no_more(place: Place) -> None:
    """What an old backup holds is sealed to a key that nobody has any longer."""
    begin(place, 1)
    (old,) = place.register.keys("r0")

    place.process().rotate("admin")

    for role in Role:
        assert old.epoch not in place.opened(role)
        for private in place.opened(role).values():
            with pytest.raises(Damaged):
                private.unwrap(old.wrapped, data_key_info("r0", 1))


def test_what_was_erased_stays_erased(place: Place) -> None:
    """A key that is destroyed while its row is sealed anew is not brought back."""
    begin(place, 2)
    rows = []
    mark: Position | None = Position()
    while mark is not None:
        page, mark = place.register.sealed_rows(place.first.id, mark, 100)
        rows += page
    place.register.add_tombstone(Tombstone("r0", Reason.TEST, place.clock.now(), place.clock.now()))
    place.register.destroy_keys("r0", place.clock.now())
    place.register.add_epoch("next", "X", b"", place.clock.now())

    anew = [SealedAnew(row, {name: value for name, (_, value) in row.values.items()}) for row in rows]
    changed = place.register.seal_anew(anew, "next")

    assert changed == 2  # of r1: its key and its number
    assert place.register.keys("r0") == []
    assert place.register.call("c0").caller_sealed is None


def test_nothing_is_sealed_to_an_epoch_that_has_ended(place: Place) -> None:
    """A daemon that has not heard of the next epoch can lose no key to one that is about to be destroyed."""
    place.clock.time += LIFE
    place.process().rotate("admin")

    for act in (
        lambda: place.register.add_call(samples.call("late", caller_epoch=place.first.id)),
        lambda: place.register.add_recording(
            samples.recording("rlate", "c"),
            samples.WrappedKey("rlate", 1, place.first.id, b"x" * 1168),
            [samples.term("rlate")],
            samples.progress("rlate"),
        ),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.id in ("epoch-over", "unknown-call")
    assert place.register.calls() == []


@pytest.mark.parametrize("point", range(1, 60))
def test_killed_anywhere_in_a_rotation(quick: Place, point: int) -> None:
    """Killed at any point, the next run ends in the same place, and at every moment everything opens."""
    begin(quick, 3)
    try:
        quick.process(Fuse(point)).rotate("admin")
    except Killed:
        current = quick.register.epoch()
        assert current is not None
        for recording, data_key in quick.data_keys.items():
            (row,) = quick.register.keys(recording)
            for role in Role:
                private = quick.opened(role)[row.epoch]
                assert private.unwrap(row.wrapped, data_key_info(recording, 1)) == data_key
        if current[0] == quick.first.id:
            quick.process().rotate("admin")
        else:
            quick.process().finish()

    new = current_public_key(quick.register, signer.verify_key).id
    quick.assert_opens(epoch=new)
    assert quick.files.here(quick.first.id) == []
    assert [bool(epoch.destroyed_at) for epoch in quick.register.epochs()] == [True, False]


def test_the_page_changes_the_key_by_itself(place: Place) -> None:
    """After its life an epoch ends by itself where the vault is unlocked, and not a moment before."""
    place.record("1")
    process = place.process()
    place.clock.time += LIFE - timedelta(seconds=1)
    process.tick()
    assert len(place.register.epochs()) == 1

    place.clock.time += timedelta(seconds=1)
    process.tick()
    process.tick()

    assert [bool(epoch.destroyed_at) for epoch in place.register.epochs()] == [True, False]


def test_an_overdue_epoch_is_an_alarm(place: Place) -> None:
    """An epoch that has not ended in time is an alarm until it has."""
    place.clock.time += LIFE + GRACE - timedelta(seconds=1)
    watch_epochs(place.register, LIFE, place.clock)
    assert place.register.alarms() == []

    place.clock.time += timedelta(seconds=1)
    watch_epochs(place.register, LIFE, place.clock)
    assert [alarm.id for alarm in place.register.alarms()] == [OVERDUE]

    place.process().tick()
    watch_epochs(place.register, LIFE, place.clock)
    assert place.register.alarms() == []


def test_a_folder_of_escrow_copies_that_is_away_holds_up_the_end(place: Place) -> None:
    """Where a copy of the old key cannot be looked for, nothing is certified; once it can, it is."""
    begin(place, 1)
    with place.escrow_away():
        with pytest.raises(Unreachable) as away:
            place.process().rotate("admin")
        assert away.value.id == "key-place-away"
        place.process().tick()
        assert FAILED in [alarm.id for alarm in place.register.alarms()]
    assert place.register.epochs()[0].destroyed_at is None

    place.process().tick()

    assert place.register.epochs()[0].destroyed_at is not None
    assert FAILED not in [alarm.id for alarm in place.register.alarms()]


def test_an_epoch_to_which_something_is_sealed_is_not_destroyed(place: Place) -> None:
    """Neither the current epoch nor one that still holds something can be destroyed by a command."""
    begin(place, 1)
    for epoch, id in ((place.first.id, "epoch-lives"), ("nonsense", "unknown-epoch")):
        with pytest.raises(Refused) as refused:
            place.process().destroy(epoch)
        assert refused.value.id == id

    fuse = Fuse(30)
    with pytest.raises(Killed):
        place.process(fuse).rotate("admin")
    if place.register.count_sealed(place.first.id):
        with pytest.raises(Refused):
            place.process().destroy(place.first.id)
    assert place.files.here(place.first.id)


def test_without_the_next_key_on_disk_none_is_destroyed(place: Place) -> None:
    """If the new private key is damaged or gone for any recipient, the old one stays."""
    begin(place, 1)
    process = place.process()
    new = process.rotate("admin")
    place.clock.time += LIFE
    for path in place.files.here(new.id):
        if path.parent in place.escrow:
            path.write_bytes(path.read_bytes().replace(b"created_at", b"created_ax"))
    newer = place.process()
    with pytest.raises(Refused):
        newer.destroy(new.id)
    assert place.files.here(new.id)


def test_a_row_that_does_not_open_keeps_the_old_key(place: Place) -> None:
    """What cannot be sealed anew is never silently lost: the old key stays, and the others have moved."""
    begin(place, 2)
    place.register.add_call(samples.call("odd", caller_epoch=place.first.id))

    with pytest.raises(Damaged) as damaged:
        place.process().rotate("admin")

    assert damaged.value.id == "sealed-damaged"
    assert place.register.count_sealed(place.first.id) == 1
    assert place.files.here(place.first.id)
    place.assert_opens(epoch=current_public_key(place.register, signer.verify_key).id)


def test_the_key_that_is_needed_is_named(place: Place) -> None:
    """Without the old private key nothing is sealed anew, and the error names it."""
    begin(place, 1)
    for path in place.files.here(place.first.id):
        path.unlink()

    with pytest.raises(Refused, match=place.first.id) as refused:
        place.process().rotate("admin")
    assert refused.value.id == "epoch-key-missing"


def test_one_process_at_a_time(quick: Place, tmp_path: Path) -> None:
    """Two processes cannot both begin an epoch."""

    @contextmanager
    def alone():  # type: ignore[no-untyped-def]
        with exclusive(tmp_path / "lock", "changes the vault's key"):
            yield

    with alone(), pytest.raises(Refused) as refused:
        quick.process(alone=alone).rotate("admin")
    assert refused.value.id == "already-running"
    assert len(quick.register.epochs()) == 1


def test_a_number_is_the_same_after_it_was_sealed_anew(place: Place) -> None:
    """Numbers survive a rotation."""
    begin(place, 1)
    new = place.process().rotate("admin")
    sealed = place.register.call("c0").caller_sealed or b""

    rows, _ = place.register.sealed_rows(new.id, Position(), 10)
    (row,) = [row for row in rows if row.table == "callers"]
    binding, value = row.values["sealed"]
    assert value == sealed
    assert place.opened()[new.id].open(value, info_of(binding)).rstrip(b"\0").decode() == NUMBER


def test_everything_that_is_sealed_names_its_epoch() -> None:
    """Each table with something sealed in it has the epoch in each row, and an index that begins with it."""
    assert {table.name for table in sealed_tables()} >= {"callers", "wrapped_keys"}
    for table in sealed_tables():
        assert "epoch" in table.c
        firsts = [next(column.name for column in index.columns) for index in table.indexes]
        assert "epoch" in firsts, table.name


def test_nothing_that_only_a_private_key_opens_is_left_out() -> None:
    """A column of bytes that is called sealed or wrapped is one that is sealed anew."""
    for table in metadata.tables.values():
        for column in table.c:
            if column.name.startswith(("sealed", "wrapped")):
                assert table in sealed_tables(), f"{table.name}.{column.name}"


@pytest.mark.slow
def test_a_million_rows(tmp_path: Path) -> None:
    """A million sealed rows are walked in pages that each read little, and none twice."""
    from contextlib import closing

    from sqlalchemy import insert

    from asterisk_gdpr.adapters.register import open_register, upgrade
    from asterisk_gdpr.adapters.register.tables import callers, calls

    url = f"sqlite:///{tmp_path}/register.db"
    upgrade(url)
    with closing(open_register(url)) as register:
        now = samples.noon
        row = {"channel": "", "linkedid": "", "line": "", "language": "", "node": "", "policy": ""}
        for start in range(0, 1_000_000, 50_000):
            ids = [f"c{number:07}" for number in range(start, start + 50_000)]
            with register._database.writing() as connection:
                connection.execute(insert(calls), [{"id": id, "arrived_at": now, **row} for id in ids])
                connection.execute(
                    insert(callers),
                    [{"call": id, "sealed": b"x" * 40, "blind_index": b"i", "epoch": "old"} for id in ids],
                )
        register.add_epoch("old", "X", b"", now)
        register.add_epoch("new", "X", b"", now + LIFE)
        mark: Position | None = Position()
        seen = 0
        while mark is not None:
            rows, mark = register.sealed_rows("old", mark, 2000)
            seen += register.seal_anew([SealedAnew(row, {"sealed": b"y" * 40}) for row in rows], "new")
        assert seen == 1_000_000
        assert register.end_epoch("old", now + LIFE)


def test_the_fake_ends_epochs_as_the_real_one(place: Place) -> None:
    """An epoch ends once nothing is sealed to it, is destroyed only then, and both are told once."""
    place.record("1")
    now = place.clock.now()
    assert not place.register.end_epoch(place.first.id, now)
    with pytest.raises(Refused) as refused:
        place.register.finish_epoch(place.first.id, now, b"certificate")
    assert refused.value.id == "epoch-lives"

    empty = MemoryRegister() if isinstance(place.register, MemoryRegister) else place.register
    empty.add_epoch("empty", "X", b"", now + LIFE)
    assert empty.end_epoch("empty", now) and empty.end_epoch("empty", now)
    empty.finish_epoch("empty", now, b"certificate")
    empty.finish_epoch("empty", now, b"another")
    assert next(epoch for epoch in empty.epochs() if epoch.id == "empty").certificate == b"certificate"
