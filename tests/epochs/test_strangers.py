"""Keys that somebody slipped into the register: nothing is sealed to them, and a person takes them out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from asterisk_gdpr.core.epoch import Epoch, Role
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.seal.keys import ALGORITHM, VaultPrivateKey
from asterisk_gdpr.seal.signing import SigningKey
from asterisk_gdpr.service.alarms import Alarms
from asterisk_gdpr.service.keys import escrow_key
from asterisk_gdpr.service.keys.strangers import reject, strangers, vouch_for_own
from asterisk_gdpr.service.keys.vault_keys import STRANGE, current_public_key, voucher_of
from asterisk_gdpr.service.sealing.sealed_to import SealedTo
from asterisk_gdpr.service.sealing.standstill import Standstill
from tests.epochs.stage import LIFE, Place, signer
from tests.fakes.register import MemoryRegister
from tests.register import samples

THIEF = VaultPrivateKey.generate().public
LATER = timedelta(hours=1)


def slip_in(place: Place, *, destroyed: bool = False, **more: object) -> Epoch:
    """An epoch that whoever can write to the register put there, newer than ours."""
    row = Epoch(THIEF.id, ALGORITHM, THIEF.to_bytes(), place.clock.now() + LATER)
    row = replace(row, **more)  # type: ignore[arg-type]
    place.register.add_epoch(row.id, row.algorithm, row.public, row.began_at, row.voucher)
    if destroyed:
        place.register.end_epoch(row.id, row.began_at)
        place.register.finish_epoch(row.id, row.began_at, b"a certificate of theirs")
    return row


def take_out(place: Place, by: SigningKey = signer) -> None:
    """What `keys reject` does."""
    reject(place.register, place.keys, place.files, by, place.clock, "cli:root")


def vouched_by_another(place: Place) -> dict[str, object]:
    """A signature, but none of ours."""
    row = Epoch(THIEF.id, ALGORITHM, THIEF.to_bytes(), place.clock.now() + LATER)
    return {"voucher": voucher_of(row, SigningKey.generate())}


@pytest.mark.parametrize(
    "how",
    [
        lambda place: {},
        lambda place: {"destroyed": True},
        lambda place: {"voucher": place.first.voucher},
        lambda place: {"voucher": b"nonsense"},
        vouched_by_another,
    ],
)
def test_nothing_is_sealed_to_an_epoch_that_nobody_vouches_for(
    place: Place, how: Callable[[Place], dict[str, object]]
) -> None:
    """Whatever else stands beside it: no voucher, one for another key, by another signer, or nonsense."""
    slip_in(place, **how(place))

    with pytest.raises(Refused) as refused:
        current_public_key(place.register, signer.verify_key)
    assert refused.value.id == STRANGE and THIEF.id in refused.value.message and refused.value.hint


@pytest.mark.parametrize(
    "changed",
    [
        lambda epoch: replace(epoch, began_at=epoch.began_at + LATER),
        lambda epoch: replace(epoch, public=THIEF.to_bytes()),
        lambda epoch: replace(epoch, public=THIEF.to_bytes(), id=THIEF.id),
        lambda epoch: replace(epoch, voucher=None),
    ],
)
def test_a_row_of_ours_that_was_changed_is_not_sealed_to(
    quick: Place, changed: Callable[[Epoch], Epoch]
) -> None:
    """The voucher holds for the whole key, its id and its beginning, and for nothing else."""
    assert isinstance(quick.register, MemoryRegister)
    quick.register._tables.epochs = {"": changed(quick.first)}

    with pytest.raises(Refused) as refused:
        current_public_key(quick.register, signer.verify_key)
    assert refused.value.id in (STRANGE, "damaged-key")


def test_while_there_is_a_strange_epoch_no_key_is_changed(place: Place) -> None:
    """Nothing is sealed anew, no epoch begins, no private key goes; once it is taken out all goes on."""
    recording = place.record("1")
    slip_in(place)
    for act in (
        lambda: place.process().rotate("admin"),
        lambda: place.process().finish(),
        lambda: place.process().destroy(place.first.id),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.id == STRANGE
    assert [row.epoch for row in place.register.keys(recording)] == [place.first.id]
    assert place.files.here(place.first.id) and len(place.register.epochs()) == 2

    take_out(place)
    new = place.process().rotate("admin")
    place.assert_opens(epoch=new.id)
    assert "epoch-rejected" in [entry.kind for entry in place.register.entries()]


def test_the_page_tells_that_it_waits(place: Place) -> None:
    """Its own change of the key, once due, is an alarm that names the strange epoch."""
    slip_in(place)
    place.clock.time += LIFE
    place.process().tick()

    (alarm,) = place.register.alarms()
    assert alarm.id == "epoch-failed" and THIEF.id in alarm.message


def test_recording_stands_still_until_it_is_taken_out(place: Place) -> None:
    """Nothing new is recorded, with an alarm that names it; after `keys reject` it goes on by itself."""
    alarms = Alarms(place.register, place.clock)
    standstill = Standstill(alarms)
    sealed_to = SealedTo(place.register, signer.verify_key, standstill, alarms)
    slip_in(place)

    assert not sealed_to.follow() and not sealed_to.follow()

    assert sealed_to.key.id == place.first.id and standstill
    with pytest.raises(Refused) as refused:
        standstill.check()
    assert refused.value.id == STRANGE
    assert [(alarm.id, alarm.about) for alarm in place.register.alarms()] == [(STRANGE, THIEF.id)]
    with pytest.raises(Refused):
        SealedTo(place.register, signer.verify_key, Standstill(alarms), alarms)

    take_out(place)
    assert not sealed_to.follow() and not standstill
    standstill.check()
    assert place.register.alarms() == []


def test_the_next_epoch_of_ours_is_followed(place: Place) -> None:
    """Another node's daemon seals to what the page has begun, by the voucher alone and without its files."""
    alarms = Alarms(place.register, place.clock)
    sealed_to = SealedTo(place.register, signer.verify_key, Standstill(alarms), alarms)
    assert not sealed_to.follow()

    new = place.process().rotate("page")

    assert sealed_to.follow() and sealed_to.key.id == new.id
    assert not sealed_to.follow() and place.register.alarms() == []


