"""Keys and storage at the page: how the escrow stands, the escrow key tried, the room that is left."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from asterisk_gdpr.core.epoch import Recipient, Role
from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.seal.key_document import written
from asterisk_gdpr.seal.keys import ALGORITHM, VaultPrivateKey
from asterisk_gdpr.seal.passphrase import Cost, protect
from asterisk_gdpr.seal.signing import SigningKey
from asterisk_gdpr.service.keys.epoch_files import EpochFiles
from asterisk_gdpr.service.keys.epochs import begin_epoch
from asterisk_gdpr.service.keys.key_files import KeyFolder, Kind, key_text
from tests.web.house import House, Visitor

SAID = "the passphrase of the escrow key"
CHEAP = Cost(memory_kib=64, iterations=1, lanes=1)


class Kept:
    """A house whose living epoch has an escrow copy, and the escrow key that it was made for."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house, keys = house, KeyFolder(folder / "keys")
        self.escrow = [folder / "escrow"]
        for path in (keys.path, *self.escrow):
            path.mkdir()
        house.epoch_files._keys, house.epoch_files._escrow = keys, self.escrow
        made, now = VaultPrivateKey.generate(), house.clock.now()
        for role, private in ((Role.PAGE, VaultPrivateKey.generate()), (Role.ESCROW, made)):
            public = private.public
            house.register.add_recipient(Recipient(role, role, ALGORITHM, public.id, public.to_bytes(), now))
            keys.recipient_public(role).write_bytes(key_text(Kind.RECIPIENT, public.to_bytes()))
        files, signer = EpochFiles(keys, self.escrow), SigningKey.generate()
        self.epoch = begin_epoch(house.register, files, house.clock, signer).id
        self.document = protect(made, SAID, created_at=to_text(now), cost=CHEAP)


@pytest.fixture
def kept(house: House, tmp_path: Path) -> Kept:
    """It, in a folder of the test's own."""
    return Kept(house, tmp_path)


def attempt(visitor: Visitor, document: bytes, passphrase: str = SAID) -> TestResponse:
    """Hand the escrow key in, as the form does."""
    form = {
        "csrf_token": visitor.token(),
        "passphrase": passphrase,
        "file": (io.BytesIO(document), "key.json"),
    }
    return visitor.client.post("/vault/drill", data=form)


def test_an_escrow_key_that_nobody_tried_is_told(kept: Kept) -> None:
    """The page says that a copy is at hand and was never tried, and how much room is left."""
    page = kept.house.person("admin").get("/vault").text
    assert "never tried" in page and "a copy is missing" not in page
    assert "62 % free" in page and "4 % free" in page
    (kept.escrow[0] / f"epoch-{kept.epoch}.escrow.json").unlink()
    lacking = kept.house.person("admin").get("/vault").text
    assert "a copy is missing" in lacking and kept.epoch in lacking.partition("No whole escrow copy")[2]


def test_the_escrow_key_is_tried_and_nothing_is_changed(kept: Kept) -> None:
    """Each living epoch that it opens is named; nothing changes; the ledger has who did it."""
    admin, house = kept.house.person("admin"), kept.house
    house.keeper.lock(by="admin")
    folders = (*kept.escrow, house.epoch_files._keys.path)
    files = {path: path.read_bytes() for folder in folders for path in folder.iterdir()}
    answer = attempt(admin, kept.document)
    assert answer.status_code == 200
    assert "The escrow key opens:" in answer.text and kept.epoch in answer.text
    assert not house.keeper.unlocked, "the drill is no way around the vault's passphrase"
    assert {path: path.read_bytes() for path in files} == files
    (told,) = house.told("escrow-tried")
    assert (told["user"], told["epochs"], kept.epoch in told["missing"]) == ("admin", [kept.epoch], False)
    assert "tried on" in admin.get("/vault").text


def test_what_the_escrow_key_does_not_open_is_told(kept: Kept) -> None:
    """Without the copies, or by the key of another installation, the epochs are named that would be lost."""
    admin = kept.house.person("admin")
    stranger = protect(VaultPrivateKey.generate(), SAID, created_at="2026-01-01T00:00:00.000000Z", cost=CHEAP)
    for document in (stranger, kept.document):
        answer = attempt(admin, document)
        assert "It does not open" in answer.text and kept.epoch in answer.text
        for file in kept.escrow[0].iterdir():
            file.unlink()


@pytest.mark.parametrize(
    ("document", "passphrase", "status"),
    [
        (b"", SAID, 400),
        (b"{}", SAID, 400),
        (b"\0" * 60_000, SAID, 400),
        (None, "wrong", 400),
        (None, "", 400),
    ],
)
def test_what_is_no_escrow_key_is_refused(
    kept: Kept, document: bytes | None, passphrase: str, status: int
) -> None:
    """Beside its form and in plain words; nothing of what was typed comes back, and no try counts as one."""
    answer = attempt(kept.house.person("admin"), kept.document if document is None else document, passphrase)
    assert answer.status_code == status and 'role="alert"' in answer.text
    assert SAID not in answer.text
    assert kept.house.told("escrow-tried") == []


def test_a_key_file_cannot_take_the_memory_of_calls(kept: Kept) -> None:
    """A file that asks for far more than ours do is refused before a byte of that is taken."""
    fields = json.loads(kept.document)
    del fields["sha256"]
    dear = written({**fields, "kdf": {**fields["kdf"], "memory_kib": 2 * 1024 * 1024}})
    answer = attempt(kept.house.person("admin"), dear)
    assert answer.status_code == 400 and "more memory than is spared" in answer.text


def test_the_escrow_passphrase_is_not_guessed(kept: Kept) -> None:
    """After five wrong ones the right one waits, too, and the ledger has each."""
    admin = kept.house.person("admin")
    for _ in range(5):
        assert attempt(admin, kept.document, "wrong").status_code == 400
    assert attempt(admin, kept.document).status_code == 429
    assert kept.house.told("escrow-try-failed") == 5 * [{"user": "admin"}]
