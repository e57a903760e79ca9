"""What whoever brings a closed container somewhere relies on, for each place where it may stay."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from asterisk_gdpr.adapters.vault_bucket import BucketStore
from asterisk_gdpr.adapters.vault_files import FileVault
from asterisk_gdpr.errors import Damaged, Misuse, Unreachable
from asterisk_gdpr.ports import Store
from tests.fakes.store import MemoryStore
from tests.vault.s3 import S3Server

NAME = "r234567abcdefghij"
KINDS = [
    "memory",
    "files",
    *(
        pytest.param(f"{server} {kind}", marks=mark)
        for server, mark in (("moto", pytest.mark.thorough), ("ceph", pytest.mark.slow))
        for kind in ("plain", "versions")
    ),
]


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """Each place in turn, empty: a bucket without versions, and one that keeps them, too."""
    if request.param == "memory":
        return MemoryStore()
    if request.param == "files":
        return FileVault.lay_out(tmp_path)
    name, kind = request.param.split()
    server: S3Server = request.getfixturevalue(name)
    place = server.bucket(f"calls-{secrets.token_hex(4)}", versions=kind == "versions")
    bucket = BucketStore(place, "of/us/", 5)
    bucket.lay_out()
    return bucket


def bring(store: Store, data: bytes, name: str = NAME, *, sha256: bytes | None = None) -> None:
    """Put these bytes, in pieces."""

    def pieces() -> Iterator[bytes]:
        for at in range(0, len(data), 1 << 20):
            yield data[at : at + (1 << 20)]

    store.put(name, pieces, len(data), sha256 or hashlib.sha256(data).digest())


@pytest.mark.parametrize("length", [1, 300_000, 9_000_000])
def test_what_is_brought_is_there_whole(store: Store, length: int) -> None:
    """Small or in many parts, every byte of it is read back."""
    data = (secrets.token_bytes(1000) * 9000)[:length]
    bring(store, data)

    assert store.size(NAME) == length
    assert store.read(NAME, 0, length + 10) == data
    assert store.read(NAME, length // 2, 7) == data[length // 2 :][:7]
    assert list(store.names()) == [NAME]


def test_bringing_it_again_changes_nothing(store: Store) -> None:
    """Whoever was killed after it was brought brings it again, and finds it there."""
    bring(store, b"the same")
    bring(store, b"the same")

    assert store.read(NAME, 0, 100) == b"the same"


def test_a_name_is_used_once(store: Store) -> None:
    """Other bytes never take the place of what bears the name already."""
    bring(store, b"the first")
    with pytest.raises(Damaged) as damage:
        bring(store, b"the second")

    assert damage.value.id == "container-exists"
    assert store.read(NAME, 0, 100) == b"the first"


def test_what_arrives_otherwise_is_found_out(store: Store) -> None:
    """What is read back is compared with what was to be brought."""
    with pytest.raises(Damaged):
        bring(store, b"torn on its way", sha256=hashlib.sha256(b"as it was").digest())


def test_deleting_leaves_nothing(store: Store) -> None:
    """A deleted container is nowhere, the others stay, and deleting it again is no error."""
    bring(store, b"one")
    bring(store, b"other", "r234567zzzzzzzzzz")
    store.delete(NAME)
    store.delete(NAME)

    assert store.size(NAME) is None
    assert list(store.names()) == ["r234567zzzzzzzzzz"]
    with pytest.raises(Unreachable):
        store.read(NAME, 0, 1)


def test_a_place_is_known_by_its_mark(store: Store) -> None:
    """What tells it from another stays the same, whatever is brought to it and taken away."""
    mark = store.mark()
    bring(store, b"one")
    store.delete(NAME)

    assert mark and store.mark() == mark


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "r23/4567abcd", "R234567ABCDE", "r2 45678"])
def test_a_name_is_an_id(store: Store, name: str) -> None:
    """A name with anything but small letters and digits in it is never asked for."""
    acts: list[Callable[[], object]] = [
        lambda: bring(store, b"x", name),
        lambda: store.size(name),
        lambda: store.read(name, 0, 1),
        lambda: store.delete(name),
    ]
    for act in acts:
        with pytest.raises(Misuse):
            act()
