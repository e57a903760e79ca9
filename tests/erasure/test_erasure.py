"""Erasure: by period, by withdrawal, by request; in its order, whatever is killed or away."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from asterisk_gdpr.adapters.register import open_register, upgrade
from asterisk_gdpr.core.policy import Basis
from asterisk_gdpr.core.recording import DestroyedKey, Reason, State
from asterisk_gdpr.core.rights import Handover
from asterisk_gdpr.errors import Damaged, Refused, Unreachable
from asterisk_gdpr.service.erasing.erasure import FEW, Item, Result
from asterisk_gdpr.service.proof.certificates import read_certificate
from tests.erasure.stage import Fuse, House, Killed, signer
from tests.fakes.register import MemoryRegister
from tests.register.samples import day, noon, number_index, second, term

by_law = Basis.LEGAL_OBLIGATION


# --- periods


def test_expired_recording_is_erased(house: House) -> None:
    """When its last purpose has expired, a recording is erased, and not before."""
    made = house.sealed("1", term("r1", "quality", days=30), term("r1", "disputes", days=60))

    house.pass_time(60)
    house.erasure().tick()
    assert house.register.recording(made).state is State.SEALED

    house.pass_time(1)
    house.erasure().tick()
    house.assert_erased(made)


def test_dry_run_tells_and_does_nothing(house: House) -> None:
    """A dry run tells what would go at a time, also one to come, and sets no tombstone."""
    made = house.sealed()

    would_go = house.erasure().sweep(noon + 200 * day, dry_run=True)

    assert [recording.id for recording in would_go] == [made]
    assert house.register.tombstone(made) is None
    with pytest.raises(Refused) as refused:
        house.erasure().sweep(noon + second)
    assert refused.value.id == "sweep-early"


def test_everything_due_is_swept(house: House) -> None:
    """However much is due at once, all of it is swept, in short transactions and several batches."""
    made = [house.sealed(str(number)) for number in range(60)]
    house.pass_time(100)

    house.erasure(batch=20).tick()

    assert {house.register.recording(id).state for id in made} == {State.ERASED}
    assert list(house.vault.names()) == []


# --- requests


def test_more_than_its_share_waits_for_a_person(house: House) -> None:
    """When more is due at once than may go unasked, nothing is swept before a person says so."""
    made = [house.sealed(str(number)) for number in range(FEW + 5)]
    house.pass_time(100)
    careful = house.erasure(ask_above=0.5)

    careful.tick()
    assert {house.register.recording(id).state for id in made} == {State.SEALED}
    assert [alarm.id for alarm in house.register.alarms()] == ["sweep-asks"]

    careful.sweep()
    careful.tick()
    assert {house.register.recording(id).state for id in made} == {State.ERASED}
    assert house.register.alarms() == []


def test_recording_is_erased_on_request(house: House) -> None:
    """A recording is erased on request at once, with its proof; asked again, it is missing."""
    made = house.sealed()

    assert house.erasure().erase(made, Reason.REQUESTED) == Item(made, Result.ERASED)
    house.assert_erased(made)
    assert house.erasure().erase(made, Reason.REQUESTED).result is Result.MISSING
    with pytest.raises(Refused):
        house.erasure().erase("r9", Reason.REQUESTED)


def test_what_the_law_keeps_is_refused(house: House) -> None:
    """What the law demands to be kept is refused with its date, and exists for that purpose alone."""
    made = house.sealed("1", term("r1", "quality"), term("r1", "orders", by_law, days=1000))
    obliged = next(t for t in house.register.terms(made) if t.purpose == "orders")

    item = house.erasure().erase(made, Reason.REQUESTED)

    assert item == Item(made, Result.REFUSED, "legal-obligation", obliged.expires_at)
    assert house.register.recording(made).state is State.SEALED
    assert [t.purpose for t in house.register.terms(made) if t.ended_at is None] == ["orders"]
    house.pass_time(1001)
    assert house.erasure().erase(made, Reason.REQUESTED).result is Result.ERASED


def test_a_doubted_clock_ends_no_duty(house: House) -> None:
    """No erasure and no withdrawal ends what the law demands by a clock that may be wrong."""
    made = house.sealed("1", term("r1", "quality"), term("r1", "orders", by_law, days=1000))
    house.pass_time(3650)
    doubting = house.erasure(believed=lambda: False)
    assert doubting.erase(made, Reason.REQUESTED).ground == "legal-obligation"
    assert doubting.withdraw(made, ["quality"], Reason.WITHDRAWN, timedelta()) is False
    assert house.register.keys(made) and house.register.tombstone(made) is None

    assert house.erasure().erase(made, Reason.REQUESTED).result is Result.ERASED


def test_no_duty_keeps_what_was_unlawful(house: House) -> None:
    """What was recorded unlawfully goes, whatever law would have kept it."""
    made = house.sealed("1", term("r1", "orders", by_law))

    assert house.erasure().erase(made, Reason.UNLAWFUL).result is Result.ERASED


def test_caller_is_erased_item_by_item(house: House) -> None:
    """Every recording of a caller has its own result, in a dry run the same one."""
    for number in range(3):
        house.sealed(str(number))
    house.sealed("8", term("r8", "orders", by_law))
    other = house.sealed("9", caller_index=b"somebody else's ")

    dry = house.erasure().erase_caller(number_index, Reason.REQUESTED, dry_run=True)
    assert house.register.tombstone("r0") is None

    assert house.erasure().erase_caller(number_index, Reason.REQUESTED) == dry
    assert [(item.recording, item.result) for item in dry] == [
        ("r0", Result.ERASED),
        ("r1", Result.ERASED),
        ("r2", Result.ERASED),
        ("r8", Result.REFUSED),
    ]
    assert house.register.recording(other).state is State.SEALED
    assert house.erasure().erase_caller(b"nobody's index  ", Reason.REQUESTED) == []


# --- withdrawal


def test_withdrawal_with_grace(house: House) -> None:
    """A withdrawal restricts at once; the keys go after the grace, and not before."""
    made = house.running()

    assert house.erasure().withdraw(made, ["quality"], Reason.WITHDRAWN, timedelta(days=2))
    assert house.register.recording(made).restricted
    house.erasure().tick()
    assert house.register.keys(made) != []

    house.pass_time(2)
    house.erasure().tick()
    house.assert_erased(made)


def test_withdrawal_that_leaves_a_purpose(house: House) -> None:
    """Where a purpose remains that the caller has no say in, the recording goes on for it."""
    made = house.running("1", term("r1", "quality"), term("r1", "orders", by_law))

    assert not house.erasure().withdraw(made, ["quality"], Reason.WITHDRAWN, timedelta())
    assert house.register.tombstone(made) is None
    assert not house.register.recording(made).restricted


def test_request_ends_the_grace(house: House) -> None:
    """A request to erase does not wait for the grace of a withdrawal."""
    made = house.running()
    house.erasure().withdraw(made, ["quality"], Reason.WITHDRAWN, timedelta(days=2))

    assert house.erasure().erase(made, Reason.REQUESTED).result is Result.ERASED
    house.assert_erased(made)


def test_restart_in_the_grace_leaves_no_plaintext(house: House) -> None:
    """A process that starts in the grace of a withdrawal unlinks the plaintext and seals nothing."""
    made, other = house.running("1"), house.running("2")
    house.erasure().withdraw(made, ["quality"], Reason.WITHDRAWN, timedelta(days=2))

    house.erasure().reconcile()

    assert house.spool.recordings() == [other]
    assert [recording.id for recording in house.register.unfinished("node1")] == [other]


# --- what stands in the way


def test_vault_that_is_away(house: House) -> None:
    """While the vault is away nothing counts as erased, an alarm says so, and the next run finishes it."""
    made = house.sealed()
    house.vault.away = True

    item = house.erasure().erase(made, Reason.REQUESTED)

    assert item.result is Result.PENDING and "vault" in item.ground
    assert house.register.keys(made) == []
    assert house.register.certificate(made) is None
    assert [(alarm.id, alarm.about) for alarm in house.register.alarms()] == [("erasure-failed", made)]

    house.vault.away = False
    house.erasure().tick()
    house.assert_erased(made)


def test_one_failure_keeps_no_other(house: House) -> None:
    """One erasure that fails, even by a bug, keeps none of the others."""
    ids = [house.sealed(str(number)) for number in range(3)]
    house.pass_time(100)
    (house.folder / "r1.1.left.sln").mkdir()

    house.erasure().tick()

    assert [house.register.recording(id).state for id in ids] == [State.ERASED, State.ERASING, State.ERASED]
    assert [alarm.about for alarm in house.register.alarms()] == ["r1"]
    (house.folder / "r1.1.left.sln").rmdir()
    house.erasure().tick()
    house.assert_erased("r1")


class Immortal(MemoryRegister):
    """A register that says it has destroyed what it has not."""

    def destroy_keys(self, recording: str, at: datetime) -> list[DestroyedKey]:
        return []


def test_nothing_is_certified_that_is_still_there(tmp_path: Path) -> None:
    """What is still there after its deletion is never certified as erased."""
    house = House(tmp_path, Immortal())
    made = house.sealed()

    item = house.erasure().erase(made, Reason.REQUESTED)

    assert item.result is Result.PENDING and "wrapped key" in item.ground
    assert house.register.certificate(made) is None
    assert [alarm.id for alarm in house.register.alarms()] == ["erasure-failed"]


def test_capture_that_cannot_be_stopped(house: House) -> None:
    """While a capture cannot be stopped nothing is touched; when it lasts, an alarm says so."""
    made = house.running()
    house.stoppable = False

    item = house.erasure().erase(made, Reason.REQUESTED)

    assert item.result is Result.PENDING
    assert house.register.keys(made) != []
    assert house.register.alarms() == []
    house.pass_time(1)
    house.erasure().tick()
    assert [alarm.id for alarm in house.register.alarms()] == ["erasure-overdue"]

    house.stoppable = True
    house.erasure().tick()
    house.assert_erased(made)


def test_register_that_is_away(house: House) -> None:
    """Without a register nothing is erased, and nothing is lost."""
    made = house.sealed()
    assert isinstance(house.register, MemoryRegister)
    house.register.away = True

    with pytest.raises(Unreachable):
        house.erasure().tick()
    assert house.vault.size(made)


# --- the kill


def test_killed_anywhere_in_an_erasure(tmp_path: Path) -> None:
    """Killed between any two steps and run again, an erasure ends right, with one certificate."""
    for step in count(1):
        house = House(tmp_path / str(step))
        house.folder.mkdir()
        made = house.sealed()
        Path(house.spool.prepare(made, 1, 8000).left).write_bytes(b"a rest")
        house.pass_time(100)
        try:
            house.erasure(Fuse(step)).tick()
            break
        except Killed:
            house.erasure().reconcile()
            house.erasure().tick()
        house.assert_erased(made)
    assert step > 30


def test_killed_anywhere_in_a_withdrawal(tmp_path: Path) -> None:
    """Killed anywhere in a withdrawal, the caller is never sealed anew once it has been committed."""
    withdrawn = 0
    for step in count(1):
        house = House(tmp_path / str(step))
        house.folder.mkdir()
        made = house.running()
        erasure = house.erasure(Fuse(step))
        try:
            erasure.withdraw(made, ["quality"], Reason.WITHDRAWN, timedelta())
            erasure.carry_out()
            break
        except Killed:
            house.erasure().reconcile()
        if house.register.tombstone(made):
            withdrawn += 1
            house.assert_erased(made)
        else:
            assert [t.ended_at for t in house.register.terms(made)] == [None]
            assert not house.register.recording(made).restricted
        assert bool(house.register.tombstone(made)) != bool(house.register.unfinished("node1"))
    assert withdrawn > 20


# --- the proof


def test_a_certificate_names_the_copies_that_people_took_out(house: House) -> None:
    """What was handed out goes on to exist with others, and the certificate says how often; nobody's name."""
    made, other = house.sealed("1"), house.sealed("2")
    for id, recipient in (("o1", "Lawyers Ltd"), ("o2", "")):
        house.register.add_handover(Handover(id, made, noon, "cli:anna", recipient, "dispute"))
    for recording, copies in ((made, [2]), (other, [])):
        house.erasure().erase(recording, Reason.REQUESTED)
        certificate = house.register.certificate(recording) or b""
        body = read_certificate(certificate, [signer.verify_key])
        remains = body["remains"]
        assert isinstance(remains, list)
        assert [each["copies"] for each in remains if "copies" in each] == copies
        assert b"Lawyers" not in certificate and b"anna" not in certificate


