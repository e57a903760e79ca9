"""What the sealer and the eraser rely on, for the real spool and the fake alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from asterisk_gdpr.adapters.spool import FileSpool
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Legs, Spool
from tests.fakes.spool import MemorySpool

NAME = "r234567abcdefghij"


def _append(path: str, data: bytes) -> None:
    with Path(path).open("ab") as leg:
        leg.write(data)


@dataclass
class Kind:
    """A spool, and what others do to it: Asterisk writes, somebody unlinks."""

    spool: Spool
    write: Callable[[str, bytes], None]
    unlink: Callable[[str], object]

    def grow(self, legs: Legs, left: bytes, right: bytes) -> None:
        self.write(legs.left, left)
        self.write(legs.right, right)


@pytest.fixture(params=["memory", "files"])
def kind(request: pytest.FixtureRequest, tmp_path: Path) -> Kind:
    """Each kind of spool in turn, empty."""
    if request.param == "files":
        return Kind(FileSpool(tmp_path), _append, lambda leg: Path(leg).unlink())
    memory = MemorySpool()
    return Kind(memory, lambda leg, data: memory.legs[leg].extend(data), memory.legs.pop)


def test_fresh_legs_are_empty(kind: Kind) -> None:
    """Legs that were just made hold nothing and are found again."""
    legs = kind.spool.prepare(NAME, 1, 8000)

    assert kind.spool.length(legs) == 0
    assert kind.spool.read(legs, 0, 100) == (b"", b"")
    assert list(kind.spool.find(NAME)) == [(1, legs)]
    assert list(kind.spool.recordings()) == [NAME]


def test_legs_are_never_made_twice(kind: Kind) -> None:
    """Legs that are there already are refused, and left as they are."""
    legs = kind.spool.prepare(NAME, 1, 8000)
    kind.grow(legs, b"left", b"more")
    with pytest.raises(Refused) as refusal:
        kind.spool.prepare(NAME, 1, 8000)

    assert refusal.value.id == "legs-exist"
    assert kind.spool.read(legs, 0, 4) == (b"left", b"more")


def test_half_a_pair_is_not_made(kind: Kind) -> None:
    """When the second leg cannot be made, the first one is not left behind."""
    legs = kind.spool.prepare(NAME, 1, 8000)
    kind.unlink(legs.left)
    with pytest.raises(Refused):
        kind.spool.prepare(NAME, 1, 8000)

    assert kind.spool.length(legs) is None


def test_length_is_that_of_the_shorter_leg(kind: Kind) -> None:
    """The legs are two writes: what only one of them holds is not there yet, but can be read."""
    legs = kind.spool.prepare(NAME, 1, 8000)
    kind.grow(legs, b"12345678", b"123")

    assert kind.spool.length(legs) == 3
    assert kind.spool.read(legs, 2, 4) == (b"3456", b"3")


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_leg_that_is_gone(kind: Kind, side: str) -> None:
    """A leg that is gone has no length, is never read as empty, and its sister is still found."""
    legs = kind.spool.prepare(NAME, 1, 8000)
    kind.grow(legs, b"1234", b"1234")
    kind.unlink(getattr(legs, side))

    assert kind.spool.length(legs) is None
    for act in (lambda: kind.spool.read(legs, 0, 4), lambda: kind.spool.release(legs, 8192)):
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.id == "spool-gone"
    assert list(kind.spool.find(NAME)) == [(1, legs)]


@pytest.mark.parametrize("upto", [0, 1, 4095, 4096, 10_000])
def test_released_is_zeroes(kind: Kind, upto: int) -> None:
    """What was given back reads as zeroes, length and rest stay, and never more goes than was asked."""
    legs = kind.spool.prepare(NAME, 1, 8000)
    kind.grow(legs, b"x" * 10_000, b"y" * 10_000)
    kind.spool.release(legs, upto)
    left, right = kind.spool.read(legs, 0, 10_000)

    gone = upto - upto % 4096
    assert left == bytes(gone) + b"x" * (10_000 - gone)
    assert right == bytes(gone) + b"y" * (10_000 - gone)


def test_notes_are_replaced(kind: Kind) -> None:
    """Notes are the last ones kept, and None before."""
    assert kind.spool.notes(NAME) is None
    kind.spool.keep_notes(NAME, b"one and more")
    kind.spool.keep_notes(NAME, b"two")

    assert kind.spool.notes(NAME) == b"two"
    assert list(kind.spool.recordings()) == [NAME]


@pytest.mark.parametrize("left_over", [("left", "right"), ("left",), ("right",), ()])
def test_removed_is_gone(kind: Kind, left_over: tuple[str, ...]) -> None:
    """Whatever is left of a recording, nothing lies here of it afterwards, and of others everything."""
    other = kind.spool.prepare("rother234567abcde", 1, 8000)
    for stretch in (1, 2):
        legs = kind.spool.prepare(NAME, stretch, 8000)
        for side in {"left", "right"} - set(left_over):
            kind.unlink(getattr(legs, side))
    kind.spool.keep_notes(NAME, b"notes")
    kind.spool.remove(NAME)
    kind.spool.remove(NAME)

    assert list(kind.spool.find(NAME)) == []
    assert kind.spool.notes(NAME) is None
    assert list(kind.spool.recordings()) == ["rother234567abcde"]
    assert kind.spool.length(other) == 0


def test_stretches_are_found_in_order(kind: Kind) -> None:
    """The tenth stretch comes after the second."""
    for stretch in (10, 2, 1):
        kind.spool.prepare(NAME, stretch, 8000)

    assert [stretch for stretch, _ in kind.spool.find(NAME)] == [1, 2, 10]


def test_room(kind: Kind) -> None:
    """The room that is free is a share of the whole."""
    assert 0 <= kind.spool.room() <= 1


def test_legs_that_nobody_writes_are_whole(kind: Kind) -> None:
    """What has been written and closed is whole, and so are legs that are gone."""
    legs = kind.spool.prepare(NAME, 1, 8000)
    kind.grow(legs, b"left", b"more")
    assert kind.spool.is_whole(legs)

    kind.spool.remove(NAME)
    assert kind.spool.is_whole(legs)
