"""The escrow key made anew, under a token or a passphrase: nothing is lost, wherever it is killed."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import pytest

from asterisk_gdpr.core.epoch import Role
from asterisk_gdpr.errors import Refused, Unreachable
from asterisk_gdpr.ports import WrongPin
from asterisk_gdpr.seal.keys import VaultPrivateKey
from asterisk_gdpr.service.keys import escrow_key, page_key, recovery
from asterisk_gdpr.service.keys.vault_keys import with_epochs
from tests.epochs.stage import Place
from tests.erasure.stage import Fuse, Killed
from tests.fakes.register import MemoryRegister
from tests.fakes.token import PIN, MemoryToken
from tests.token.test_page_key import CHEAP

NEW = "a horse of no colour at all"


class Desk:
    """A place whose escrow key is made anew."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.place = Place(folder, MemoryRegister())
        self.token = MemoryToken()

    def made(self) -> tuple[VaultPrivateKey, bytes]:
        return page_key.to_token(self.token, PIN, "safe", self.place.clock)

    def take(self, key: VaultPrivateKey, register: Any = None) -> None:
        place = self.place
        register = register or place.register
        escrow_key.take(register, place.keys, place.files, place.clock, key.public, place.opened())

    def opens(self, key: VaultPrivateKey) -> set[str]:
        """The epochs that an escrow key opens of the copies that are there."""
        copies = [path.read_bytes() for path in recovery.copies_in(self.place.escrow)]
        return set(with_epochs([key], copies).keys) - {key.public.id}

    def recover(self, document: bytes, secret: str) -> recovery.Recovered:
        place = self.place
        return recovery.recover(
            place.register,
            place.keys,
            place.files,
            place.clock,
            escrow_document=document,
            escrow_secret=secret,
            token=self.token,
            copies=recovery.copies_in(place.escrow),
            new_passphrase=NEW,
            by="test",
            cost=CHEAP,
        )


def test_the_page_s_key_is_recovered_by_an_escrow_key_under_a_token(tmp_path: Path) -> None:
    """Its PIN, with the token at hand, gives the page a new key; a wrong PIN or no token changes nothing."""
    desk = Desk(tmp_path / "desk")
    key, document = desk.made()
    desk.take(key)
    later = desk.place.begin()
    for path in desk.place.keys.path.glob("*.json"):
        path.unlink()

    with pytest.raises(WrongPin):
        desk.recover(document, "0000")
    desk.token.away = True
    with pytest.raises(Unreachable):
        desk.recover(document, PIN)
    with pytest.raises(Refused) as lacking:
        escrow_key.unlocked_by(document, PIN, None)
    assert lacking.value.id == "no-token" and lacking.value.hint
    assert not list(desk.place.keys.path.glob("*.json"))
    desk.token.away = False
    assert set(desk.recover(document, PIN).opened) == {desk.place.first.id, later.id}


def test_the_old_escrow_key_opens_nothing_that_comes_after(tmp_path: Path) -> None:
    """The copies are sealed to the new one alone, and so is every epoch that begins from now on."""
    desk = Desk(tmp_path / "desk")
    key, _ = page_key.to_passphrase(NEW, desk.place.clock, CHEAP)
    desk.take(key)
    later = desk.place.begin()

    assert desk.opens(key) == {desk.place.first.id, later.id}
    assert desk.opens(desk.place.private[Role.ESCROW]) == set()
    assert [each.key_id for each in desk.place.register.recipients() if each.role is Role.ESCROW] == [
        key.public.id
    ]


def test_killed_anywhere_while_the_escrow_key_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At every point the old or the new one opens all, also what begins now; another run ends it."""
    steps = 0
    for step in count(1):
        desk, fuse = Desk(tmp_path / str(step)), Fuse(step)
        key, _ = desk.made()
        with monkeypatch.context() as patch:
            fuse.lay_in(patch, escrow_key, "replace_file", "remove_file", "write_for")
            try:
                desk.take(key, fuse.lay(desk.place.register))
                break
            except Killed:
                steps += 1
        later = desk.place.begin()
        whole = {desk.place.first.id, later.id}
        assert whole in (desk.opens(key), desk.opens(desk.place.private[Role.ESCROW]))
        again, _ = desk.made()
        desk.take(again)
        assert desk.opens(again) == whole
        assert desk.opens(key) == desk.opens(desk.place.private[Role.ESCROW]) == set()
        assert [path for folder in desk.place.escrow for path in folder.glob("*next*")] == []
    assert steps > 10


def test_an_escrow_key_is_made_only_where_every_living_epoch_is_at_hand(tmp_path: Path) -> None:
    """Else the copies would lack one: nothing is changed."""
    desk = Desk(tmp_path / "desk")
    key, _ = desk.made()
    place = desk.place
    with pytest.raises(Refused) as refused:
        escrow_key.take(place.register, place.keys, place.files, place.clock, key.public, {})

    assert refused.value.id == "epoch-key-missing"
    assert desk.opens(place.private[Role.ESCROW]) == {place.first.id}