@pytest.mark.parametrize("name", ["page", "escrow", "another"])
def test_no_epoch_begins_for_a_recipient_that_only_the_register_knows(place: Place, name: str) -> None:
    """Ours replaced, or one more: no private key is written for anybody, until it is taken out."""
    ours = place.register.recipients()
    place.register.add_recipient(replace(ours[0], name=name, key_id=THIEF.id, public=THIEF.to_bytes()))
    before = sorted(place.folder.rglob("*"))

    with pytest.raises(Refused) as refused:
        place.process().rotate("admin")
    assert refused.value.id == "strange-recipient" and THIEF.id in refused.value.message
    assert sorted(place.folder.rglob("*")) == before and len(place.register.epochs()) == 1

    take_out(place)
    assert {(each.name, each.key_id) for each in place.register.recipients()} == {
        (each.name, each.key_id) for each in ours
    }
    place.process().rotate("admin")


def test_an_earlier_key_of_ours_is_a_stranger_too(place: Place) -> None:
    """Who brings back the row of an escrow key that was replaced gains nothing."""
    old = next(each for each in place.register.recipients() if each.role is Role.ESCROW)
    new = VaultPrivateKey.generate().public
    escrow_key.take(place.register, place.keys, place.files, place.clock, new, place.opened())
    place.register.add_recipient(old)

    with pytest.raises(Refused) as refused:
        place.process().rotate("admin")
    assert refused.value.id == "strange-recipient"
    take_out(place)
    assert new.id in {each.key_id for each in place.register.recipients()}


def test_a_key_that_something_is_sealed_to_is_not_taken_out(place: Place) -> None:
    """What somebody has moved there is not forgotten: it is said that a backup is needed."""
    slip_in(place)
    place.register.add_call(samples.call("c1", caller_epoch=THIEF.id, caller_sealed=b"x" * 40))

    with pytest.raises(Refused) as refused:
        take_out(place)
    assert refused.value.id == "epoch-lives" and refused.value.hint
    assert len(place.register.epochs()) == 2


def test_init_vouches_for_what_is_of_here_and_for_nothing_else(place: Place) -> None:
    """After the signing key was replaced, our epochs get its word by their files; a strange one never."""
    slip_in(place)
    new = SigningKey.generate()
    assert len(strangers(place.register, place.files, new.verify_key).epochs) == 2

    assert [epoch.id for epoch in vouch_for_own(place.register, place.files, new)] == [place.first.id]

    left = strangers(place.register, place.files, new.verify_key).epochs
    assert [epoch.id for epoch in left] == [THIEF.id]
    take_out(place, new)
    assert current_public_key(place.register, new.verify_key).id == place.first.id
    assert vouch_for_own(place.register, place.files, new) == []