def test_certificate_says_what_was_done(house: House) -> None:
    """A certificate names keys, container, reason and times, and what remains elsewhere; no person."""
    made = house.sealed()
    house.erasure().erase(made, Reason.REQUESTED)
    certificate = house.register.certificate(made) or b""

    body = read_certificate(certificate, [signer.verify_key])

    assert (body["reason"], body["line"], body["call"]) == ("requested", "sales", "c1")
    assert body["container"] == {"name": made, "size": 40_100}
    assert isinstance(body["keys"], list)
    assert [(key["generation"], key["epoch"]) for key in body["keys"]] == [(1, "epoch1")]
    assert "epoch1" in str(body["remains"])
    for place in range(0, len(certificate), 7):
        changed = bytearray(certificate)
        changed[place] ^= 1
        with pytest.raises(Refused):
            read_certificate(bytes(changed), [signer.verify_key])
    with pytest.raises(Damaged):
        read_certificate(certificate[:-1], [signer.verify_key])


def test_erasure_on_files(tmp_path: Path) -> None:
    """On a real register the wrapped key and the number are in no file of it once it is certified."""
    url = f"sqlite:///{tmp_path}/register.db"
    upgrade(url)
    house = House(tmp_path, open_register(url))
    made = house.sealed()
    wrapped = house.register.keys(made)[0].wrapped
    number = house.register.call("c1").caller_sealed or b""

    assert house.erasure().erase(made, Reason.REQUESTED).result is Result.ERASED

    files = b"".join(path.read_bytes() for path in tmp_path.glob("register.db*"))
    assert wrapped[:16] not in files and wrapped[-16:] not in files
    assert number and number[:16] not in files and number[-16:] not in files
    house.assert_erased(made)
    house.register.close()
