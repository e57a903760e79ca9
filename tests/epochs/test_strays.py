"""What a kill leaves of the file of a key goes with its epoch, and the drill survives a kill."""

from __future__ import annotations

from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest

from asterisk_gdpr.core.epoch import Role
from asterisk_gdpr.seal.passphrase import protect, unlock
from asterisk_gdpr.service.keys import recovery
from asterisk_gdpr.service.keys.vault_keys import with_epochs
from tests.epochs.stage import Place
from tests.erasure.stage import Fuse, Killed
from tests.fakes.plug import Plug
from tests.fakes.register import MemoryRegister
from tests.token.test_page_key import CHEAP

pytestmark = pytest.mark.thorough

OLD, NEW = "a colour of another horse", "a horse of no colour at all"


def recovered(place: Place, register: object = None) -> None:
    """The drill for the loss of the page's key."""
    escrow = place.private[Role.ESCROW]
    document = protect(escrow, OLD, created_at="2026-11-23T12:00:00.000000Z", cost=CHEAP)
    recovery.recover(
        register or place.register,  # type: ignore[arg-type]  # one with a fuse in it
        place.keys,
        place.files,
        place.clock,
        escrow_document=document,
        escrow_secret=OLD,
        copies=recovery.copies_in(place.escrow),
        new_passphrase=NEW,
        by="test",
        cost=CHEAP,
    )


def test_no_copy_of_a_destroyed_key_is_left_by_a_kill(tmp_path: Path) -> None:
    """What a kill left of writing a living epoch's file goes when that epoch ends."""
    pulled, points, strays = True, 0, 0
    while pulled:
        (tmp_path / str(points)).mkdir()
        place, plug = Place(tmp_path / str(points), MemoryRegister()), Plug(points)
        place.record("1")
        with pytest.MonkeyPatch.context() as patch, suppress(Killed):
            plug.lay(patch)
            recovered(place)
        pulled, points = plug.pulled, points + 1
        strays += any(path.name.startswith(".epoch-") for path in place.folder.rglob("*"))
        recovered(place)
        place.private[Role.PAGE] = unlock(place.keys.recipient(Role.PAGE).read_bytes(), NEW)
        place.process().rotate("admin")

        assert place.register.epochs()[0].destroyed_at
        assert [path for path in place.folder.rglob("*") if place.first.id in path.name] == []
    assert points > 8 and strays


def test_killed_anywhere_in_a_recovery(tmp_path: Path) -> None:
    """Killed at any point of the drill, the escrow key is there still, and another run ends it."""
    for step in count(1):
        (tmp_path / str(step)).mkdir()
        place, fuse = Place(tmp_path / str(step), MemoryRegister()), Fuse(step)
        place.record("1")
        done = False
        with pytest.MonkeyPatch.context() as patch, suppress(Killed):
            fuse.lay_in(patch, recovery, "replace_file", "write_for")
            recovered(place, fuse.lay(place.register))
            done = True
        recovered(place)

        page = unlock(place.keys.recipient(Role.PAGE).read_bytes(), NEW)
        documents = [path.read_bytes() for path in place.keys.path.glob("epoch-*.json")]
        assert place.first.id in with_epochs([page], documents).keys
        pages = [each.key_id for each in place.register.recipients() if each.role is Role.PAGE]
        assert pages == [page.public.id]
        if done:
            break
    assert step > 8
