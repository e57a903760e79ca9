"""The vault's key: only with the passphrase, only in memory, always told."""

from __future__ import annotations

import logging

import pytest

from asterisk_gdpr.errors import Refused
from asterisk_gdpr.seal.keys import VaultPrivateKey
from asterisk_gdpr.seal.passphrase import Cost, protect
from asterisk_gdpr.service.keys.keeper import Keeper
from tests.playback.world import DOCUMENT, NUMBER, PASSPHRASE, World


def test_it_starts_locked() -> None:
    """Until somebody unlocks it, nothing opens."""
    world = World()
    world.seal("sales001")

    assert not world.keeper.unlocked
    assert world.keeper.open_caller(world.register.call("csales001")) is None
    with pytest.raises(Refused) as caught:
        world.keeper.data_key("rsales001", 1)
    assert caught.value.id == "vault-locked"


def test_unlocking_and_locking_are_told(world: World) -> None:
    """Who unlocked and who locked is in the ledger."""
    world.keeper.lock(by="otto")
    world.keeper.lock(by="otto")

    assert not world.keeper.unlocked
    assert world.told("unlocked") == [{"user": "officer"}]
    assert world.told("locked") == [{"user": "otto"}]


def test_the_number_opens_for_its_own_call_only(world: World) -> None:
    """A sealed number opens where it was sealed, and nowhere else."""
    world.seal("sales002", number=None)
    call, other = world.register.call("csales001"), world.register.call("csales002")

    assert world.keeper.open_caller(call) == NUMBER
    assert world.keeper.open_caller(other) is None


def test_a_wrong_passphrase_is_told_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    """Failed openings are in the ledger, are slowed down, and leave the passphrase nowhere."""
    world = World()
    caplog.set_level(logging.DEBUG)
    for _ in range(5):
        with pytest.raises(Refused) as wrong:
            world.keeper.unlock("wrong horse", by="otto", address="192.0.2.1")
        assert wrong.value.id == "wrong-passphrase"
    with pytest.raises(Refused) as slowed:
        world.keeper.unlock(PASSPHRASE, by="otto", address="192.0.2.1")

    assert slowed.value.id == "too-many-attempts"
    assert world.told("unlock-failed") == [{"user": "otto"}] * 5
    assert "wrong horse" not in caplog.text + repr(world.register.entries()) + repr(wrong.value)

    world.clock.pass_by(minutes=15)
    world.keeper.unlock(PASSPHRASE, by="otto", address="192.0.2.1")
    assert world.keeper.unlocked


def test_an_empty_passphrase_is_a_wrong_one() -> None:
    """An empty passphrase opens nothing and is counted like any other."""
    with pytest.raises(Refused) as caught:
        World().keeper.unlock("", by="otto")
    assert caught.value.id == "wrong-passphrase"


def test_without_a_key_file_it_says_so() -> None:
    """A house without a key file says what is missing."""
    world = World()
    with pytest.raises(Refused) as caught:
        Keeper(world.register, list, world.clock).unlock(PASSPHRASE, by="otto")
    assert caught.value.id == "vault-unconfigured"


def test_several_key_files() -> None:
    """Every key file that the passphrase opens is opened; the others stay shut without an error."""
    cheap = Cost(memory_kib=32, iterations=1, lanes=1)
    other = protect(VaultPrivateKey.generate(), "other", created_at="2026-11-23T10:00:00Z", cost=cheap)
    world = World()
    world.seal("sales001")
    keeper = Keeper(world.register, lambda: [other, DOCUMENT], world.clock)

    keeper.unlock(PASSPHRASE, by="otto")

    assert len(keeper.data_key("rsales001", 1)) == 32
