"""The page's private key under another protection: nothing is lost, wherever the change is killed."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import pytest

from asterisk_gdpr.core.epoch import Role
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.seal.errors import DamagedKey
from asterisk_gdpr.seal.keys import VaultPrivateKey
from asterisk_gdpr.seal.passphrase import Cost, protect
from asterisk_gdpr.seal.token_file import open_token_file, protect_by_token, read_token_file
from asterisk_gdpr.service.keys import page_key
from asterisk_gdpr.service.keys.vault_keys import Opened, open_private_keys
from tests.epochs.stage import Place
from tests.erasure.stage import Fuse, Killed
from tests.fakes.register import MemoryRegister
from tests.fakes.token import PIN, MemoryToken

CHEAP = Cost(memory_kib=32, iterations=1, lanes=1)
OLD = "a horse of another colour"


class Desk:
    """A place whose page's key lies under a passphrase."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.place = Place(folder, MemoryRegister())
        self.token = MemoryToken()
        document = protect(self.place.private[Role.PAGE], OLD, created_at="2026-11-23T10:00:00Z", cost=CHEAP)
        self.place.keys.recipient(Role.PAGE).write_bytes(document)
        for path in self.place.keys.path.iterdir():
            path.chmod(0o600)

    def opens(self, secret: str) -> Opened:
        """What a passphrase or the PIN opens of the files that are there."""
        documents = [path.read_bytes() for path in self.place.keys.vault_documents()]
        return open_private_keys(documents, secret, self.token)

    def to_token(self, by: str = OLD, register: Any = None) -> None:
        place = self.place
        made = page_key.to_token(self.token, PIN, "calls", place.clock)
        register = register or place.register
        page_key.take(register, place.keys, place.files, place.clock, made, self.opens(by).keys)


def test_the_pin_opens_what_the_passphrase_opened(tmp_path: Path) -> None:
    """Every living epoch, and those that begin later; the passphrase opens nothing more."""
    desk = Desk(tmp_path / "desk")
    desk.to_token()
    later = desk.place.begin()

    assert {desk.place.first.id, later.id} <= set(desk.opens(PIN).keys)
    assert not desk.opens(OLD)
    assert [path.name for path in desk.place.keys.path.glob("*next*")] == []


def test_killed_anywhere_on_the_way_under_the_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At every point the old secret or the new one opens all, also what begins now; a second run ends it."""
    steps = 0
    for step in count(1):
        desk, fuse = Desk(tmp_path / str(step)), Fuse(step)
        with monkeypatch.context() as patch:
            fuse.lay_in(patch, page_key, "replace_file", "remove_file", "write_for")
            try:
                desk.to_token(register=fuse.lay(desk.place.register))
                break
            except Killed:
                steps += 1
        later = desk.place.begin()
        whole = {desk.place.first.id, later.id}
        secret = next(each for each in (PIN, OLD) if whole <= set(desk.opens(each).keys))
        desk.to_token(secret)
        assert whole <= set(desk.opens(PIN).keys)
        assert not desk.opens(OLD)
    assert steps > 15


def test_an_epoch_that_is_not_at_hand_stops_it(tmp_path: Path) -> None:
    """The page must not lose a living epoch: nothing is changed, and it is said what to do."""
    desk = Desk(tmp_path / "desk")
    before = desk.place.keys.recipient(Role.PAGE).read_bytes()
    made = page_key.to_token(desk.token, PIN, "calls", desk.place.clock)
    with pytest.raises(Refused) as refused:
        page_key.take(desk.place.register, desk.place.keys, desk.place.files, desk.place.clock, made, {})

    assert refused.value.id == "epoch-key-missing"
    assert desk.place.keys.recipient(Role.PAGE).read_bytes() == before
    assert desk.opens(OLD)


def test_without_a_token_in_the_configuration_it_says_so(tmp_path: Path) -> None:
    """A key that lies under a token is told apart from a wrong passphrase."""
    desk = Desk(tmp_path / "desk")
    desk.to_token()
    documents = [path.read_bytes() for path in desk.place.keys.vault_documents()]
    with pytest.raises(Refused) as refused:
        open_private_keys(documents, PIN)

    assert refused.value.id == "no-token"


def test_every_flipped_bit_of_the_file_is_found() -> None:
    """The file under a token opens whole, or is damaged, or is of another kind or version."""
    private = VaultPrivateKey.generate()
    document = protect_by_token(
        private, b"k" * 32, b"w" * 40, token="calls", created_at="2026-11-23T10:00:00Z"
    )
    assert open_token_file(read_token_file(document), b"k" * 32).to_bytes() == private.to_bytes()
    with pytest.raises(DamagedKey):
        open_token_file(read_token_file(document), b"x" * 32)

    for place in range(len(document) - 1):
        broken = bytearray(document)
        broken[place] ^= 1
        with pytest.raises(Refused):
            open_token_file(read_token_file(bytes(broken)), b"k" * 32)
