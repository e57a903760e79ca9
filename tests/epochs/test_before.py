"""An installation from before keys had epochs: it opens by its passphrase, and its key can be changed."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path

from asterisk_gdpr.core.epoch import Role
from asterisk_gdpr.seal.keys import VaultPrivateKey
from asterisk_gdpr.seal.passphrase import Cost, protect
from asterisk_gdpr.service.checks.keys import vault_keys
from asterisk_gdpr.service.keys.epochs import Epochs
from asterisk_gdpr.service.keys.vault_keys import open_private_keys
from tests.epochs.stage import LIFE, Place, signer
from tests.fakes.register import MemoryRegister

CHEAP = Cost(memory_kib=32, iterations=1, lanes=1)
OLD = "a horse of another colour"


def from_before(folder: Path) -> Place:
    """Its one private key lies under the passphrase itself, here and in escrow, and sealed to nobody."""
    place = Place(folder, MemoryRegister())
    private, id = place.opened()[place.first.id], place.first.id
    for path in place.files.here(id):
        path.unlink()
    for to in (place.keys.path / f"vault-{id}.json", place.escrow[0] / f"vault-{id}.escrow.json"):
        to.write_bytes(protect(private, OLD, created_at="2026-11-23T10:00:00Z", cost=CHEAP))
        to.chmod(0o600)
    return place


def documents(place: Place) -> list[bytes]:
    """The key files that the page opens."""
    return [path.read_bytes() for path in place.keys.vault_documents()]


def test_its_passphrase_opens_everything(tmp_path: Path) -> None:
    """Without `init` being run again its recordings open; `check` says what to do, and finds no fault."""
    place = from_before(tmp_path)

    assert place.first.id in open_private_keys(documents(place), OLD).keys
    assert not open_private_keys(documents(place), "another")
    found = list(vault_keys(place.keys, place.first.id))
    assert [(each.id, str(each.severity)) for each in found] == [("vault-key-from-before", "warning")]


def test_a_change_of_its_key_destroys_the_old_files_too(tmp_path: Path) -> None:
    """Once it has recipients, what lives is sealed anew, and no file of the old private key is left."""
    place = from_before(tmp_path)
    document = protect(place.private[Role.PAGE], OLD, created_at="2026-11-23T10:00:00Z", cost=CHEAP)
    place.keys.recipient(Role.PAGE).write_bytes(document)
    recording = place.record("1")

    def keys() -> Mapping[str, VaultPrivateKey]:
        return open_private_keys(documents(place), OLD).keys

    new = Epochs(place.register, place.files, signer, place.clock, keys, life=LIFE, alone=nullcontext).rotate(
        "admin"
    )

    assert [row.epoch for row in place.register.keys(recording)] == [new.id]
    place.assert_opens(epoch=new.id)
    assert place.register.epochs()[0].destroyed_at is not None
    assert not list(place.keys.path.glob("vault-*")) and not list(place.escrow[0].glob("vault-*"))
